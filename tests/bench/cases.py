"""What is measured, each beside the cheapest way to get the same rows or figures out of the same database."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Final

from django.core.management import call_command
from django.test import Client

from parkportal.models import Park, Region, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from projects.services import project_update
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.progress import results
from reports.services import scorecard_compile
from reports.tallies import tallies
from tests.bench import ledger, readers, scale
from tests.bench.measure import Pair
from tests.factories import make_token

PARKS, PROJECTS, SEED = 10, 20_000, 1
PERIOD: Final = Period(2020, 9)
F100: Final = "category=industry&contract_type=formal&kind=new&total_investment_min=100000000"
HOST: Final = "localhost"


def seeded() -> None:
    """The volume and its scorecards, once, in an empty database."""
    if not Park.objects.filter(code="volume-001").exists():
        call_command("seed_volume", parks=PARKS, projects=PROJECTS, seed=SEED, verbosity=0)
        call_command("compile_scorecards", period=str(PERIOD), verbosity=0)


def region() -> Region:
    return Park.objects.select_related("region").get(code="volume-001").region


def browser(role: str) -> Client:
    """A browser of a person of the first park, or of the city."""
    place = {"region": region()} if role == Role.CITY else {"park": Park.objects.get(code="volume-001")}
    person, _made = User.objects.get_or_create(username=f"bench-{role}", defaults={"role": role, **place})
    client = Client(headers={"host": HOST})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, address: str) -> Callable[[], Any]:
    """A call that must be answered with 200."""

    def get() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        assert b"".join(answer) if answer.streaming else answer.content

    return get


def compile_pairs() -> list[Pair]:
    """The figures of a month: one grouped query per indicator against one count per park and month."""
    place, indicator = region(), Indicator.objects.get(code="projects_100m")
    known = {"category": "industry", "contract_type": "formal", "kind": "new", "total_investment__gte": 100_000_000}

    def one_by_one() -> None:
        for park in Park.objects.filter(region=place):
            for month in range(1, 13):
                end = Period(2020, month).end
                rows = Project.objects.of_park(park.code).counted(end).filter(**known)
                rows.filter(signed_on__gte=Period(2020, 1).start, signed_on__lte=end).count()

    grouped = partial(tallies, indicator, place, 2020)
    whole, compute = partial(scorecard_compile, region=place, period=PERIOD), partial(results, place, PERIOD)
    return [
        Pair("one indicator, 10 parks × 12 months", grouped, "a count per park and month", one_by_one),
        Pair("a month's scorecards of 10 parks", whole, "its figures alone", compute),
    ]


def page_pairs() -> list[Pair]:
    """Pages against the bare rows that they show."""
    clerk, city = browser(Role.CLERK), browser(Role.CITY)
    mine = Project.objects.visible_to(User.objects.get(username="bench-clerk")).kept().order_by("-signed_on", "code")
    lines = ScorecardLine.objects.filter(scorecard__park__code="volume-001", scorecard__period=str(PERIOD))
    rows = partial(lambda: list(mine.values()[:50]))
    figures = partial(lambda: list(lines.values()))
    return [
        Pair("project list of a park, 2,000 projects", page(clerk, "/projects/"), "its 50 rows", rows),
        Pair("the same, filtered", page(clerk, f"/projects/?{F100}"), "50 rows", rows),
        Pair("project list of the city, 20,000 projects", page(city, "/projects/"), "50 rows", rows),
        Pair("overview", page(clerk, f"/?park=volume-001&period={PERIOD}"), "its figures", figures),
        Pair("scorecard", page(clerk, f"/scorecards/volume-001/{PERIOD}/"), "its figures", figures),
    ]


def rest_pairs() -> list[Pair]:
    """REST against the bare rows."""
    owner = User.objects.get_or_create(username="bench-city", defaults={"role": Role.CITY, "region": region()})[0]
    program = Client(headers={"host": HOST, "authorization": f"Bearer {make_token(owner)[1]}"})
    rows = Project.objects.visible_to(owner).kept().order_by("code")
    few, all_rows = partial(lambda: list(rows.values()[:200])), partial(lambda: list(rows.values()))
    return [
        Pair("REST, 200 projects", page(program, "/api/v1/projects/?page_size=200"), "200 rows", few),
        Pair("REST, 20,000 projects as CSV", page(program, "/api/v1/projects/?format=csv"), "20,000 rows", all_rows),
    ]


def save_pairs() -> list[Pair]:
    """An edit with its checks and trace against the bare column."""
    number = count()
    project = Project.objects.filter(park__code="volume-001", review_state="submitted").first()
    assert project is not None
    Project.objects.filter(pk=project.pk).update(review_state="draft")

    def save() -> None:
        project.refresh_from_db()
        project_update(by=Actor(None), project=project, values={"progress": f"进展{next(number)}"})

    def bare() -> None:
        Project.objects.filter(pk=project.pk).update(note=f"{next(number)}")

    return [Pair("save a project", save, "update one column", bare)]


CASES: Final[dict[str, Callable[[], list[Pair]]]] = {
    "compile": compile_pairs,
    "pages": page_pairs,
    "rest": rest_pairs,
    "save": save_pairs,
    "import": ledger.pairs,
    "readers": readers.pairs,
    "scale": scale.pairs,
}
ALONE: Final = frozenset({"readers", "scale"})
"""Measurements with a volume of their own, in a database of their own."""
