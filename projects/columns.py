"""The columns of the lists of projects, arrivals, talks and group starts: as pages show them and exports head them.

Heads are those of the ledger (domain.md 7), so that what was exported can be edited and imported.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.columns import day_of
from parkportal import writing
from parkportal.exports import Column, Inexact
from projects.models import Engagement, FundArrival, Project
from projects.words import write_amount


def _plain(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _display(name: str) -> Callable[[Any], Any]:
    """The label of a code; Django would make the table of labels anew for each row."""
    labels = dict(cast(Any, Project._meta.get_field(name)).flatchoices)
    return lambda row: labels.get(getattr(row, name), "")


def _day(name: str) -> Callable[[Any], Any]:
    return lambda row: day_of(row, name)


def _of(owner: str, name: str) -> Callable[[Any], str]:
    """A text of the row that this one points to; empty where it points to none."""
    return lambda row: str(getattr(getattr(row, owner), name, "") or "")


def _total(row: Project) -> Any:
    yuan, kind = row.total_investment, row.total_investment_qualifier
    return yuan if yuan is None or kind == "exact" else Inexact(yuan, write_amount(yuan, kind))


def _counted(name: str, qualifier: str) -> Callable[[Any], Any]:
    def read(row: Project) -> Any:
        number, kind = getattr(row, name), getattr(row, qualifier)
        return number if number is None or kind == "exact" else Inexact(number, writing.write_count(number, kind))

    return read


def _responsible(row: Project) -> str:
    return "／".join(filter(None, (row.responsible_unit, str(row.owner or ""))))


def _money(name: str, heading: Any) -> Column:
    return Column(name, heading, "money", _plain(name), summed=True)


PROJECTS: Final = (
    Column("code", _("项目编号"), "text", _plain("code"), width=20),
    Column("name", _("项目名称"), "text", _plain("name"), width=26),
    Column("investor", _("投资方"), "text", _of("investor", "name"), width=20),
    Column("from_place", _("投资方所在地"), "text", _of("investor", "origin"), width=12),
    Column(
        "ranked", _("是否三类500强"), "text", lambda row: _("世界500强") if row.fortune_global_500 else "", width=11
    ),
    Column("company", _("项目公司"), "text", _of("company", "name"), width=20),
    Column("uscc", _("统一社会信用代码"), "text", _of("company", "uscc"), width=20),
    Column("content", _("建设内容及规模"), "long", _plain("content")),
    Column("category", _("项目类别"), "text", _display("category"), width=10),
    Column("kind", _("引进方式"), "text", _display("kind"), width=10),
    Column("chain", _("所属产业链"), "text", lambda row: str(row.chain or ""), width=12),
    Column("chain_action", _("链上作用"), "text", _display("chain_action"), width=8),
    Column("industry_code", _("国民经济行业代码"), "text", _plain("industry_code"), width=8),
    Column("construction_nature", _("建设性质"), "text", _display("construction_nature"), width=8),
    Column("site", _("建设地点"), "text", _plain("site")),
    Column("land_use_mode", _("用地方式"), "text", _display("land_use_mode"), width=10),
    Column("land_area_mu", _("用地面积（亩）"), "area", _plain("land_area_mu"), summed=True, width=10),
    Column(
        "workshop_area_sqm",
        _("厂房面积（㎡）"),
        "count",
        _counted("workshop_area_sqm", "workshop_area_qualifier"),
        summed=True,
    ),
    Column("total_investment", _("总投资（万元）"), "money", _total, summed=True),
    _money("fixed_asset_investment", _("固定资产投资（万元）")),
    _money("contracted_capital", _("合同引资额（万元）")),
    _money("annual_planned_investment", _("年度计划投资（万元）")),
    Column("contract_type", _("合同类型"), "text", _display("contract_type"), width=10),
    Column("signed_on", _("签约时间"), "day", _day("signed_on")),
    Column("ceremony_on", _("签约仪式"), "day", _day("ceremony_on")),
    Column("registered_on", _("注册时间"), "day", _day("registered_on")),
    Column("settle_started_on", _("受理入园申请时间"), "day", _day("settle_started_on")),
    Column("moved_in_on", _("办结入驻时间"), "day", _day("moved_in_on")),
    Column("planned_start_on", _("预计开工时间"), "day", _day("planned_start_on")),
    Column("started_on", _("实际开工时间"), "day", _day("started_on")),
    Column("planned_production_on", _("预计投产时间"), "day", _day("planned_production_on")),
    Column("completed_on", _("竣工时间"), "day", _day("completed_on")),
    Column("in_production_on", _("实际投产时间"), "day", _day("in_production_on")),
    Column("full_capacity_on", _("达产时间"), "day", _day("full_capacity_on")),
    Column("stage", _("项目阶段"), "text", _display("stage"), width=8),
    Column("progress", _("目前进展"), "long", _plain("progress"), width=26),
    Column("arrived_funds", _("累计到位资金（万元）"), "money", _plain("arrived_funds"), summed=True),
    _money("completed_investment", _("累计完成投资（万元）")),
    _money("expected_annual_output", _("预计年产值（万元）")),
    _money("expected_annual_tax", _("预计年税收（万元）")),
    Column(
        "expected_jobs",
        _("预计就业（人）"),
        "count",
        _counted("expected_jobs", "expected_jobs_qualifier"),
        summed=True,
        width=10,
    ),
    Column("problem", _("存在问题"), "long", _plain("problem"), width=22),
    Column("next_step", _("下一步计划"), "long", _plain("next_step"), width=22),
    Column("lead_official", _("责任领导"), "text", _plain("lead_official")),
    Column("owner", _("责任单位／责任人"), "text", _responsible, width=18),
    Column("note", _("备注"), "long", _plain("note"), width=18),
    Column("status", _("推进状态"), "text", _display("status"), width=9),
    Column("review_state", _("审核状态"), "text", _display("review_state"), width=9),
    Column("recognition_level", _("认定级别"), "text", _display("recognition_level"), width=10),
    Column("tags", _("标签"), "text", lambda row: "、".join(row.tags)),
    Column("park", _("园区"), "text", lambda row: str(row.park)),
    Column("updated_at", _("更新时间"), "day", lambda row: timezone.localdate(row.updated_at)),
)
BY_KEY: Final[Mapping[str, Column]] = {column.key: column for column in PROJECTS}
DERIVED: Final = frozenset(
    {"ranked", "arrived_funds", "status", "review_state", "recognition_level", "tags", "park", "updated_at"}
)
"""Columns that follow from something else, so that nothing is entered through them."""
LEDGER: Final = tuple(column for column in PROJECTS if column.key not in DERIVED)
"""The whole ledger: what is exported in these columns can be edited and imported, and unchanged says nothing new."""
OFFICIAL: Final = (
    *("name", "investor", "from_place", "content", "total_investment", "signed_on", "progress", "problem"),
    *("lead_official", "owner"),
)
"""The columns of the official table in their order (domain.md 6), shown to whoever never chose others."""
ANNOTATED: Final = frozenset({"arrived_funds"})
"""Columns that the rows do not carry by themselves."""


def chosen(keys: Sequence[str]) -> list[Column]:
    """The columns that a person chose, the official ones for one who never did; the name is always among them."""
    known = [key for key in keys if key in BY_KEY]
    if "name" not in known:
        known = ["name", *known] if known else list(OFFICIAL)
    return [BY_KEY[key] for key in known]


FUND_ARRIVALS: Final = (
    Column("code", _("编号"), "text", _plain("code"), width=20),
    Column("project", _("项目名称"), "text", _of("project", "name"), width=26),
    Column("project_code", _("项目编号"), "text", _of("project", "code"), width=20),
    Column("received_on", _("到账时间"), "day", _day("received_on")),
    Column("amount", _("金额（万元）"), "money", _plain("amount"), summed=True),
    Column("origin_tier", _("资金来源"), "text", FundArrival.get_origin_tier_display),
    Column("amount_usd", _("外资额（万美元）"), "usd", _plain("amount_usd"), summed=True),
    Column("fdi_scope", _("外资口径"), "text", FundArrival.get_fdi_scope_display),
    Column("proof", _("凭证"), "text", _plain("proof"), width=20),
    Column("verified", _("核实"), "text", lambda row: _("已核实") if row.verified else _("待核实"), width=9),
    Column("park", _("园区"), "text", lambda row: str(row.project.park)),
)
ENGAGEMENTS: Final = (
    Column("code", _("编号"), "text", _plain("code"), width=20),
    Column("title", _("事项"), "text", _plain("title"), width=26),
    Column("held_on", _("日期"), "day", _day("held_on")),
    Column("mode", _("方式"), "text", Engagement.get_mode_display),
    Column("place", _("地点"), "text", _plain("place")),
    Column("project", _("项目名称"), "text", _of("project", "name"), width=26),
    Column("enterprise", _("企业名称"), "text", _of("enterprise", "name"), width=22),
    Column("participants", _("参加人员"), "long", lambda row: "；".join(map(str, row.participants.all())), width=26),
    Column("summary", _("内容"), "long", _plain("summary")),
    Column("park", _("园区"), "text", lambda row: str(row.park)),
)
GROUP_STARTS: Final = (
    Column("code", _("编号"), "text", _plain("code"), width=20),
    Column("project", _("项目名称"), "text", _of("project", "name"), width=26),
    Column("project_code", _("项目编号"), "text", _of("project", "code"), width=20),
    Column("group_start", _("集中开工"), "text", _of("group_start", "name"), width=26),
    Column("held_on", _("日期"), "day", lambda row: day_of(row.group_start, "held_on")),
    Column("level", _("级别"), "text", lambda row: row.group_start.get_level_display(), width=9),
    Column("total_investment", _("总投资（万元）"), "money", lambda row: _total(row.project), summed=True),
    Column("planned", _("年度计划投资（万元）"), "money", _plain("planned"), summed=True),
    Column("park", _("园区"), "text", lambda row: str(row.project.park)),
)
