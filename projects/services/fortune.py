"""Which projects count as those of a Fortune Global 500 company: stored, and derived anew when its grounds change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from enterprises.models import Enterprise, Group, RankingEntry, RankingList
from parkportal.models import User
from parkportal.roles import May
from parkportal.trace import Ledger
from projects.models import Project
from projects.services.search import search_refresh


@dataclass(frozen=True)
class Rankings:
    """The published lists, newest first, as (day of publication, ids of the listed groups)."""

    lists: tuple[tuple[date, frozenset[int]], ...]

    @classmethod
    def load(cls) -> "Rankings":
        """All Fortune Global 500 lists, in two queries."""
        entries = Prefetch("entries", RankingEntry.objects.only("list_id", "group_id"))
        found = RankingList.objects.filter(kind=RankingList.Kind.FORTUNE_GLOBAL_500).prefetch_related(entries)
        newest = found.order_by("-published_on", "-year")
        return cls(tuple((row.published_on, frozenset(e.group_id for e in row.entries.all())) for row in newest))

    def hold(self, group: Group | None, signed_on: date | None) -> bool:
        """Whether the group or a controlling ancestor is on the newest list that was out on the day of signing.

        Without a day of signing the newest list of all decides; before the first list nobody is on one.
        """
        if group is None:
            return False
        known = (ids for published_on, ids in self.lists if signed_on is None or published_on <= signed_on)
        listed = next(known, frozenset())
        return any(ancestor.pk in listed for ancestor in group.lineage())


def is_fortune_global_500(project: Project, rankings: Rankings | None = None) -> bool:
    """Whether the investor of a project is a Fortune Global 500 company in the sense of definition 2."""
    group = project.investor.group if project.investor else None
    return group is not None and (rankings or Rankings.load()).hold(group, project.signed_on)


def fortune_global_500_rederive(*, ledger: Ledger, projects: Iterable[Project]) -> int:
    """Write the fact anew for these projects; returns how many changed."""
    rankings = Rankings.load()
    right = ((project, is_fortune_global_500(project, rankings)) for project in projects)
    return sum(bool(ledger.update(project, {"fortune_global_500": fact})) for project, fact in right)


def projects_rederive_for_enterprise(*, ledger: Ledger, enterprise: Enterprise, changed: Collection[str]) -> int:
    """Derive anew what projects take from an enterprise: its group's place and its name in their search text.

    `changed` names its columns that were written. ValidationError as in `refuse_unreviewed`.
    """
    refuse_unreviewed(ledger=ledger, enterprise=enterprise)
    if "above_scale_on" in changed:
        _refuse_scale_unreviewed(ledger.by.user, enterprise)
    projects = list(Project.objects.filter(investor=enterprise).select_related("investor__group"))
    for project in projects:
        search_refresh(project)
    return fortune_global_500_rederive(ledger=ledger, projects=projects)


def refuse_unreviewed(*, ledger: Ledger, enterprise: Enterprise) -> None:
    """ValidationError where somebody who may not verify gave a group by which verified projects count otherwise.

    One group moves the marks of several projects, so that the change cannot wait in one of them.
    """
    user = ledger.by.user
    if user is None or user.may(May.VERIFY):
        return
    counted = Project.objects.kept().filter(investor=enterprise, review_state=Project.ReviewState.VERIFIED)
    rankings = Rankings.load()
    moved = sum(
        is_fortune_global_500(one, rankings) != one.fortune_global_500
        for one in counted.select_related("investor__group")
    )
    if moved:
        sentence = _("所属集团关系到%(count)s个已审核的项目是否计入世界500强项目，请科室负责人到企业页面填写。")
        raise ValidationError({"group": [sentence % {"count": moved}]})


def _refuse_scale_unreviewed(user: User | None, enterprise: Enterprise) -> None:
    """ValidationError where somebody who may not verify moves the day by which a verified project's company counts."""
    if user is None or user.may(May.VERIFY):
        return
    state = Project.ReviewState.VERIFIED
    counted = Project.objects.kept().filter(company=enterprise, review_state=state).count()
    if counted:
        sentence = _("升规时间关系到%(count)s个已审核的项目是否计入新增投产并升规企业数，请科室负责人到企业页面填写。")
        raise ValidationError({"above_scale_on": [sentence % {"count": counted}]})


def projects_rederive_for_group(*, ledger: Ledger, group: Group) -> int:
    """Derive anew for the investors of a group and of those that it controls; call when a group's owner changes."""
    below = [one for one in Group.objects.select_related("parent") if group in one.lineage()]
    projects = Project.objects.filter(investor__group__in=below).select_related("investor__group")
    return fortune_global_500_rederive(ledger=ledger, projects=projects)


def projects_rederive_for_lists(*, ledger: Ledger) -> int:
    """Derive anew for every investor that belongs to a group; call when a list or its entries change."""
    projects = Project.objects.filter(investor__group__isnull=False).select_related("investor__group")
    return fortune_global_500_rederive(ledger=ledger, projects=projects)
