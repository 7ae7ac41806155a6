"""Projects that may be the same one: found by credit code, name and amount, and what people decided about them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises import uscc as credit_code
from parkportal import trace
from parkportal.models import Park, User
from parkportal.trace import Actor
from projects.models import Likeness, Project
from projects.models.secrecy import veil
from projects.services.projects import project_recall, project_update, project_withdraw
from projects.services.rights import Act, demand_entry, possible

SAME_NAME: Final = 0.7
"""Names that share so many pairs of letters are alike by themselves."""
NEAR_NAME: Final = 0.45
"""Names that share so many are alike when the amount fits too."""
CLOSE: Final = 20
"""Amounts differ by at most one in so many, which is 5 %."""
MOST: Final = 3
FILLERS: Final = str.maketrans("", "", "() （）“”·-—项目建设工程示例一二三四五六七八九十期")
FIRMS: Final = ("股份有限公司", "有限责任公司", "有限公司", "集团", "公司")
Decision = Likeness.Decision


@dataclass(frozen=True)
class Alike:
    """A project that may be the same one, how sure that is (0 to 1), and why, in words."""

    project: Project
    likeness: float
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        words = {"project": self.project.name, "code": self.project.code, "why": "、".join(self.reasons)}
        return _("%(project)s（%(code)s，%(why)s）") % words


def find(
    *,
    park: Park,
    name: str,
    uscc: str = "",
    total: int | None = None,
    but: Project | None = None,
    user: User | None = None,
    without: Collection[int] = (),
) -> list[Alike]:
    """Projects of the park that may be the one described, likest first, at most three.

    `uscc` is the credit code of its investor or project company, `total` its total investment in yuan. Secret projects
    come under their code names unless `user` may see them in full; `but` and the keys in `without` are left out.
    """
    rows = Project.objects.kept().filter(park=park).exclude(pk__in=[*without, *([but.pk] if but else [])])
    slim = rows.only("name", "stage", "total_investment", "investor__uscc", "company__uscc")
    code = credit_code.normalise(uscc)
    scored = [_compare(name, code, total, row) for row in slim.select_related("investor", "company")]
    found = sorted((one for one in scored if one), key=lambda one: (-one.likeness, one.project.code))[:MOST]
    for one in found:
        veil(one.project, user)
    return found


def _compare(name: str, code: str, total: int | None, row: Project) -> Alike | None:
    """How the described project is like a known one; None where it is not."""
    by_name, known = name_likeness(name, row.name), {p.uscc for p in (row.investor, row.company) if p and p.uscc}
    same_code, amounts = bool(code) and code in known, _amounts(total, row.total_investment)
    if not (by_name >= SAME_NAME or (by_name >= NEAR_NAME and amounts) or (same_code and amounts is not False)):
        return None
    reasons = (
        (same_code, _("信用代码相同")),
        (by_name >= NEAR_NAME, _("名称相近")),
        (amounts, _("总投资相差不到5%")),
    )
    likeness = max(by_name, 0.9 if same_code else 0.0)
    return Alike(row, min(1.0, likeness + (0.1 if amounts else 0.0)), tuple(why for holds, why in reasons if holds))


def _amounts(one: int | None, other: int | None) -> bool | None:
    """Whether two amounts differ by at most 5 % of the larger; None where one is unknown."""
    if one is None or other is None:
        return None
    return abs(one - other) * CLOSE <= max(one, other)


def name_likeness(one: str, other: str) -> float:
    """How many pairs of neighbouring letters two names share, from 0 to 1 (Dice), without what every name has."""
    pairs = [_pairs(_normal(name) or name) for name in (one, other)]
    return 2 * len(pairs[0] & pairs[1]) / (len(pairs[0]) + len(pairs[1]) or 1)


def _normal(name: str) -> str:
    for word in FIRMS:
        name = name.replace(word, "")
    return name.translate(FILLERS).lower()


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(max(len(text) - 1, 1))}


def undecided(project: Project, user: User | None = None) -> list[Alike]:
    """Projects like a stored one about which nobody has decided yet."""
    both = Likeness.objects.filter(Q(project=project) | Q(other=project)).values_list("project", "other")
    known = {pk for pair in both for pk in pair}
    parties = (project.company, project.investor)
    code = next((party.uscc for party in parties if party and party.uscc), "")
    return find(
        park=project.park,
        name=project.name,
        uscc=code,
        total=project.total_investment,
        but=project,
        user=user,
        without=known,
    )


def likeness_decide(
    *, by: Actor, project: Project, other: Project, decision: str, reason: str = "", version: int | None = None
) -> Likeness:
    """Keep what was decided about a pair, and do what follows from it.

    同一项目 puts the first one into the bin; 增资扩产 and 分期建设 make it a part of the other where it may be edited.
    A later decision on the same pair replaces the earlier one. ValidationError for a pair of two parks.
    """
    demand_entry(by, project.park)
    if other.park_id != project.park_id or other.pk == project.pk:
        raise ValidationError({"decision": _("只能和本园区的另一个项目比较。")})
    if decision not in Decision.values:
        raise ValidationError({"decision": _("请选择是不是同一项目。")})
    with transaction.atomic():
        kept = _keep(by, project, other, decision, reason)
        _follow(by, project, other, decision, version)
    return kept


def _keep(by: Actor, project: Project, other: Project, decision: str, reason: str) -> Likeness:
    """Write the decision down, over an earlier one on the same pair."""
    with trace.changes(by=by) as ledger:
        values = {"decision": decision, "reason": reason.strip()[:300], "at": ledger.at, "by": by.user}
        kept = Likeness.objects.filter(Q(project=project, other=other) | Q(project=other, other=project)).first()
        if kept is None:
            kept = ledger.create(Likeness(project=project, other=other, **values))
        else:
            ledger.update(kept, values)
    return kept


def _follow(by: Actor, project: Project, other: Project, decision: str, version: int | None) -> None:
    """What a decision brings about: the withdrawal of a double, or the tie of an expansion or phase to its parent."""
    if decision == Decision.SAME:
        if project.review_state == Project.ReviewState.SUBMITTED:
            project, version = project_recall(by=by, project=project, version=version), None
        project_withdraw(by=by, project=project, version=version)
    elif decision in {Decision.EXPANSION, Decision.PHASE} and by.user and possible(by.user, project, Act.COUNT):
        project_update(by=by, project=project, values={"kind": decision, "parent": other}, version=version)


def decided(project: Project, user: User | None) -> list[dict[str, str]]:
    """What was decided about a project and others: their names as this person may read them, codes, and decisions."""
    pairs = Likeness.objects.filter(Q(project=project) | Q(other=project)).select_related("project", "other", "by")
    found = []
    for pair in pairs.order_by("id"):
        other = veil(pair.other if pair.project_id == project.pk else pair.project, user)
        known = {"name": other.name, "code": other.code, "decision": pair.get_decision_display()}
        found.append(known | {"reason": "" if project.veiled else pair.reason, "by": str(pair.by or _("系统"))})
    return found
