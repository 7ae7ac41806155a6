"""Files beside projects, arrived money and talks: who may read, add and withdraw them."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from parkportal import files, gate, trace
from parkportal.models import Attachment, Park, User
from parkportal.trace import Actor, Diff
from projects.models import Engagement, FundArrival, Project
from projects.services.rights import demand_entry, demand_seen

MOST: Final = 50
"""Files beside one row."""
HOLDERS: Final[Mapping[str, type[models.Model]]] = {
    "project": Project,
    "fund-arrival": FundArrival,
    "engagement": Engagement,
}
"""What people put files beside, by the name in the address."""


def holder(kind: str, code: str, user: User) -> Any:
    """The row of that kind and code, if this person sees it in full; else None."""
    model = HOLDERS.get(kind)
    return None if model is None else _seen(model, code, user)


def holder_of(attachment: Attachment, user: User) -> Any:
    """The row that a file lies beside, if this person sees it in full; else None, and then they get no file."""
    model = import_string(attachment.object_type.replace(".", ".models.", 1))
    return _seen(model, attachment.object_code, user)


def _seen(model: Any, code: str, user: User) -> Any:
    row = model._default_manager.visible_to(user).filter(code=code).first()
    return None if row is None or getattr(row, "veiled", False) else row


def park_of(row: models.Model) -> Park:
    """The park that keeps a row; a row of none has no files."""
    park = trace.park_of(row)
    if park is None:
        raise ValueError(f"{row!r} belongs to no park")
    return park


def attachment_add(*, by: Actor, row: models.Model, name: str, data: bytes, title: str = "") -> Attachment:
    """Put a file beside a row; ValidationError with a sentence for one that the gate refuses or that is there."""
    demand_entry(by, park_of(row))
    demand_seen(by, _project(row))
    try:
        admitted = gate.admit(name, data)
    except gate.Refused as refused:
        raise ValidationError(str(refused)) from refused
    present = Attachment.objects.kept().of(row)
    if present.filter(digest=hashlib.sha256(data).hexdigest()).exists():
        raise ValidationError(_("“%(name)s”已经上传过，没有再存一份。") % {"name": admitted.name})
    if present.count() >= MOST:
        raise ValidationError(_("附件已有%(most)s份，请先撤回用不到的。") % {"most": MOST})
    with trace.changes(by=by) as ledger:
        return files.attach(
            ledger, row, name=admitted.name, data=data, content_type=admitted.content_type, title=title.strip()[:100]
        )


def attachment_withdraw(*, by: Actor, attachment: Attachment, version: int) -> Diff:
    """Put a file into the bin: it is handed out no longer, and stays in the trace. StaleVersion when too late."""
    demand_entry(by, attachment.park)
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(attachment, version)


def _project(row: Any) -> Project | None:
    """The project whose confidentiality covers a row; none for a talk without one."""
    return row if isinstance(row, Project) else row.project
