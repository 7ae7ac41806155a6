"""The smallest valid row of each kind: `make_<model>(**fields)`; what a test does not name is made up."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from openpyxl import Workbook

from enterprises.models import Chain, ChainNode, Enterprise, Group, ListingStep, RankingEntry, RankingList
from parkportal import files
from parkportal.models import ApiToken, Attachment, Park, Region, User
from parkportal.roles import Role
from projects.models import Engagement, FundArrival, GroupStart, GroupStartEntry, Participant, Project, ProjectShare
from reports.models import (
    AssessmentRule,
    BlankForm,
    Delivery,
    FilledForm,
    Indicator,
    LongTermGoal,
    Matter,
    Publication,
    Reconciliation,
    ReconciliationRow,
    ReportedFigure,
    Scorecard,
    Target,
    TargetPart,
    WallLink,
    Webhook,
)

PASSWORD = "sample-password-1"
YI = 100_000_000
F100 = "category=industry&contract_type=formal&kind=new&total_investment_min=100000000"
WHOLE = 10_000
"""A whole project in basis points."""

_numbers = count(10_001)
"""Of five digits all through, so that the order of texts is the order of making."""


def number() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def make_region(**fields: Any) -> Region:
    """A city that has neither cut-off day nor recognition."""
    n = number()
    return Region.objects.create(**{"code": f"43{n:06d}", "name": f"区域{n}"} | fields)


def make_park(**fields: Any) -> Park:
    """A park in a region of its own."""
    n = number()
    if "region" not in fields:
        fields["region"] = make_region()
    return Park.objects.create(**{"code": f"park-{n}", "name": f"园区{n}"} | fields)


def make_user(role: str = Role.CLERK, **fields: Any) -> User:
    """An active person with the password PASSWORD; without park and region, a park user gets a park of their own."""
    n = number()
    if not fields.keys() & {"park", "region"} and role != Role.ADMIN:
        place = {"region": make_region()} if role in {Role.STATISTICIAN, Role.CITY} else {"park": make_park()}
        fields |= place
    values = {"username": f"user-{n}", "name": f"人员{n}"} | fields
    return User.objects.create_user(password=PASSWORD, role=role, **values)


def make_token(user: User | None = None, **fields: Any) -> tuple[ApiToken, str]:
    """A token that is valid for a day, read-only unless said otherwise, and its secret."""
    values = {"name": "测试", "expires_at": datetime.now(UTC) + timedelta(days=1)} | fields
    return ApiToken.issue(user=user or make_user(), **values)


def make_chain(**fields: Any) -> Chain:
    """A chain of a region of its own."""
    n = number()
    if "region" not in fields:
        fields["region"] = make_region()
    return Chain.objects.create(**{"code": f"chain-{n}", "name": f"产业链{n}"} | fields)


def make_chain_node(**fields: Any) -> ChainNode:
    """One link of a chain."""
    n = number()
    if "chain" not in fields:
        fields["chain"] = make_chain()
    return ChainNode.objects.create(**{"code": f"node-{n}", "name": f"环节{n}"} | fields)


def make_group(**fields: Any) -> Group:
    """A group that nobody owns."""
    n = number()
    return Group.objects.create(**{"code": f"group-{n}", "name": f"集团{n}"} | fields)


def make_ranking_list(*groups: Group, **fields: Any) -> RankingList:
    """The Fortune Global 500 list of July 2019, on which the groups have places from 1 on."""
    values = {"kind": RankingList.Kind.FORTUNE_GLOBAL_500, "year": 2019, "published_on": date(2019, 7, 1)} | fields
    ranking = RankingList.objects.create(**values)
    RankingEntry.objects.bulk_create(
        RankingEntry(list=ranking, group=group, rank=rank) for rank, group in enumerate(groups, 1)
    )
    return ranking


def make_enterprise(**fields: Any) -> Enterprise:
    """A company without a credit code, in a park of its own."""
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    values = {"code": f"{fields['park'].code}-e2019-{n:03d}", "name": f"企业{n}"} | fields
    return Enterprise.objects.create(**{"search_text": values["name"]} | values)


def make_project(*, shares: list[tuple[Park, int]] | None = None, **fields: Any) -> Project:
    """A project that counts: new, industrial, formal, verified, 2亿元, signed on 2020-05-10, wholly of its park.

    `shares` are the parks' parts in basis points, for number and amount alike; an empty list makes none.
    """
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    if "investor" not in fields:
        fields["investor"] = make_enterprise(park=fields["park"])
    values = {
        "code": f"{fields['park'].code}-2020-{n:03d}",
        "name": f"项目{n}",
        "category": Project.Category.INDUSTRY,
        "kind": Project.Kind.NEW,
        "contract_type": Project.ContractType.FORMAL,
        "stage": Project.Stage.SIGNED,
        "review_state": Project.ReviewState.VERIFIED,
        "signed_on": date(2020, 5, 10),
        "total_investment": 2 * YI,
    } | fields
    project = Project.objects.create(**{"search_text": values["name"]} | values)
    ProjectShare.objects.bulk_create(
        ProjectShare(project=project, park=park, count_bp=bp, amount_bp=bp)
        for park, bp in ([(project.park, WHOLE)] if shares is None else shares)
    )
    return project


def make_fund_arrival(**fields: Any) -> FundArrival:
    """Verified money from another province: 1,000万元 on 2020-06-15."""
    n = number()
    if "project" not in fields:
        fields["project"] = make_project()
    values = {
        "code": f"{fields['project'].park.code}-f2020-{n:03d}",
        "received_on": date(2020, 6, 15),
        "amount": 10_000_000,
        "origin_tier": FundArrival.OriginTier.OUT_OF_PROVINCE,
        "verified": True,
    }
    return FundArrival.objects.create(**values | fields)


def make_listing_step(**fields: Any) -> ListingStep:
    """A recommendation for the STAR market on 2020-04-20."""
    n = number()
    if "enterprise" not in fields:
        fields["enterprise"] = make_enterprise()
    values = {
        "code": f"{fields['enterprise'].park.code}-l2020-{n:03d}",
        "board": ListingStep.Board.STAR,
        "step": ListingStep.Step.RECOMMENDED,
        "happened_on": date(2020, 4, 20),
    }
    return ListingStep.objects.create(**values | fields)


def make_group_start(**fields: Any) -> GroupStart:
    """A group start of the province on 2020-09-29."""
    n = number()
    values = {"code": f"start-{n}", "name": f"集中开工{n}", "level": "province", "held_on": date(2020, 9, 29)}
    return GroupStart.objects.create(**values | fields)


def make_group_start_entry(**fields: Any) -> GroupStartEntry:
    """A project on the list of a group start."""
    n = number()
    if "project" not in fields:
        fields["project"] = make_project()
    if "group_start" not in fields:
        fields["group_start"] = make_group_start()
    return GroupStartEntry.objects.create(**{"code": f"{fields['project'].park.code}-g2020-{n:03d}"} | fields)


def make_engagement(*, participants: list[tuple[str, str]] | None = None, **fields: Any) -> Engagement:
    """A visit there on 2020-03-05; `participants` are pairs of a name and a post."""
    n = number()
    if "park" not in fields:
        fields["park"] = fields["project"].park if fields.get("project") else make_park()
    values = {
        "code": f"{fields['park'].code}-t2020-{n:03d}",
        "mode": Engagement.Mode.OUTBOUND,
        "title": f"洽谈{n}",
        "held_on": date(2020, 3, 5),
    }
    engagement = Engagement.objects.create(**values | fields)
    for name, post in participants or []:
        Participant.objects.create(engagement=engagement, name=name, post=post)
    return engagement


def make_indicator(**fields: Any) -> Indicator:
    """A monitored count of the projects of F100 by their day of signing, for every region."""
    n = number()
    values = {
        "code": f"indicator_{n}",
        "name": f"指标{n}",
        "source": "projects",
        "filter": F100,
        "measure": Indicator.Measure.COUNT,
        "basis": "signed_on",
        "unit": "个",
        "display_unit": "个",
        "definition": "报告期内签约的项目个数。",
    }
    return Indicator.objects.create(**values | fields)


def make_target(**fields: Any) -> Target:
    """A city target of 12 for 2020, of a park of its own unless a park or region is named."""
    n = number()
    if not fields.keys() & {"park", "region"}:
        fields["park"] = make_park()
    if "indicator" not in fields:
        fields["indicator"] = make_indicator()
    place = fields.get("park") or fields["region"]
    values = {
        "code": f"{place.code}-t2020-{n:03d}",
        "year": 2020,
        "annual": 12,
        "document": "（测试）",
        "authority": "（测试）",
    }
    return Target.objects.create(**values | fields)


def make_target_part(**fields: Any) -> TargetPart:
    """What of a target a section answers for: 5."""
    n = number()
    if "target" not in fields:
        fields["target"] = make_target()
    values = {"code": f"{fields['target'].code}-k{n:03d}", "kind": "section", "name": f"科室{n}", "amount": 5}
    return TargetPart.objects.create(**values | fields)


def make_assessment_rule(**fields: Any) -> AssessmentRule:
    """A rule of 40 points for 2020 by completion, capped at 120%, of a region of its own."""
    n = number()
    if "region" not in fields:
        fields["region"] = make_region()
    if "indicator" not in fields:
        fields["indicator"] = make_indicator()
    values = {"code": f"{fields['region'].code}-s2020-{n:03d}", "name": f"计分项{n}", "year": 2020, "kind": "capped"}
    return AssessmentRule.objects.create(**values | {"weight": 4000, "cap": 120} | fields)


def make_goal(**fields: Any) -> LongTermGoal:
    """A goal of 1,000亿元 by 2025, of a park of its own unless a park or region is named."""
    n = number()
    if not fields.keys() & {"park", "region"}:
        fields["park"] = make_park()
    place = fields.get("park") or fields["region"]
    values = {"code": f"{place.code}-goal2025-{n:03d}", "name": f"产值{n}", "year": 2025, "amount": 1000 * YI}
    return LongTermGoal.objects.create(**values | {"unit": "亿元", "basis": "（测试）"} | fields)


def make_reported_figure(**fields: Any) -> ReportedFigure:
    """A figure of 10 that an authority confirmed for 2020-09."""
    if "park" not in fields:
        fields["park"] = make_park()
    if "indicator" not in fields:
        fields["indicator"] = make_indicator()
    values = {"period": "2020-09", "numerator": 10, "authority": "市商务局（测试）"}
    return ReportedFigure.objects.create(**values | fields)


def make_reconciliation(**fields: Any) -> Reconciliation:
    """A comparison of one row that only we have and one that only the city has."""
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    if "indicator" not in fields:
        fields["indicator"] = make_indicator()
    values = {"code": f"{fields['park'].code}-r2020-{n:03d}", "period": "2020-09", "authority": "市商务局（测试）"}
    kept = Reconciliation.objects.create(**values | {"ours": 1, "theirs": 1} | fields)
    member = f"{kept.park.code}-2019-{n:03d}"
    ReconciliationRow.objects.create(reconciliation=kept, number=1, kind="ours", member=member, why="原因")
    ReconciliationRow.objects.create(reconciliation=kept, number=2, kind="theirs", their_name=f"对方项目{n}")
    return kept


def make_file(park: Park, row: str = "", **fields: Any) -> Attachment:
    """A kept workbook of one empty sheet, beside no row unless one is named."""
    n = number()
    buffer = BytesIO()
    Workbook().save(buffer)
    data = buffer.getvalue()
    names = {"code": f"{park.code}-a2020-{n:03d}", "name": f"文件{n}.xlsx", "stored_name": files.keep(data)}
    more = {"content_type": files.DOWNLOAD, "size": len(data), "digest": "", "object_code": row}
    return Attachment.objects.create(**{"park": park, **names, **more} | fields)


def make_blank_form(**fields: Any) -> BlankForm:
    """A superior's form of one empty sheet, in a park of its own."""
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    values = {"code": f"{fields['park'].code}-b2020-{n:03d}", "name": f"报表{n}", "sheet": "Sheet"} | fields
    return BlankForm.objects.create(**{"file": make_file(fields["park"], values["code"])} | values)


def make_filled_form(**fields: Any) -> FilledForm:
    """A form that was filled on 2020-10-08 as of 2020-09-30 and not sent yet."""
    n = number()
    if "form" not in fields:
        fields["form"] = make_blank_form()
    park = fields["form"].park
    days = {"as_of": date(2020, 9, 30), "filled_on": date(2020, 10, 8)}
    values = {"code": f"{park.code}-r2020-{n:03d}", "park": park, **days} | fields
    return FilledForm.objects.create(**{"file": make_file(park, values["code"])} | values)


def make_publication(**fields: Any) -> Publication:
    """The first revision of a park's period (2020-09), published without lines, members and documents."""
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    now, code = datetime.now(UTC), f"{fields['park'].code}-2020-09-{n}"
    person = User.objects.filter(park=fields["park"]).first() or make_user(Role.HEAD, park=fields["park"])
    period = fields.get("period", "2020-09")
    card = {"park": fields["park"], "period": period, "code": code, "status": Scorecard.Status.PUBLISHED}
    values = {
        "code": code,
        "period": period,
        "revision": 1,
        "content": "{}",
        "content_digest": "0" * 64,
        "digest": f"{n:064d}",
        **dict.fromkeys(("submitted_by", "published_by"), person),
        **dict.fromkeys(("submitted_at", "published_at"), now),
    }
    if "scorecard" not in fields:
        fields["scorecard"] = Scorecard.objects.create(compiled_at=now, digest="0" * 64, **card)
    return Publication.objects.create(**values | fields)


def make_matter(**fields: Any) -> Matter:
    """A problem of a park of its own, raised on 2020-09-20 and due on 2020-10-15, of somebody who enters there."""
    n = number()
    if "park" not in fields:
        fields["park"] = fields["project"].park if fields.get("project") else make_park()
    if "owner" not in fields:
        fields["owner"] = make_user(park=fields["park"])
    values = {"code": f"{fields['park'].code}-d2020-{n:03d}", "words": f"事项{n}"}
    return Matter.objects.create(**values | {"raised_on": date(2020, 9, 20), "due_on": date(2020, 10, 15)} | fields)


def make_webhook(**fields: Any) -> Webhook:
    """An address of a park of its own, unless a park or region is named."""
    n = number()
    if not fields.keys() & {"park", "region"}:
        fields["park"] = make_park()
    values = {"code": f"hook-t{n}", "name": f"推送{n}", "url": f"https://example{n}.cn/in"}
    return Webhook.objects.create(**values | fields)


def make_delivery(**fields: Any) -> Delivery:
    """A publication that could not be sent to an address of its park."""
    n = number()
    if "webhook" not in fields:
        fields["webhook"] = make_webhook()
    if "publication" not in fields:
        fields["publication"] = make_publication(
            park=fields["webhook"].park or make_park(region=fields["webhook"].region)
        )
    values = {"code": f"delivery-{n}", "state": Delivery.State.FAILED, "attempts": 5, "error": "连不上"}
    return Delivery.objects.create(**values | {"next_try_at": datetime.now(UTC)} | fields)


def make_wall_link(**fields: Any) -> WallLink:
    """A link to the reception wall of a park of its own that lasts until 2099."""
    n = number()
    if "park" not in fields:
        fields["park"] = make_park()
    values = {"code": f"{fields['park'].code}-w2019-{n:03d}", "place": f"大屏{n}", "expires_on": date(2099, 12, 31)}
    return WallLink.objects.create(**values | fields)
