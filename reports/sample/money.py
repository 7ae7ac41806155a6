"""Money that arrived in the report's park, all of it invented, and the group start of 29 September."""

from typing import Any, Final

from projects.models import FundArrival, GroupStart, GroupStartEntry, GroupStartPark
from reports.sample.book import WAN, Book, day
from reports.sample.parks import HOME
from reports.sample.projects import CARRIED_OVER

Tier = FundArrival.OriginTier
IN_PROVINCE: Final = frozenset({"冷链", "中药"})
"""Projects whose investors are of Hunan."""

DOMESTIC: Final = (
    ("专用车", (("02-20", 12_000), ("04-16", 15_000), ("06-19", 9_000))),
    ("滤波器", (("03-30", 12_000), ("05-15", 14_000), ("07-16", 9_000))),
    ("连接器", (("04-10", 5_000), ("06-12", 4_500))),
    ("叉车配套", (("05-08", 7_000), ("07-10", 7_500))),
    ("冷链", (("05-22", 9_000), ("07-24", 8_000))),
    ("轻量化", (("06-05", 8_000), ("08-07", 7_500))),
    ("摄像模组", (("06-15", 14_000), ("08-18", 6_000))),
    ("铝型材", (("06-24", 9_000), ("08-14", 7_000))),
    ("输变电", (("07-15", 6_500), ("09-10", 5_000))),
    ("终端", (("07-28", 12_000), ("09-18", 9_000))),
    ("医药流通", (("07-08", 5_000), ("08-25", 4_000))),
    ("中药", (("08-11", 4_000),)),
    ("耗材", (("09-04", 3_000),)),
    ("石墨烯", (("09-22", 2_000),)),
    ("芯片封装", (("09-28", 11_000),)),
    ("工业互联网平台", (("01-15", 6_000), ("05-20", 5_000))),
    ("智能仓储装备", (("02-24", 4_000), ("06-18", 4_500))),
    ("高性能膜材料", (("03-17", 8_000), ("08-20", 5_500))),
    ("工业机器人本体", (("04-21", 6_500), ("09-15", 4_000))),
    ("智能传感器", (("01-20", 3_500), ("07-22", 4_000))),
)
"""Project, and day and 万元 of each arrival: 27.6亿元 up to September, 3.4亿元 of it in September."""

FOREIGN: Final = (
    ("滤波器", "04-28", 6_000_000, 7_070_000),
    ("摄像模组", "06-30", 9_000_000, 7_080_000),
    ("终端", "07-09", 12_000_000, 7_000_000),
    ("终端", "09-21", 4_200_000, 6_780_000),
)
"""Project, day, US dollars, millionths of the rate: 3,120万美元 in the ledger, where the city confirmed 3,080."""

NOT_COUNTED: Final = (
    ("冷链", "09-25", 1_500, {"origin_tier": Tier.LOCAL, "proof": "本地资金，不计入内资（示例）"}),
    ("终端", "09-30", 2_000, {"verified": False, "proof": "银行回单待核（示例）"}),
    ("专用车", "10-09", 3_000, {"proof": "银行回单（示例）"}),
)
"""Project, day, 万元 and what keeps it out of January to September."""


def add_fund_arrivals(book: Book) -> None:
    """Money by project; a company of the report has none."""
    for project, arrivals in DOMESTIC:
        tier = Tier.OUT_OF_CITY if project in IN_PROVINCE else Tier.OUT_OF_PROVINCE
        for on, wan in arrivals:
            book.fund_arrival(project, day(on), tier, wan * WAN, proof="银行回单（示例）")
    for project, on, usd, rate in FOREIGN:
        foreign: dict[str, Any] = {"amount_usd": usd, "rate": rate, "fdi_scope": FundArrival.FdiScope.MOFCOM}
        book.fund_arrival(project, day(on), Tier.OVERSEAS, usd * rate // 1_000_000, **foreign, proof="验资报告（示例）")
    for project, on, wan, values in NOT_COUNTED:
        book.fund_arrival(project, day(on), Tier.OUT_OF_PROVINCE, wan * WAN, **values)


def add_group_start(book: Book) -> None:
    """The group start with its published totals, and the six projects that took part: 智造谷 and five invented ones."""
    start = GroupStart(code="2020-09-29-province", name="2020年全省第二次重大项目集中开竣工", level="province")
    start.held_on, start.sequence, start.city_total = day("09-29"), 2, 63
    book.ledger.create(start)
    published = GroupStartPark(group_start=start, park=book.parks[HOME], published_count=6, rank=1)
    published.total, published.annual_plan = 171_000 * WAN, 58_000 * WAN
    book.ledger.create(published)
    planned: dict[str, int | None] = {"智造谷": None} | {row[0]: row[5] * WAN for row in CARRIED_OVER}
    for key, plan in planned.items():
        entry = GroupStartEntry(group_start=start, project=book.projects[key], planned=plan)
        entry.code = book.code(entry.project.park.code, "g", start.held_on.year)
        book.ledger.create(entry)
