"""Who sees a secret project in full; everybody else of its place sees that it is there, under its code name.

A project whose 密级 is 保密 is seen in full by its 责任人, by whoever entered or submitted it, and in the park that
keeps it by the 科室负责人 (who verify) and the 园区领导. Everybody else who sees the row at all (colleagues, a park
that holds a share, the city) gets its code name instead of the name, its stage, days and amounts, because figures count
them and a list must agree with its figure; no investor, company, contact, content, progress, talk, paper or attachment.

`visible_to(user)` of projects, arrived money, talks and entries of group starts hands out rows that are veiled
accordingly, so that pages, REST and exports follow without asking. Rows that are read as `values()` are not veiled:
there, and wherever somebody could ask by what is hidden, take `open_to(user)`. Search and exports leave secret projects
out unless they are asked for (`with_secret=true`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.query import ModelIterable
from django.utils.translation import gettext as _

from parkportal.models import User
from parkportal.roles import May, Role

Reader = User | AnonymousUser | None
M = TypeVar("M", bound=models.Model)

SECRET: Final = "secret"  # noqa: S105
HIDDEN: Final[Mapping[str, Mapping[str, Any]]] = {
    "projects.Project": {
        **dict.fromkeys(("investor", "company", "parent")),
        **dict.fromkeys(("site", "content", "progress", "problem", "next_step", "note", "return_reason"), ""),
        **dict.fromkeys(("order_warning_reason", "industry_code", "search_text"), ""),
        **{"return_reasons": {}, "custom": {}, "tags": []},
    },
    "projects.FundArrival": {"proof": ""},
    "projects.Engagement": {"enterprise": None, "place": "", "summary": ""},
    "projects.GroupStartEntry": {},
}
"""What a veil takes from a row: column → what stands there instead."""
PAPERS: Final[Mapping[str, tuple[str, ...]]] = {
    "projects.Project": (
        *("contracts", "notes", "stage_changes", "recognitions", "reviews", "pending_changes", "likenesses"),
        *("engagements", "fund_arrivals", "children"),
    ),
    "projects.Engagement": ("participants",),
}
"""What hangs on a row and is not read through a veiled one."""


RULED_BY: Final = ("confidentiality", "code", "code_name", "park", "owner", "created_by", "submitted_by")
"""Columns of a project that the rule looks at."""


def sees_in_full(user: Reader, project: Any) -> bool:
    """Whether this person may see everything of a project that they see at all; nobody in particular may not."""
    if project.confidentiality != SECRET:
        return True
    if not isinstance(user, User):
        return False
    if user.pk in {project.owner_id, project.created_by_id, project.submitted_by_id}:
        return True
    return user.park_id == project.park_id and _answers_for_park(user)


def seen_in_full(user: Reader) -> Q:
    """The same rule as a condition on projects."""
    if not isinstance(user, User):
        return ~Q(confidentiality=SECRET)
    park = Q(park=user.park_id) if _answers_for_park(user) else Q(pk__in=())
    return ~Q(confidentiality=SECRET) | own_rows(user) | park


def own_rows(user: User) -> Q:
    """The projects that somebody is 责任人 of, entered or submitted."""
    return Q(owner=user.pk) | Q(created_by=user.pk) | Q(submitted_by=user.pk)


def sight_of(user: User, projects: models.QuerySet[Any]) -> tuple[int, int]:
    """What decides which secret `projects` a person sees in full: those of the same sight see the same."""
    has_own = projects.filter(own_rows(user), confidentiality=SECRET).exists()
    return (user.park_id or 0) if _answers_for_park(user) else 0, user.pk if has_own else 0


def _answers_for_park(user: User) -> bool:
    return user.park_id is not None and (user.may(May.VERIFY) or user.role == Role.LEADER)


def veil(row: M, user: Reader) -> M:
    """The row as this person may see it: what is hidden is taken from it in place; it must not be saved afterwards."""
    kept: Any = row
    if (parent := kept._state.fields_cache.get("parent")) is not None:
        veil(parent, user)
    project = kept if hasattr(kept, "confidentiality") else kept.project
    if project is None or kept.veiled or (not project.veiled and sees_in_full(user, project)):
        return row
    for one in {id(part): part for part in (project, kept)}.values():
        _hide(one)
    return row


def _hide(row: Any) -> None:
    if row.veiled:
        return
    row.veiled, label = True, row._meta.label
    for name, empty in HIDDEN[label].items():
        setattr(row, name, type(empty)() if isinstance(empty, dict | list) else empty)
    for name in PAPERS.get(label, ()):
        row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = getattr(row, name).none()
    if hasattr(row, "code_name"):
        row.name = row.code_name or _("保密项目%(code)s") % {"code": row.code}
    elif hasattr(row, "title"):
        row.title = _("%(project)s的洽谈") % {"project": row.project.name}


class VeiledRows(ModelIterable):  # type: ignore[type-arg]
    """Rows as the reader of their queryset may see them."""

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            yield veil(row, self.queryset._reader)  # type: ignore[attr-defined]


class VeiledQuerySet(models.QuerySet[M]):
    """Rows of which some are secret: `read_by` says for whom they are read."""

    _reader: Reader = None

    def read_by(self, user: Reader) -> Self:
        """The same rows, veiled where this person may not see them in full."""
        rows = self.all()
        rows._reader, rows._iterable_class = user, VeiledRows
        return rows

    def only(self, *fields: str) -> Self:
        """Fewer columns, but always those by which the rule decides, so that no row is asked for them again."""
        asked = RULED_BY if self.model._meta.label == "projects.Project" else ()
        return super().only(*fields, *asked)

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._reader = self._reader
        return clone
