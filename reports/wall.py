"""大屏: the screens of one park, and the links that open them without logging in.

A wall says what is compiled, and of projects never a secret one. To visitors it shows results only: neither lamps,
ranks, problems, talks nor persons, and of projects those that are open to everybody. A link shows what the wall of its
edition shows, without the persons.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor
from parkportal.writing import write_date, write_money_with_unit
from projects.models import Project
from reports.chains import INVESTED, LISTED, by_chain
from reports.models import Scorecard, WallLink, WallText
from reports.models.wall import Edition
from reports.overview import Overview, Readable, overview_of, parts, trend, work
from reports.rows import Row, share_of
from reports.words import TOTALS

SIGNER: Final = signing.Signer(salt="reports.wall")
LONGEST: Final = timedelta(days=366)
LINES: Final = 6
"""So many lines of 园区名片 and of services have room."""
Level = Project.Confidentiality
LEVELS: Final = {Edition.WORKING: (Level.OPEN, Level.INTERNAL), Edition.RECEPTION: (Level.OPEN,)}
"""Which projects an edition may name; no wall names a secret one."""
RESULTS: Final = ("projects_100m", "fortune_global_500_projects", *TOTALS)
"""What visitors see first."""


class Refused(Exception):
    """A link that opens nothing; the message says why and what to do."""


def newest_card(park: Park) -> Scorecard | None:
    """The last scorecard of a park."""
    return Scorecard.objects.current().filter(park=park).select_related("park__region").order_by("-period").first()


def wall_of(park: Park, edition: str, *, persons: bool) -> dict[str, Any]:
    """Everything on the screens of an edition; `scorecard` is None where nothing is compiled yet."""
    card = newest_card(park)
    context = {"park": park, "edition": edition, "edition_name": Edition(edition).label, "scorecard": card}
    if card is None:
        return context | {"screens": []}
    overview = overview_of(card)
    readable = Readable.on_wall(park, LEVELS[Edition(edition)])
    shown = {"period": overview.period, "title": overview.period.in_words("full")}
    if edition == Edition.RECEPTION:
        return context | shown | _reception(overview, readable)
    return context | shown | _working(overview, readable, persons=persons)


def _working(overview: Overview, readable: Readable, *, persons: bool) -> dict[str, Any]:
    """The screens for those who work: targets, places, forecast, matters."""
    drawn = trend.trend(overview, readable.all)
    return overview.results() | {
        "trend": drawn | {"points": _unlinked(drawn["points"])} if drawn else {},
        "funnel": parts.funnel(overview),
        "matters": work.matters(overview, readable.in_full),
        "waiting": work.waiting(overview, readable.all),
        "prospects": trend.prospects(overview, readable.all),
        "majors": work.majors(overview, readable.all),
        "persons": persons,
        "chains": _chains(overview, INVESTED),
        "screens": [_("考核指标"), _("调度事项"), _("项目和监测指标")],
    }


def _reception(overview: Overview, readable: Readable) -> dict[str, Any]:
    """The screens for visitors: results without comparison, and what is open to everybody; nothing is shown as 0."""
    by_code = {row.indicator.code: row for row in overview.rows if row.line.actual}
    text = WallText.objects.filter(park=overview.park, deleted_at__isnull=True).first()
    drawn = [row for row in trend.drawn(overview) if row.line.actual]
    return {
        "results": [_result(by_code[code]) for code in RESULTS if code in by_code],
        "others": [_result(row) for code, row in by_code.items() if code not in RESULTS],
        "points": _unlinked(trend.points_of(overview, drawn[0])) if drawn else [],
        "drawn": _result(drawn[0]) if drawn else {},
        "showcase": _showcase(overview, readable),
        "chains": _chains(overview, LISTED if _hides_projects(overview.park) else INVESTED),
        "honours": _lines(text.honours) if text else [],
        "services": _lines(text.services) if text else [],
        "screens": [_("主要成果"), _("重点项目和园区名片")],
    }


def _hides_projects(park: Park) -> bool:
    """Whether it has a secret project, which is perhaps alone in its chain: the chain's money would be its own."""
    return Project.objects.filter(park=park, confidentiality=Level.SECRET).exists()


def _chains(overview: Overview, figure: str) -> dict[str, Any]:
    """The chains by their investment with the count beside it, or by their count alone."""
    invested = figure == INVESTED
    rows = sorted(by_chain(overview.lines), key=lambda row: -row.amount(figure))
    return {
        "measure": _("签约项目总投资，亿元") if invested else _("签约项目，个"),
        "rows": [
            {
                "name": row.name,
                "share": share_of(row.amount(figure), rows[0].amount(figure)),
                "text": row.text(figure),
                "note": _("%(n)s个") % {"n": row.text(LISTED)} if invested else "",
            }
            for row in rows
        ],
    }


def _unlinked(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The months without the lists behind them: nobody clicks on a wall."""
    return [point | {"url": ""} for point in points]


def _result(row: Row) -> dict[str, Any]:
    """A figure alone: no target, completion, lamp or place goes along."""
    return {"label": row.indicator.brief, "value": row.actual, "unit": row.unit, "sample": row.is_sample}


def _showcase(overview: Overview, readable: Readable) -> list[dict[str, Any]]:
    """Open projects that are signed: Fortune 500 first, then the largest; facts of the ledger, no typed text."""
    found = readable.all.counted(overview.period.end).filter(
        contract_type=Project.ContractType.FORMAL, signed_on__lte=overview.period.end
    )
    order = ("-fortune_global_500", F("total_investment").desc(nulls_last=True), "code")
    return [
        {
            "name": project.name,
            "fortune": project.fortune_global_500,
            "amount": write_money_with_unit(project.total_investment) if project.total_investment else "",
            "when": write_date(project.signed_on, project.signed_on_precision, style="text"),
            "stage": project.get_stage_display(),
        }
        for project in found.order_by(*order)[:LINES]
    ]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:LINES]


def token_of(link: WallLink) -> str:
    """What stands in the address of a link: its code, sealed with the key of this portal."""
    return SIGNER.sign(link.code)


def link_of(token: str, today: date) -> WallLink:
    """The link of an address; Refused for a forged, unknown, ended or withdrawn one."""
    try:
        code = SIGNER.unsign(token)
    except signing.BadSignature as error:
        raise Refused(_("这个大屏链接不对，可能没有复制完整。")) from error
    link = WallLink.objects.filter(code=code).select_related("park__region").first()
    if link is None or link.deleted_at is not None:
        raise Refused(_("这个大屏链接已停用。"))
    if not link.is_open(today):
        raise Refused(_("这个大屏链接的有效期到%(day)s，已过期。") % {"day": write_date(link.expires_on)})
    return link


def wall_link_make(*, by: Actor, park: Park, edition: str, place: str, expires_on: date) -> WallLink:
    """Open a wall to a screen until a day, at most a year ahead; ValidationError for any other day."""
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST:
        last = write_date(today + LONGEST)
        raise ValidationError({"expires_on": _("有效期应在今天至%(last)s之间。") % {"last": last}})
    link = WallLink(park=park, edition=edition, place=place, expires_on=expires_on)
    with trace.changes(by=by) as ledger:
        link.code = trace.next_code(park, "w", today.year)
        return ledger.create(link)


def wall_link_withdraw(*, by: Actor, link: WallLink, version: int | None = None) -> WallLink:
    """Take a link back; screens that use it are refused from now on. StaleVersion for who read an older row."""
    with trace.changes(by=by) as ledger:
        ledger.withdraw(link, version)
    return link


def wall_text_set(*, by: Actor, park: Park, values: Mapping[str, str], version: int | None = None) -> WallText:
    """Keep what a park says of itself on the reception wall. StaleVersion where somebody saved meanwhile."""
    text = WallText.objects.filter(park=park).first()
    with trace.changes(by=by) as ledger:
        if text is None:
            return ledger.create(WallText(park=park, **values))
        ledger.update(text, values, version or 0)
    return text
