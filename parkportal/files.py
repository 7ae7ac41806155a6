"""Uploaded and made files: kept under generated names, outside of what a web server hands out."""

import hashlib
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models

from parkportal import trace
from parkportal.models import Attachment

DOWNLOAD = "application/octet-stream"


def keep(data: bytes) -> str:
    """Store bytes and return the generated name under which they lie.

    A transaction that does not commit leaves bytes that nothing names, never a name without bytes.
    """
    digits = secrets.token_hex(20)
    return default_storage.save(f"{digits[:2]}/{digits}", ContentFile(data))


def digest(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(stored_name: str) -> bytes:
    """The bytes under a name; FileNotFoundError where somebody took them away."""
    with default_storage.open(stored_name) as file:
        return bytes(file.read())


def attach(
    ledger: trace.Ledger, row: models.Model, *, name: str, data: bytes, content_type: str = DOWNLOAD, title: str = ""
) -> Attachment:
    """Keep a file that was let through the gate beside a row with a code and a park, in the row's own trace."""
    park = trace.park_of(row)
    if park is None:
        raise ValueError(f"{row!r} belongs to no park")
    return ledger.create(
        Attachment(
            code=trace.next_code(park, "a", ledger.at.year),
            park=park,
            object_type=row._meta.label,
            object_code=trace.code_of(row),
            title=title,
            name=name[:255],
            stored_name=keep(data),
            content_type=content_type,
            size=len(data),
            digest=digest(data),
        )
    )
