"""Six parks, the logins, and what the city demands of each park."""

from typing import Any, Final, NamedTuple

from django.contrib.auth.hashers import make_password

from parkportal.models import Park, Region, User
from parkportal.roles import Role
from parkportal.trace import next_number
from reports.models import Indicator, LongTermGoal, ReportedFigure, Target
from reports.reference import CITY
from reports.sample.book import INVENTED, YEAR, Book, day

HOME: Final = "baishazhou"
"""The park of the report."""


INVENTED_FIGURES: Final = [
    "arrival_rate",
    "arrival_rate_total",
    "arrived_funds_domestic",
    "arrived_funds_foreign",
    "average_settle_days",
    "cohort_arrived_funds",
    "cohort_contracted_capital",
    "cohort_fulfilled",
    "cohort_producing",
    "cohort_registered",
    "cohort_started",
    "fulfilment_rate",
    "production_rate",
    "registration_rate",
    "start_rate",
    "started_projects",
]
"""Figures of the report's park that the report does not give; those of the other parks are all invented."""


class ParkRow(NamedTuple):
    """A park, the month from which its ledger is complete, and its targets of the two assessed indicators."""

    code: str
    name: str
    ledger_from: str
    projects_100m: int
    fortune_global_500: int | None


PARKS: Final = (
    ParkRow(HOME, "白沙洲工业园区", "2020-01", 12, 1),
    ParkRow("park-a", "园区甲（示例）", "2019-01", 8, 1),
    ParkRow("park-b", "园区乙（示例）", "2019-01", 12, 1),
    ParkRow("park-c", "园区丙（示例）", "2019-01", 10, 1),
    ParkRow("park-d", "园区丁（示例）", "2019-01", 12, None),
    ParkRow("park-e", "园区戊（示例）", "2019-01", 12, 1),
)

LOGINS: Final = (
    ("clerk", "经办人甲", "招商一科", Role.CLERK, HOME),
    ("reviewer", "科室负责人", "招商一科", Role.HEAD, HOME),
    ("leader", "园区主要负责人", "", Role.LEADER, HOME),
    ("statistician", "统计员", "", Role.STATISTICIAN, CITY),
    ("cityleader", "市级用户", "", Role.CITY, CITY),
    ("admin", "系统管理员", "", Role.ADMIN, ""),
    ("clerk-a", "园区甲经办人", "招商科", Role.CLERK, "park-a"),
)
COLLEAGUES: Final = (
    ("clerk-2", "经办人乙", "招商一科", Role.CLERK, HOME),
    ("clerk-3", "经办人丙", "招商二科", Role.CLERK, HOME),
)
"""Owners of projects who cannot log in."""
NO_LOGIN: Final = "!"
"""A password that no input matches."""


def add_parks(book: Book) -> None:
    """The parks with their first and last month."""
    city = Region.objects.get(code=CITY)
    for row in PARKS:
        months = {"ledger_from": row.ledger_from, "scorecards_from": "2020-01", "scorecards_until": "2020-09"}
        park = Park(code=row.code, name=row.name, region=city, is_sample=True, **months)
        park.sample_fields = INVENTED_FIGURES if row.code == HOME else INVENTED
        book.parks[row.code] = book.ledger.create(park)


def add_users(book: Book, password: str) -> None:
    """The logins, who share one password, and two colleagues."""
    shared = make_password(password)
    for row in LOGINS:
        _add_user(book, shared, *row)
    for row in COLLEAGUES:
        _add_user(book, NO_LOGIN, *row)


def _add_user(book: Book, hashed: str, username: str, name: str, section: str, role: str, place: str) -> None:
    """Write a user; the password comes after the trace, which must not hold it."""
    where: dict[str, Any] = {"park": book.parks.get(place)}
    if place == CITY:
        where = {"region": Region.objects.get(code=CITY)}
    user = User(username=username, name=name, section=section, role=role, **where)
    book.users[username] = book.ledger.create(user)
    User.objects.filter(pk=user.pk).update(password=hashed)


def add_targets(book: Book) -> None:
    """Annual targets: those of the report's park follow from what it exceeded them by, the others are invented."""
    for row in PARKS:
        note = "由公开报道的超额数反推。" if row.code == HOME else "示例园区的目标，全部为示例。"
        demands = {"projects_100m": row.projects_100m, "fortune_global_500_projects": row.fortune_global_500}
        for indicator, annual in demands.items():
            if annual is not None:
                _add_target(book, row.code, indicator, annual, note)


def _add_target(book: Book, park: str, indicator: str, annual: int, note: str) -> None:
    target = Target(park=book.parks[park], indicator=Indicator.objects.get(code=indicator), year=YEAR, annual=annual)
    target.code = book.code(park, "m", YEAR)
    target.document, target.authority, target.note = "（示例）", "市人民政府（示例）", note
    book.ledger.create(target)


def add_goal(book: Book) -> None:
    """What the report says of the years to come: the automotive output of the whole city."""
    region = Region.objects.get(code=CITY)
    basis = "2020年9月公开报道：力争2025年全市汽车产业产值达1000亿元。"
    goal = LongTermGoal(region=region, code=f"{CITY}-goal2025-001", name="汽车产业产值", year=2025, basis=basis)
    goal.amount, goal.unit = 100_000_000_000, "亿元"
    next_number("goal", year=2025)
    book.ledger.create(goal)


def add_reported_figures(book: Book) -> None:
    """The city's answer on foreign capital, 40万美元 below the ledger: 3,080 against 3,120."""
    foreign = Indicator.objects.get(code="arrived_funds_foreign")
    figure = ReportedFigure(park=book.parks[HOME], indicator=foreign, period="2020-09", numerator=30_800_000)
    figure.authority, figure.received_on = "市商务局（示例）", day("10-08")
    figure.proof = "月度反馈表（示例）"
    book.ledger.create(figure)
