"""The way of a ledger in a test: a park with its people, upload, mapping, check, run."""

from collections import Counter
from datetime import date
from typing import Any

from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.imports import services
from projects.imports.run import import_run
from projects.models import ImportBatch, ImportRow, Project
from tests import factories as make
from tests.projects.imports.books import ALIKE, KNOWN

TODAY = date(2020, 10, 1)
YI = 100_000_000


def clerk_of_a_park(**fields: Any) -> User:
    """Somebody who enters, in a park whose city has the chain 电子信息."""
    region = make.make_region()
    for name in ("电子信息", "生物医药", "机械制造"):
        make.make_chain(region=region, name=name)
    return make.make_user(**{"role": Role.CLERK, "park": make.make_park(region=region)} | fields)


def with_known_projects(user: User) -> User:
    """The six that the ledger of forty-two rows updates, and the two that its rows are like; drafts."""
    names = [(f"{name}项目", 30_000) for name in KNOWN]
    names += [(f"{ALIKE[0]}项目", 50_000), (f"{ALIKE[1]}项目", 30_000)]
    for name, wan in names:
        known_project(user, name, total_investment=wan * 10_000, review_state="draft", signed_on=date(2020, 3, 5))
    return user


def known_project(user: User, name: str, **fields: Any) -> Project:
    """A project that the park has already, under a code that no import will take."""
    assert isinstance(user.park, Park)
    return make.make_project(park=user.park, name=name, code=f"{user.park.code}-2019-{make.number():03d}", **fields)


def uploaded(user: User, data: bytes, name: str = "项目台账2020年9月.xlsx") -> ImportBatch:
    """A batch as it is after the upload."""
    assert isinstance(user.park, Park)
    return services.import_upload(by=Actor(user), park=user.park, name=name, data=data, on=TODAY)


def checked(user: User, data: bytes, name: str = "项目台账2020年9月.xlsx", **options: Any) -> ImportBatch:
    """A batch that was mapped as guessed (`mapping` overrides columns) and checked."""
    batch = uploaded(user, data, name)
    mapping = {int(column): key for column, key in batch.mapping.items()} | options.pop("mapping", {})
    values = {name: batch.options[name] for name in ("unit", "year", "hidden")} | options
    services.import_map(by=Actor(user), batch=batch, mapping=mapping, **values)
    return services.import_check(by=Actor(user), batch=batch, on=TODAY)


def imported(user: User, batch: ImportBatch, *, submit: bool = False) -> ImportBatch:
    """The batch after its rows that are ready were written."""
    services.import_begin(by=Actor(user), batch=batch)
    done = import_run(by=Actor(user), batch=batch, on=TODAY, submit=submit)
    assert not done.error, done.error
    return done


def states(batch: ImportBatch) -> dict[str, int]:
    """How many rows are in which state."""
    return dict(Counter(batch.rows.values_list("state", flat=True)))


def row(batch: ImportBatch, number: int) -> ImportRow:
    """A row by its number in Excel."""
    return batch.rows.get(number=number)


def says(one: ImportRow) -> str:
    """Everything that a row says on the page."""
    cells = [cell["say"] for cell in one.problems["cells"].values()]
    return "；".join([*cells, one.problems["say"], *one.problems["notes"]])


def fixes(one: ImportRow) -> list[str]:
    """All that may have been meant by the wrong cells of a row."""
    return [fix for cell in one.problems["cells"].values() for fix in cell["fixes"]]


def only_project(user: User, name: str) -> Project:
    """The one project of that name in the person's park."""
    return Project.objects.kept().get(park=user.park, name=name)


def words(answer: Any) -> str:
    return answer.content.decode()
