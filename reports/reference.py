"""What a portal begins with, sample or not: regions, chains, and the indicators with their official definitions."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db import models

from enterprises.models import Chain
from parkportal.models import Change, Region
from parkportal.trace import Actor, Ledger, changes
from projects.models import ReminderRule
from reports.indicators import fixed_parts
from reports.models import Indicator
from reports.reference_rates import F100, RATES

CITY: Final = "430400"
"""衡阳市, whose chains these are."""

REGIONS: Final = (
    ("430000", "湖南省", ""),
    ("430400", "衡阳市", "430000"),
    ("430405", "珠晖区", "430400"),
    ("430406", "雁峰区", "430400"),
    ("430407", "石鼓区", "430400"),
    ("430408", "蒸湘区", "430400"),
    ("430412", "南岳区", "430400"),
    ("430421", "衡阳县", "430400"),
    ("430422", "衡南县", "430400"),
    ("430423", "衡山县", "430400"),
    ("430424", "衡东县", "430400"),
    ("430426", "祁东县", "430400"),
    ("430481", "耒阳市", "430400"),
    ("430482", "常宁市", "430400"),
)
"""GB/T 2260: code, name, code of the parent."""

CHAINS: Final = (
    ("electronics", "电子信息"),
    ("machinery", "机械制造"),
    ("biomedicine", "生物医药"),
    ("new-materials", "新材料"),
    ("logistics", "现代物流"),
    ("prefab-building", "装配式建筑"),
)

F100_PRODUCING: Final = (
    "category=industry&contract_type=formal&kind=new&stage=full_capacity&stage=in_production"
    "&total_investment_min=100000000"
)

PIECES: Final = {"unit": "个", "display_unit": "个"}
FIRMS: Final = {"unit": "家", "display_unit": "家"}
MONEY: Final = {"unit": "元", "display_unit": "亿元", "decimals": 1}

INDICATORS: Final[tuple[dict[str, Any], ...]] = (
    {
        "code": "projects_100m",
        "name": "签约亿元以上产业项目数",
        "short_name": "签约亿元以上产业项目",
        "role": Indicator.Role.ASSESSED,
        "source": "projects",
        "filter": F100,
        "measure": "count",
        "basis": "signed_on",
        **PIECES,
        "order": 10,
        "pinned": True,
        "lead_phrase": "签约亿元以上产业项目",
        "definition": "报告期内签订正式投资合同、合同约定总投资1亿元（含）以上的产业类项目个数，以合同签订日期为准。"
        "意向书、备忘录、框架协议不计；基础设施、房地产、社会民生类项目不计；同一项目多次签约只计首次。",
    },
    {
        "code": "fortune_global_500_projects",
        "name": "引进世界500强企业项目数",
        "short_name": "引进世界500强企业项目",
        "role": Indicator.Role.ASSESSED,
        "source": "projects",
        "filter": "contract_type=formal&fortune_global_500=true&kind=new",
        "measure": "count",
        "basis": "signed_on",
        **PIECES,
        "order": 20,
        "pinned": True,
        "lead_phrase": "引进世界500强项目",
        "definition": "签约时最近一期《财富》世界500强榜单所列企业或其控股子公司投资，并已签订正式投资合同的项目个数。"
        "与指标1可以重复，不得相加；企业数（家）另行统计。",
    },
    {
        "code": "signed_investment",
        "name": "签约项目总投资",
        "short_name": "签约总投资",
        "source": "projects",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "total_investment",
        "basis": "signed_on",
        **MONEY,
        "order": 30,
        "lead_phrase": "项目总投资",
        "definition": "列入指标1的项目合同约定总投资之和，以元汇总后折算。",
    },
    {
        "code": "expected_output",
        "name": "签约项目预计年产值",
        "short_name": "预计年产值",
        "source": "projects",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "expected_annual_output",
        "basis": "signed_on",
        **MONEY,
        "order": 40,
        "lead_phrase": "预计可实现年产值",
        "definition": "列入指标1的项目达产后年产值的预计数，不是实际完成数。",
    },
    {
        "code": "expected_jobs",
        "name": "签约项目预计就业人数",
        "short_name": "预计就业",
        "source": "projects",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "expected_jobs",
        "basis": "signed_on",
        "unit": "人",
        "display_unit": "人",
        "order": 50,
        "lead_phrase": "解决就业",
        "definition": "列入指标1的项目达产后用工的预计数；含约数的，合计数加“余”。",
    },
    {
        "code": "started_projects",
        "name": "新开工亿元以上产业项目数",
        "short_name": "新开工亿元以上",
        "source": "projects",
        "filter": F100,
        "measure": "count",
        "basis": "started_on",
        **PIECES,
        "order": 60,
        "definition": "报告期内首次达到开工认定条件的亿元以上产业项目个数，含往年签约项目。"
        "供地项目以取得施工许可证或桩基施工为准，租赁、购买厂房项目以设备进场为准。",
    },
    {
        "code": "above_scale_enterprises",
        "name": "新增投产并升规企业数",
        "short_name": "新增投产并升规",
        "source": "projects",
        "filter": F100_PRODUCING,
        "measure": "distinct",
        "measure_fields": "company",
        "basis": "above_scale_on",
        "cohort_date": "signed_on",
        "cohort_years": 1,
        **FIRMS,
        "order": 70,
        "definition": "引进项目承接企业中，已投产并经统计部门审核纳入规模以上企业名录的企业数，"
        "以纳入月份为准，同一企业只计一次。",
    },
    {
        "code": "star_market_enterprises",
        "name": "推荐申报科创板企业数",
        "short_name": "推荐申报科创板",
        "source": "listing_steps",
        "filter": "board=star&step=recommended",
        "measure": "distinct",
        "measure_fields": "enterprise",
        "basis": "happened_on",
        **FIRMS,
        "order": 80,
        "definition": "当年经园区研究并正式行文推荐申报科创板上市的企业数，以行文日期为准。",
    },
    {
        "code": "group_start_projects",
        "name": "参加全省重大项目集中开工项目数",
        "short_name": "全省集中开工",
        "source": "group_start_entries",
        "filter": "level=province",
        "measure": "count",
        "basis": "held_on",
        **PIECES,
        "order": 90,
        "definition": "列入省、市集中开竣工活动开工项目名单的园区项目个数，以名单为准；竣工项目不计。",
    },
    {
        "code": "arrived_funds_domestic",
        "name": "实际到位内资",
        "source": "fund_arrivals",
        "filter": "origin_tier=out_of_city&origin_tier=out_of_province",
        "measure": "sum",
        "measure_fields": "amount",
        "basis": "received_on",
        **MONEY,
        "order": 100,
        "definition": "报告期内省外境内、市外省内投资者实际投入园区项目的资金，按到账时间计入，含往年结转项目。",
    },
    {
        "code": "arrived_funds_foreign",
        "name": "实际使用外资",
        "source": "fund_arrivals",
        "filter": "fdi_scope=mofcom&origin_tier=overseas",
        "measure": "sum",
        "measure_fields": "amount_usd",
        "basis": "received_on",
        "unit": "美元",
        "display_unit": "万美元",
        "order": 110,
        "definition": "报告期内境外（含港澳台）投资者实际缴付的出资额，以商务部门反馈数为准，园区台账数供核对。",
    },
    {
        "code": "average_settle_days",
        "name": "项目平均入驻用时",
        "short_name": "平均入驻用时",
        "source": "projects",
        "filter": "contract_type=formal",
        "measure": "avg_days",
        "measure_fields": "settle_started_on moved_in_on",
        "basis": "moved_in_on",
        "unit": "天",
        "display_unit": "天",
        "decimals": 1,
        "direction": Indicator.Direction.LESS,
        "order": 120,
        "definition": "报告期内入驻项目自正式受理入园申请之日起至办结入驻手续之日止所用自然日的平均数。",
    },
    {
        "code": "cohort_started",
        "name": "当年签约亿元以上产业项目开工数",
        "short_name": "当年签约已开工",
        "source": "projects",
        "filter": F100,
        "measure": "count",
        "basis": "started_on",
        "window": Indicator.Window.AS_OF,
        "cohort_date": "signed_on",
        "cohort_years": 1,
        **PIECES,
        "order": 210,
        "listed": False,
        "definition": "当年签约的亿元以上产业项目中，截至期末已开工的个数。开工时间不详的不计，已终止的不计。",
    },
    {
        "code": "cohort_signed",
        "name": "当年签约亿元以上产业项目数（含已终止）",
        "short_name": "当年签约（含已终止）",
        "source": "signed_ever",
        "filter": F100,
        "measure": "count",
        "basis": "signed_on",
        **PIECES,
        "order": 220,
        "listed": False,
        "definition": "当年签约的亿元以上产业项目个数，签约后终止的仍计在内，作开工率的分母。",
    },
    {
        "code": "start_rate",
        "name": "当年签约亿元以上产业项目开工率",
        "short_name": "开工率",
        "measure": "ratio",
        "numerator": "cohort_started",
        "denominator": "cohort_signed",
        "unit": "%",
        "display_unit": "%",
        "decimals": 1,
        "order": 230,
        "listed": False,
        "definition": "当年签约的亿元以上产业项目中，截至期末已开工的所占比重。"
        "开工时间不详的不计入已开工；签约后终止的仍计入签约数。",
    },
)
"""In the order of 附件1, definitions in the words of officials; parts that are not named have the default."""

REMINDERS: Final = (
    {
        "code": "signed-not-started",
        "name": "签约满1年未开工",
        "kind": "stage_overdue",
        "query": "review_state=verified&stage=registered&stage=signed&status=active",
        "date_field": "signed_on",
        "days": 365,
        "to_head": True,
        "sentence": "“{project}”{since}签约，已{days}天仍未开工，请核实原因并更新进展。",
    },
    {
        "code": "start-overdue",
        "name": "应开工未开工",
        "kind": "stage_overdue",
        "query": "review_state=verified&stage=registered&stage=signed&status=active",
        "date_field": "planned_start_on",
        "days": 1,
        "sentence": "“{project}”计划{since}开工，已超期{days}天，请更新进展或调整计划。",
    },
    {
        "code": "start-overdue-3-months",
        "name": "连续3月应开工未开工",
        "kind": "stage_overdue",
        "query": "review_state=verified&stage=registered&stage=signed&status=active",
        "date_field": "planned_start_on",
        "days": 92,
        "to_head": True,
        "sentence": "“{project}”计划{since}开工，超期{days}天，已连续3月以上，请提出处理意见。",
    },
    {
        "code": "production-overdue",
        "name": "应投产未投产",
        "kind": "stage_overdue",
        "query": "review_state=verified&stage=started&status=active",
        "date_field": "planned_production_on",
        "days": 1,
        "sentence": "“{project}”计划{since}投产，已超期{days}天，请更新进展或调整计划。",
    },
    {
        "code": "started-no-funds",
        "name": "开工后连续3月无资金到位",
        "kind": "no_funds",
        "query": "review_state=verified&stage=in_production&stage=started&status=active",
        "date_field": "started_on",
        "days": 92,
        "to_head": True,
        "sentence": "“{project}”自{since}起{days}天没有资金到位，请核实并登记。",
    },
    {
        "code": "stale-30-days",
        "name": "30天未更新",
        "kind": "stale",
        "query": "stage=lead&stage=negotiating&stage=registered&stage=signed&stage=started&status=active",
        "days": 30,
        "sentence": "“{project}”已{days}天没有更新，请填写目前进展。",
    },
    {
        "code": "review-waiting",
        "name": "待审核满3天",
        "kind": "review_waiting",
        "days": 3,
        "to_owner": False,
        "to_head": True,
        "sentence": "“{project}”提交审核已{days}天，请审核。",
    },
)
"""What domain.md 2.13 names, as rules that the administrator may change."""


def load(by: Actor) -> Counter[str]:
    """Add what is missing and bring the rest up to date; return how many rows were created, updated and kept.

    A row that somebody has edited by hand is theirs and is kept as it is.
    """
    done: Counter[str] = Counter()
    with changes(by=by) as ledger:
        for model, code, values in rows():
            done[_put(ledger, model, code, values)] += 1
    return done


def rows() -> Iterator[tuple[type[models.Model], str, dict[str, Any]]]:
    """Every reference row as model, code and columns, in the order in which they need each other."""
    for code, name, parent in REGIONS:
        yield Region, code, {"name": name, "parent": Region.objects.filter(code=parent).first()}
    for code, name in CHAINS:
        yield Chain, code, {"name": name, "region": Region.objects.get(code=CITY)}
    for indicator in (*INDICATORS, *RATES):
        values = {key: value for key, value in indicator.items() if key != "code"}
        parts = {part: values[part] for part in ("numerator", "denominator") if part in values}
        yield Indicator, indicator["code"], values | {k: Indicator.objects.get(code=v) for k, v in parts.items()}
    for rule in REMINDERS:
        yield ReminderRule, str(rule["code"]), {key: value for key, value in rule.items() if key != "code"}


def _put(ledger: Ledger, model: type[models.Model], code: str, values: Mapping[str, Any]) -> str:
    """Write one row and say what was done with it.

    An indicator that was compiled keeps its parts: a newer definition of ours comes under a new code.
    """
    row = model._default_manager.filter(code=code).first()
    if row is None:
        ledger.create(model(code=code, **values))
        return "created"
    by_hand = Change.objects.of(model._meta.label, [code]).exclude(door=Change.Door.COMMAND)
    if by_hand.exists() or (isinstance(row, Indicator) and fixed_parts(row, values)):
        return "kept"
    return "updated" if ledger.update(row, values) else "same"
