"""Five invented parks to compare with: two years of projects, and the rows at the edges of the definitions."""

from datetime import date, timedelta
from typing import Any, Final

from parkportal.models import Qualifier
from projects.models import Contract, FundArrival, GroupStart, GroupStartEntry, Project
from reports.sample.book import SAMPLE_MARK, WAN, WHOLE, YEAR, Book, day

Stage = Project.Stage
AS_OF: Final = date(2020, 9, 30)

SIGNED: Final[dict[str, dict[int, str]]] = {
    "park-a": {2019: "101111111100", 2020: "101112112"},
    "park-b": {2019: "111112111111", 2020: "111212212"},
    "park-c": {2019: "101111111010", 2020: "101111101"},
    "park-d": {2019: "111111111101", 2020: "011111111"},
    "park-e": {2019: "011101101100", 2020: "101111011"},
}
"""How many projects of 1亿元 or more a park signed in each month from January on."""

PRODUCTS: Final = (
    ("智能电表", "electronics"),
    ("精密轴承", "machinery"),
    ("疫苗包材", "biomedicine"),
    ("铜箔", "new-materials"),
    ("区域分拨中心", "logistics"),
    ("预制构件", "prefab-building"),
    ("线路板", "electronics"),
    ("液压阀", "machinery"),
    ("体外诊断试剂", "biomedicine"),
    ("碳纤维制品", "new-materials"),
    ("电商仓配", "logistics"),
    ("整体卫浴", "prefab-building"),
    ("显示模组", "electronics"),
    ("农机装备", "machinery"),
    ("中药饮片", "biomedicine"),
    ("特种陶瓷", "new-materials"),
    ("光纤连接件", "electronics"),
    ("减速机", "machinery"),
    ("医疗器械", "biomedicine"),
    ("改性塑料", "new-materials"),
    ("电源适配器", "electronics"),
    ("钢构件", "prefab-building"),
    ("储能电池", "electronics"),
    ("齿轮", "machinery"),
    ("保健食品", "biomedicine"),
    ("硬质合金", "new-materials"),
    ("公路港", "logistics"),
    ("磁性元件", "electronics"),
)
"""What a park's projects make, each once: name and chain."""

RANKED: Final = {"park-a": {12: "sample-global-a", 15: "sample-global-b"}, "park-b": {20: "sample-global-a"}}
"""Which of a park's projects, by number, have an investor of an invented group on the Fortune list."""


def add_other_parks(book: Book) -> None:
    """Projects with their companies and money, park by park, then the edges."""
    for park, years in SIGNED.items():
        number = 0
        for year, months in years.items():
            for month, times in enumerate(months, 1):
                for _again in range(int(times)):
                    number += 1
                    _add(book, park, number, date(year, month, 3 + number * 5 % 22))
    _add_edges(book)
    _add_group_start(book)


def _add(book: Book, park: str, number: int, signed: date) -> None:
    """One project; its number makes it a little different from the others, the same in every database."""
    shift = 5 * ord(park[-1])
    product, chain = PRODUCTS[(number + shift) % len(PRODUCTS)]
    key = f"{park}-{number}"
    days = _days(number, signed)
    stage = _stage(days)
    scale = _above_scale(number, days)
    group = RANKED.get(park, {}).get(number)
    book.enterprise(key, park, f"{book.parks[park].name[:3]}企业{number:02d}{SAMPLE_MARK}", group=group, **scale)
    wan = 10_000 + (number * 3_700 + shift * 1_900) % 46_000
    project = book.project(
        key,
        park,
        f"{product}项目{SAMPLE_MARK}",
        **_formal(signed, wan, key, chain) | days | {"stage": stage},
        expected_annual_output=wan * WAN * (12 + number % 9) // 10,
        expected_jobs=120 + (number + shift) * 37 % 480,
        land_use_mode=list(Project.LandUseMode)[number % 3],
        expected_jobs_qualifier=Qualifier.ABOUT if number == 7 else Qualifier.EXACT,
        problem="用地手续未办结。" if stage == Stage.SIGNED else "",
    )
    if number % 2 == 0 and stage != Stage.SIGNED:
        _add_money(book, key, number, project)


def _formal(signed: date, wan: int, enterprise: str, chain: str) -> dict[str, Any]:
    """A new industrial project under a formal contract whose investor founds no company of its own."""
    return {
        "contract_type": Project.ContractType.FORMAL,
        "stage": Stage.SIGNED,
        "signed_on": signed,
        "total_investment": wan * WAN,
        "investor": enterprise,
        "company": enterprise,
        "chain": chain,
    }


def _days(number: int, signed: date) -> dict[str, date]:
    """The days of what has happened by the end of September; every fifth project of 2020 waits to be registered."""
    after = {"registered_on": 18 + number % 7, "started_on": 45 + number % 30, "in_production_on": 130 + number % 40}
    if number % 4 == 0:
        after |= {"settle_started_on": 2, "moved_in_on": 18 + number % 11}
    if signed.year == YEAR and number % 5 == 4:
        after = {}
    days = {name: signed + timedelta(days=days) for name, days in after.items()}
    return {name: on for name, on in days.items() if on <= AS_OF}


def _stage(days: dict[str, date]) -> Stage:
    known = (
        (Stage.IN_PRODUCTION, "in_production_on"),
        (Stage.STARTED, "started_on"),
        (Stage.REGISTERED, "registered_on"),
    )
    return next((stage for stage, name in known if name in days), Stage.SIGNED)


def _above_scale(number: int, days: dict[str, date]) -> dict[str, Any]:
    """Two of three companies enter the directory in the month after they began to produce."""
    began = days.get("in_production_on")
    if began is None or number % 3 == 0:
        return {}
    on = (began.replace(day=1) + timedelta(days=32)).replace(day=1)
    return {"above_scale_on": on, "above_scale_on_precision": "month", "above_scale_route": "monthly"}


def _add_money(book: Book, key: str, number: int, project: Project) -> None:
    """A sixth of the investment, from abroad for every third."""
    amount = (project.total_investment or 0) // 6 // WAN * WAN
    received = project.registered_on + timedelta(days=15) if project.registered_on else AS_OF
    if number % 6:
        tier = FundArrival.OriginTier.OUT_OF_PROVINCE if number % 4 else FundArrival.OriginTier.OUT_OF_CITY
        book.fund_arrival(key, received, tier, amount, proof="银行回单（示例）")
        return
    usd = amount // 7 // WAN * WAN
    foreign: dict[str, Any] = {"amount_usd": usd, "rate": 7_000_000, "fdi_scope": FundArrival.FdiScope.MOFCOM}
    book.fund_arrival(key, received, FundArrival.OriginTier.OVERSEAS, usd * 7, **foreign, proof="验资报告（示例）")


def _add_edges(book: Book) -> None:
    """One row for each edge of a definition, in 园区甲 and 园区乙; what it is there for is in its note."""
    for park in ("park-a", "park-b"):
        book.enterprise(f"{park}-edge", park, f"{book.parks[park].name[:3]}企业90{SAMPLE_MARK}")
    a: dict[str, Any] = _formal(day("06-10"), 30_000, "park-a-edge", "machinery")
    b: dict[str, Any] = _formal(day("06-10"), 30_000, "park-b-edge", "electronics")
    just_below = {"total_investment": 99_999_900, "note": "总投资9999.99万元，不到1亿元，不计。"}
    framework = {"total_investment": 200_000 * WAN, "contract_type": Project.ContractType.FRAMEWORK}
    framework |= {"signed_on": day("05-18"), "note": "只有框架协议，不计。"}
    last_year = {"signed_on": day("2019-12-31"), "note": "2019年12月31日签约，计入上年。"}
    october = {"signed_on": day("10-01"), "note": "10月1日签约，不计入1—9月。"}
    cancelled = {"signed_on": day("03-20"), "terminated_on": day("08-31"), "status": Project.Status.TERMINATED}
    cancelled |= {"note": "8月31日终止，8月起不再计入。"}
    expansion = {"kind": Project.Kind.EXPANSION, "signed_on": day("07-08"), "note": "增资扩产，不计入新引进。"}
    roads = {"category": Project.Category.INFRASTRUCTURE, "signed_on": day("04-09"), "note": "基础设施类，不计。"}
    suspended = {"kind": Project.Kind.EXPANSION, "status": Project.Status.SUSPENDED, "note": "暂停的增资扩产。"}
    again = {"review_state": Project.ReviewState.RETURNED, "ceremony_on": day("06-20"), "signed_on": day("06-20")}
    again |= {"return_reason": "与锂电隔膜项目是同一项目，同一项目多次签约只计首次。"}
    book.project("不到一亿", "park-a", f"线束项目{SAMPLE_MARK}", **a | just_below)
    book.project("框架协议", "park-a", f"新能源产业园项目{SAMPLE_MARK}", **a | framework)
    book.project("上年末", "park-a", f"数控机床项目{SAMPLE_MARK}", **a | last_year)
    book.project("十月", "park-a", f"激光设备项目{SAMPLE_MARK}", **a | october)
    book.project("已终止", "park-a", f"光伏支架项目{SAMPLE_MARK}", **a | cancelled)
    book.project("增资", "park-b", f"磁性元件扩产项目{SAMPLE_MARK}", **b | expansion)
    book.project("暂停", "park-b", f"储能电池扩产项目{SAMPLE_MARK}", **b | suspended)
    book.project("基础设施", "park-b", f"园区道路项目{SAMPLE_MARK}", **b | roads)
    halves = (("park-a", WHOLE // 2), ("park-b", WHOLE // 2))
    shared = {"note": "园区甲、园区乙各计一半。"}
    book.project("各半", "park-a", f"锂电隔膜项目{SAMPLE_MARK}", halves, **a | shared)
    book.project("各半重复", "park-b", f"锂电隔膜项目（二次签约仪式）{SAMPLE_MARK}", **b | again)
    paper = Contract(project=book.projects["框架协议"], type=Project.ContractType.FRAMEWORK, signed_on=day("05-18"))
    paper.amount = 200_000 * WAN
    book.ledger.create(paper)
    arrived = FundArrival.OriginTier.OUT_OF_PROVINCE
    book.fund_arrival("已终止", day("05-12"), arrived, 3_000 * WAN, proof="终止前到账，照计（示例）")
    whole = {"amount_usd": 2_000_000, "rate": 7_050_000, "fdi_scope": FundArrival.FdiScope.ALL}
    book.fund_arrival(
        "增资", day("08-05"), FundArrival.OriginTier.OVERSEAS, 14_100_000, **whole, proof="全口径（示例）"
    )


def _add_group_start(book: Book) -> None:
    """Two projects of 园区甲 and one of 园区乙 on the list of 29 September."""
    start = GroupStart.objects.get(code="2020-09-29-province")
    for key in ("park-a-13", "park-a-16", "park-b-15"):
        entry = GroupStartEntry(group_start=start, project=book.projects[key])
        entry.code = book.code(entry.project.park.code, "g", start.held_on.year)
        book.ledger.create(entry)
