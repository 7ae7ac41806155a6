"""Companies that the report names, with what it says of them and no more; groups, rankings, and links of chains."""

from typing import Any, Final

from enterprises.models import ChainNode, Group, ListingStep, OperatingRecord, RankingEntry, RankingList
from parkportal.models import Precision
from reports.sample.book import WAN, Book, day
from reports.sample.parks import HOME

YI: Final = 10_000 * WAN

GROUPS: Final = (
    ("hon-hai", "鸿海精密", ""),
    ("foxconn", "富士康", "hon-hai"),
    ("china-resources", "华润集团", ""),
    ("china-resources-pharma", "华润医药", "china-resources"),
    ("anhui-heli", "安徽合力", ""),
    ("sample-global-a", "跨国集团甲（示例）", ""),
    ("sample-global-b", "跨国集团乙（示例）", ""),
)
"""Code, name, code of the group that controls it."""

LISTS: Final = (
    (2019, "2019-07-01", {"hon-hai": 23, "china-resources": None, "sample-global-a": None, "sample-global-b": None}),
    (2020, "2020-08-01", {"hon-hai": 26, "china-resources": 79, "sample-global-a": None, "sample-global-b": None}),
)
"""Fortune Global 500: year, first day of the month of publication, rank by group; None is a rank not known."""

REAL: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("富士康", "富士康", {"group": "foxconn", "settled_year": 2011}),
    ("华润医药", "华润医药", {"group": "china-resources-pharma"}),
    ("爱加", "湖南爱加建筑有限公司", {"profile": "返乡创业企业。"}),
    ("捷高", "深圳捷高电子科技有限公司", {}),
    ("工业富联", "富士康工业富联", {"group": "foxconn"}),
    ("恒天智客", "恒天智客", {}),
    (
        "合力",
        "衡阳合力工业车辆有限公司",
        {
            "group": "anhui-heli",
            "settled_year": 2007,
            "land_area_mu": 120_00,
            "profile": "安徽合力股份有限公司全资子公司，为安徽合力在南方的重要研发、生产基地。"
            "初始产能1万台，2018年产能升级为2万台。",
        },
    ),
    ("华菱", "华菱汽车", {"profile": "报道中又作华菱星马，扎根白沙洲工业园区逾十载。"}),
)
"""Short name, name, what the report says. A credit code, an origin or an industry code it does not give."""

RECORDS: Final = (
    ("富士康", "2019-12", {"output": 567 * YI, "tax": 1150 * YI // 100}),
    ("爱加", "2020-09", {"output": 130 * YI // 100}),
)
"""Cumulative to the end of that month, in yuan; 爱加: “目前” of a report on January to September."""

NODES: Final = (
    ("electronics", "chip", "芯片封装（示例）", 1, "weak"),
    ("electronics", "parts", "元器件（示例）", 1, "present"),
    ("electronics", "modules", "模组（示例）", 2, "present"),
    ("electronics", "structure", "结构件（示例）", 2, "present"),
    ("electronics", "devices", "整机（示例）", 3, "weak"),
    ("machinery", "battery", "动力电池（示例）", 1, "missing"),
    ("machinery", "components", "零部件（示例）", 1, "present"),
    ("machinery", "vehicles", "整车整机（示例）", 2, "present"),
    ("machinery", "power", "输变电装备（示例）", 2, "weak"),
    ("biomedicine", "extraction", "原料提取（示例）", 1, "present"),
    ("biomedicine", "consumables", "制剂和耗材（示例）", 2, "weak"),
    ("biomedicine", "distribution", "流通（示例）", 3, "present"),
)
"""Chain, name in the code, name, tier, state."""

RECOMMENDED: Final = (
    ("丁公司", "03-18"),
    ("卯公司", "05-14"),
    ("戊公司", "06-23"),
    ("丙公司", "07-30"),
    ("丑公司", "09-09"),
    ("甲公司", "09-17"),
)
"""The six companies that were recommended for the STAR market, all invented."""


def add_groups(book: Book) -> None:
    """Groups, the two lists of the Fortune Global 500, and the links of the chains."""
    for code, name, parent in GROUPS:
        group = Group(code=code, name=name, parent=book.groups.get(parent), controlled=True)
        book.groups[code] = book.ledger.create(group)
    for year, published, ranks in LISTS:
        ranking = RankingList(kind=RankingList.Kind.FORTUNE_GLOBAL_500, year=year, published_on=day(published))
        ranking.published_on_precision = Precision.MONTH
        book.ledger.create(ranking)
        for code, rank in ranks.items():
            book.ledger.create(RankingEntry(list=ranking, group=book.groups[code], rank=rank))
    for chain, code, name, tier, state in NODES:
        node = ChainNode(chain=book.chains[chain], code=f"{chain}-{code}", name=name, tier=tier, state=state)
        book.nodes[node.code] = book.ledger.create(node)


def add_enterprises(book: Book) -> None:
    """The companies of the report and what they achieved."""
    for key, name, values in REAL:
        book.enterprise(key, HOME, name, **values)
    for key, period, values in RECORDS:
        record = OperatingRecord(enterprise=book.enterprises[key], kind="cumulative", period=period, **values)
        book.ledger.create(record)


def add_listing_steps(book: Book) -> None:
    """The recommendations for the STAR market."""
    for key, on in RECOMMENDED:
        step = ListingStep(enterprise=book.enterprises[key], board="star", step="recommended", happened_on=day(on))
        step.code = book.code(HOME, "l", step.happened_on.year)
        step.document = "（示例）"
        book.ledger.create(step)
