"""The report's park: the eighteen projects of January to September 2020, and what is not among them."""

from typing import Any, Final

from parkportal.models import Precision, Qualifier
from projects.models import Contract, ProgressNote, Project
from reports.sample.book import SAMPLE_MARK, WAN, Book, day
from reports.sample.enterprises import YI
from reports.sample.parks import HOME
from reports.sample.sixteen import SIXTEEN, Invented

Columns = dict[str, Any]

INDUSTRIAL: Final[Columns] = {"category": Project.Category.INDUSTRY, "kind": Project.Kind.NEW}
FORMAL: Final[Columns] = {"contract_type": Project.ContractType.FORMAL}
PUBLIC: Final[Columns] = {"confidentiality": Project.Confidentiality.OPEN}

AIJIA: Final[Columns] = {
    "name": "爱加轻钢装配式建筑产业化科技示范园",
    "investor": "爱加",
    "chain": "prefab-building",
    **INDUSTRIAL,
    **FORMAL,
    **PUBLIC,
    "stage": Project.Stage.IN_PRODUCTION,
    "signed_on": day("03-01"),
    "signed_on_precision": Precision.MONTH,
    "settle_started_on": day("03-09"),
    "moved_in_on": day("03-25"),
    "total_investment": 1 * YI,
    "expected_annual_output": 3 * YI,
    "expected_annual_tax": 500 * WAN,
    "expected_jobs": 10_000,
    "land_area_mu": 63_70,
    "workshop_area_sqm": 5_000,
    "workshop_area_qualifier": Qualifier.NEAR,
    "content": "在园区内建设全国第一个轻钢装配式建筑产业化科技示范园，占地63.7亩。园区协调近5000平方米的生产过渡厂房。",
    "progress": "工厂已全面投产，已实现产值1.3亿元。",
    "note": "3月落户；入驻用时16天。未来几年可望培训1000位装配建房产业工人。"
    "与南华大学建筑学院共建轻钢装配式建筑产学研基地。10000人就业是直接还是带动，报道表述不一，按10000人登记。",
    "tags": ["返乡创业"],
    "sample_fields": ["settle_started_on", "moved_in_on"],
}
FOXCONN: Final[Columns] = {
    "name": "富士康智能手机机构件项目",
    "investor": "富士康",
    "chain": "electronics",
    **INDUSTRIAL,
    **FORMAL,
    **PUBLIC,
    "stage": Project.Stage.IN_PRODUCTION,
    "ceremony_on": day("07-10"),
    "signed_on": day("07-11"),
    "signed_on_precision": Precision.TEN_DAY,
    "in_production_on": day("08-01"),
    "in_production_on_precision": Precision.MONTH,
    "total_investment": 3 * YI,
    "expected_annual_output": 13_000 * WAN,
    "expected_annual_tax": 1_000 * WAN,
    "expected_jobs": 1_000,
    "expected_jobs_qualifier": Qualifier.OVER,
    "content": "智能手机机构件。",
    "progress": "已有4条生产线投产。",
    "note": "7月10日举行签约仪式，省委台办、市委、市政府相关领导见证；7月中旬签订投资合同，以合同为准。"
    "报道称“今年上半年引进”，按合同签订时间，1—6月不计，1—9月计入。",
}

OUTSIDE: Final[tuple[tuple[str, Columns], ...]] = (
    (
        "华润",
        {
            "name": "华润医药配送物流项目",
            "investor": "华润医药",
            **FORMAL,
            "stage": Project.Stage.SIGNED,
            "signed_on": day("01-01"),
            "signed_on_precision": Precision.HALF,
            "note": "报道称“今年上半年引进”，未载投资额和签约日期：投资额为空，不列入亿元以上产业项目；"
            "签约时间按上半年登记，从1月1日起算。",
        },
    ),
    (
        "捷高",
        {
            "name": "深圳捷高电子科技有限公司入驻项目",
            "investor": "捷高",
            **FORMAL,
            "stage": Project.Stage.SIGNED,
            "settle_started_on": day("05-06"),
            "moved_in_on": day("06-02"),
            "note": "入驻用时27天。报道未载投资额和签约日期。",
            "sample_fields": ["settle_started_on", "moved_in_on"],
        },
    ),
    (
        "智造谷",
        {
            "name": "富士康工业富联衡阳“智造谷”项目",
            "investor": "工业富联",
            **FORMAL,
            "stage": Project.Stage.STARTED,
            "started_on": day("09-29"),
            "planned_production_on": day("01-01"),
            "planned_production_on_precision": Precision.YEAR,
            "progress": "9月29日参加全省第二次重大项目集中开工，年内可投产。",
            "note": "报道未载投资额和签约日期，不计入签约类指标；与富士康同属一个集团。",
        },
    ),
    (
        "恒天智客",
        {
            "name": "恒天智客新能源汽车整车项目",
            "investor": "恒天智客",
            "stage": Project.Stage.IN_PRODUCTION,
            "progress": "已投产，实现了新能源汽车整车生产衡阳本土化。",
            "note": "报道未载投资额、签约日期和投产日期。",
        },
    ),
    (
        "铝合金",
        {
            "name": "稀土高强铝合金项目",
            "stage": Project.Stage.IN_PRODUCTION,
            "progress": "已正式投产，壮大了新材料领域实力。",
            "note": "报道未载投资方、投资额、签约日期和投产日期。",
        },
    ),
    (
        "合力扩产",
        {
            "name": "合力叉车扩大产能和新能源叉车项目",
            "investor": "合力",
            "kind": Project.Kind.EXPANSION,
            "stage": Project.Stage.NEGOTIATING,
            "content": "引进新生产线及其产业链配套企业；在原产能2万台的基础上增资，争取年生产1万台新能源叉车。",
            "progress": "9月22日赴安徽合力叉车总部洽谈扩大产能。",
        },
    ),
    (
        "华菱扩能",
        {
            "name": "华菱汽车扩能项目",
            "investor": "华菱",
            "kind": Project.Kind.EXPANSION,
            "stage": Project.Stage.NEGOTIATING,
            "total_investment": 5 * YI,
            "total_investment_qualifier": Qualifier.AT_LEAST,
            "progress": "正在洽谈，预计投资5亿元以上。",
        },
    ),
)
"""Of the report, but not of the eighteen: it gives no amount or no day of signing, or they are not yet signed."""

CARRIED_OVER: Final = (
    ("工业互联网平台", "午", "electronics", "10-18", 26_000, 9_000),
    ("智能仓储装备", "未", "machinery", "11-12", 22_000, 8_000),
    ("高性能膜材料", "申", "new-materials", "11-26", 31_000, 10_000),
    ("工业机器人本体", "酉", "machinery", "12-05", 24_000, 8_000),
    ("智能传感器", "戌", "electronics", "12-19", 19_000, 6_000),
)
"""Invented, signed in 2019, started on 29 September 2020: name, company, chain, signed, investment and plan in 万元."""

PROSPECTS: Final = (
    ("新能源电机", "machinery", 40_000, "计划10月签约。"),
    ("传感器封装", "electronics", 26_000, "计划11月签约。"),
    ("工业软件园", "electronics", 18_000, "计划11月签约。"),
    ("叉车电池包", "machinery", 35_000, "计划12月签约。"),
)
"""Invented, about to be signed: name, chain, investment in 万元, next step."""

NOTES: Final = (
    ("输变电", "09-21", "基础施工完成五成。", "10千伏专线未接通。", "报请供电部门现场会商。"),
    ("输变电", "09-28", "基础施工完成六成。", "10千伏专线未接通。", "协调供电部门，10月15日前接通。"),
    ("钻探", "09-28", "选址已定，未注册。", "签约107天未注册。", "10月10日前现场办公。"),
    ("芯片封装", "09-28", "已注册，施工图审查中。", "施工许可证未办结。", "10月办结施工许可证。"),
    ("石墨烯", "09-28", "已注册，设备采购。", "设备未进场。", "10月设备进场。"),
    ("终端", "09-28", "设备进场，安装4条线。", "", "11月试生产。"),
)
"""Invented project, Monday of the week, progress, problem, next step."""


def add_projects(book: Book) -> None:
    """The eighteen in the order in which the ledger met them, then everything else."""
    for row in SIXTEEN[:1]:
        add_invented(book, row)
    add_real(book, "爱加", AIJIA)
    for row in SIXTEEN[1:9]:
        add_invented(book, row)
    add_real(book, "富士康", FOXCONN)
    for row in SIXTEEN[9:]:
        add_invented(book, row)
    for key, values in OUTSIDE:
        add_real(book, key, INDUSTRIAL | PUBLIC | values)
    _add_carried_over(book)
    _add_prospects(book)
    _add_edges(book)
    for key, monday, *texts in NOTES:
        progress, problem, next_step = texts
        note = ProgressNote(project=book.projects[key], week_of=day(monday), progress=progress)
        note.problem, note.next_step = problem, next_step
        book.ledger.create(note)


def add_real(book: Book, key: str, values: Columns) -> None:
    """A project that the report names, with its formal contract where the report gives one."""
    project = book.project(key, HOME, **values)
    if project.contract_type and project.total_investment:
        _add_contract(book, project)


def add_invented(book: Book, row: Invented) -> None:
    """An invented project of the eighteen, its investor from outside, and the company that was registered here."""
    investor, company = f"企业{row.sign}{SAMPLE_MARK}", f"企业{row.sign}衡阳公司{SAMPLE_MARK}"
    book.enterprise(f"{row.sign}企业", HOME, investor, origin=row.origin)
    hosted: Columns = {}
    if row.registered:
        book.enterprise(f"{row.sign}公司", HOME, company, **row.company_columns())
        hosted = {"company": f"{row.sign}公司"}
    values = INDUSTRIAL | FORMAL | row.columns() | hosted
    _add_contract(book, book.project(row.key, HOME, f"{row.name}{SAMPLE_MARK}", **values))


def _add_contract(book: Book, project: Project) -> None:
    contract = Contract(project=project, type=project.contract_type, amount=project.total_investment)
    contract.signed_on, contract.signed_on_precision = project.signed_on, project.signed_on_precision
    book.ledger.create(contract)


def _add_carried_over(book: Book) -> None:
    for name, sign, chain, signed, wan, plan in CARRIED_OVER:
        key = f"{sign}企业"
        book.enterprise(key, HOME, f"企业{sign}{SAMPLE_MARK}", origin="广东深圳")
        book.project(
            name,
            HOME,
            f"{name}项目{SAMPLE_MARK}",
            **INDUSTRIAL,
            **FORMAL,
            investor=key,
            company=key,
            chain=chain,
            stage=Project.Stage.STARTED,
            signed_on=day(f"2019-{signed}"),
            registered_on=day("01-08"),
            started_on=day("09-29"),
            total_investment=wan * WAN,
            annual_planned_investment=plan * WAN,
            land_use_mode=Project.LandUseMode.LAND_SUPPLY,
            progress="9月29日集中开工。",
            responsible_unit="招商二科",
            owner="clerk-3",
        )


def _add_prospects(book: Book) -> None:
    for i, (name, chain, wan, next_step) in enumerate(PROSPECTS, 1):
        book.enterprise(f"拟签{i}", HOME, f"拟签企业{i}{SAMPLE_MARK}", origin="广东广州")
        book.project(
            name,
            HOME,
            f"{name}项目{SAMPLE_MARK}",
            **INDUSTRIAL,
            investor=f"拟签{i}",
            chain=chain,
            stage=Project.Stage.NEGOTIATING,
            total_investment=wan * WAN,
            total_investment_qualifier=Qualifier.ABOUT,
            next_step=next_step,
            responsible_unit="招商一科",
            owner="clerk",
        )


def _add_edges(book: Book) -> None:
    """Just below 1亿元, a second ceremony, a row that waits for review, and a draft: none of them counts."""
    book.enterprise("边界", HOME, f"企业亥{SAMPLE_MARK}", origin="广东东莞")
    common: Columns = {**INDUSTRIAL, "investor": "边界", "chain": "electronics", "owner": "clerk"}
    signed = common | FORMAL | {"stage": Project.Stage.SIGNED}
    below: Columns = {
        "signed_on": day("05-26"),
        "total_investment": 99_999_900,
        "note": "总投资9999.99万元，不到1亿元。",
    }
    book.project("差一百元", HOME, f"精密模具项目{SAMPLE_MARK}", **signed, **below)
    book.project(
        "重复签约",
        HOME,
        f"芯片封装测试项目（二次签约仪式）{SAMPLE_MARK}",
        **signed | {"investor": "甲企业"},
        ceremony_on=day("09-25"),
        signed_on=day("09-25"),
        total_investment=200_000 * WAN,
        review_state=Project.ReviewState.RETURNED,
        return_reason="与9月16日签约的芯片封装测试项目是同一项目，同一项目多次签约只计首次。",
    )
    waiting: Columns = {"signed_on": day("09-28"), "total_investment": 9_000 * WAN}
    waiting |= {"review_state": Project.ReviewState.SUBMITTED, "submitted_by": book.users["clerk"]}
    book.project("待审核", HOME, f"车载充电模块项目{SAMPLE_MARK}", **signed, **waiting)
    draft: Columns = {"stage": Project.Stage.LEAD, "review_state": Project.ReviewState.DRAFT}
    book.project("草稿", HOME, f"仓储货架项目{SAMPLE_MARK}", **common, **draft)
