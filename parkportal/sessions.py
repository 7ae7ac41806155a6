"""The sessions of a person: at most a few at once, and all of them can be ended."""

import time
from importlib import import_module
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from parkportal.models import User

TOLD: Final = "told_of_secrecy"
"""Under this name a session keeps the day on which its person confirmed the notice of confidentiality."""
store = import_module(settings.SESSION_ENGINE).SessionStore


def begin(session: SessionBase) -> None:
    """Note when the person logged in, from which idle time and age are counted."""
    session["began"] = session["seen"] = int(time.time())


def remember(user: User, key: str) -> None:
    """Note a new session; the oldest ones beyond the allowed number end."""
    known = [*(k for k in user.session_keys if k != key), key]
    for old in known[: -settings.SESSIONS_PER_USER]:
        store(old).delete()
    user.session_keys = known[-settings.SESSIONS_PER_USER :]
    user.save(update_fields=["session_keys"])


def end_all(user: User) -> None:
    """End every session of a person at once, such as after a new password or when the account is closed."""
    for key in user.session_keys:
        store(key).delete()
    user.session_keys = []
    user.save(update_fields=["session_keys"])
