"""The trace: numbers follow commits, no edit is lost, and there is no entry without its change or the reverse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from enterprises.models import Enterprise
from parkportal import trace
from parkportal.models import Change, Counter
from parkportal.trace import Actor, Ledger, StaleVersion, changes
from tests.concurrency import alone, own_connections, together
from tests.factories import make_enterprise, make_group, make_park, make_user

BY = Actor(None)
WRITERS, EDITS = 8, 20


@pytest.mark.django_db
def test_a_change_and_its_entry_are_written_together() -> None:
    user, company = make_user(), make_enterprise(name="旧名")
    with changes(by=Actor(user, Change.Door.PAGE, request_id="r-1")) as ledger:
        ledger.update(company, {"name": "新名", "origin": ""}, company.version)
    entry = Change.objects.get()
    assert (entry.user, entry.door, entry.request_id, entry.park) == (user, "page", "r-1", company.park)
    assert (entry.object_type, entry.object_code) == ("enterprises.Enterprise", company.code)
    assert entry.diff == {"name": ["旧名", "新名"]}
    assert (company.name, company.version, company.seq) == ("新名", 2, 0)
    company.refresh_from_db()
    assert company.seq == entry.seq == trace.last_seq()


@pytest.mark.django_db
def test_a_failed_unit_leaves_neither_change_nor_entry_nor_number() -> None:
    company = make_enterprise(name="旧名")
    with pytest.raises(RuntimeError), changes(by=BY) as ledger:
        ledger.update(company, {"name": "新名"})
        raise RuntimeError
    company.refresh_from_db()
    assert (company.name, Change.objects.count(), trace.last_seq()) == ("旧名", 0, 0)
    assert not Counter.objects.filter(kind="seq").exists()


@pytest.mark.django_db
def test_a_unit_of_many_parts_writes_its_trace_once_and_numbers_without_a_gap() -> None:
    park, companies = make_park(), [make_enterprise(name=f"旧名{n}") for n in range(5)]
    before = trace.next_code(park, "x", 2020)
    with trace.many_changes(by=BY):
        for company in companies:
            with changes(by=BY) as part:
                part.update(company, {"name": "新名", "origin": trace.next_code(park, "x", 2020)}, company.version)
            assert not Change.objects.exists(), "at the end of the whole"
        with changes(by=Actor(make_user())) as other:
            other.update(companies[0], {"name": "别人写的"})
        assert Change.objects.count() == 1, "somebody else's unit is one of its own"
    assert Change.objects.count() == 6 and before == f"{park.code}-x2020-001"
    codes = [company.origin for company in Enterprise.objects.order_by("pk")]
    assert codes == [f"{park.code}-x2020-{n:03d}" for n in range(2, 7)]
    assert trace.next_code(park, "x", 2020) == f"{park.code}-x2020-007"
    last = {entry.object_code: entry.seq for entry in Change.objects.order_by("seq")}
    assert {company.code: company.seq for company in Enterprise.objects.all()} == last


@pytest.mark.django_db
def test_a_part_that_fails_fails_the_whole() -> None:
    park, company = make_park(), make_enterprise(name="旧名")
    with pytest.raises(RuntimeError), trace.many_changes(by=BY):
        with changes(by=BY) as part:
            part.update(company, {"name": trace.next_code(park, "x", 2020)})
        raise RuntimeError
    company.refresh_from_db()
    assert (company.name, Change.objects.count()) == ("旧名", 0)
    assert trace.next_code(park, "x", 2020).endswith("-001"), "no unit is at work any more"


@pytest.mark.django_db
def test_a_failing_trace_takes_the_change_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_enterprise(name="旧名")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError

    monkeypatch.setattr(Change.objects, "bulk_create", broken)
    with pytest.raises(OSError), changes(by=BY) as ledger:  # noqa: PT011 - it is our own
        ledger.update(company, {"name": "新名"})
    company.refresh_from_db()
    assert company.name == "旧名"


@pytest.mark.django_db
def test_nothing_changed_is_not_noted() -> None:
    company = make_enterprise(name="同名")
    with changes(by=BY) as ledger:
        assert ledger.update(company, {"name": "同名"}, company.version) == {}
    assert (company.version, Change.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_numbers_of_one_unit_are_consecutive_and_each_row_has_its_own() -> None:
    park = make_park()
    with changes(by=BY) as ledger:
        made = ledger.create_all(Enterprise(code=f"e-{n}", name=f"企业{n}", park=park) for n in range(5))
    assert [Enterprise.objects.get(pk=row.pk).seq for row in made] == [1, 2, 3, 4, 5]
    assert list(Change.objects.order_by("seq").values_list("object_code", flat=True)) == [f"e-{n}" for n in range(5)]


@pytest.mark.django_db
def test_a_withdrawn_row_stays_and_a_removed_one_is_noted_with_all_it_held() -> None:
    user, company, group = make_user(), make_enterprise(), make_group(name="某集团")
    with changes(by=Actor(user)) as ledger:
        ledger.withdraw(company, company.version)
        ledger.delete(group)
    assert company.deleted_by == user
    assert company.deleted_at is not None
    removed = Change.objects.get(object_type="enterprises.Group")
    assert removed.diff["name"] == ["某集团", None]
    assert removed.park is None


@pytest.mark.django_db
def test_a_stale_version_is_refused_and_shows_the_row_as_it_is() -> None:
    company = make_enterprise(name="一")
    mine = Enterprise.objects.get(pk=company.pk)
    with changes(by=BY) as ledger:
        ledger.update(company, {"name": "二"}, 1)
    for values in ({"name": "三"}, {"name": "二"}):
        with pytest.raises(StaleVersion) as refusal, changes(by=BY) as ledger:
            ledger.update(mine, values, 1)
        assert isinstance(refusal.value.current, Enterprise)
        assert (refusal.value.current.name, refusal.value.current.version) == ("二", 2)
    assert Change.objects.count() == 1


@pytest.mark.django_db
def test_who_was_overtaken_between_reading_and_writing_sees_the_newer_row(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_enterprise(name="一")
    read = trace.plain

    def overtaken(value: Any) -> Any:
        Enterprise.objects.filter(pk=company.pk, version=1).update(name="先到", version=2)
        return read(value)

    monkeypatch.setattr(trace, "plain", overtaken)
    with pytest.raises(StaleVersion) as refusal, changes(by=BY) as ledger:
        ledger.update(company, {"name": "后到"}, 1)
    assert isinstance(refusal.value.current, Enterprise)
    assert (refusal.value.current.name, refusal.value.current.version) == ("先到", 2)


@pytest.mark.django_db
def test_codes_are_never_given_twice_even_after_a_row_is_gone() -> None:
    park = make_park(code="yuan")
    assert [trace.next_code(park, "", 2020) for _ in range(3)] == ["yuan-2020-001", "yuan-2020-002", "yuan-2020-003"]
    assert trace.next_code(park, "f", 2020) == "yuan-f2020-001"
    assert trace.next_code(park, "", 2021) == "yuan-2021-001"


def add_one(pk: int) -> None:
    """Raise a number that stands in a text by one, again and again until nobody was first."""
    while True:
        row = Enterprise.objects.get(pk=pk)
        try:
            with changes(by=BY) as ledger:
                ledger.update(row, {"profile": str(int(row.profile) + 1)}, row.version)
        except StaleVersion:
            continue
        return


def careless(self: Ledger, row: Model, values: dict[str, Any], version: int | None = None) -> dict[str, Any]:
    """The ledger's update without compare-and-set."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    self.note(row, {name: (None, value) for name, value in values.items()})
    return {}


def edited(folder: Path, pk: int) -> tuple[int, int]:
    """What eight writers of twenty edits each leave: the number, and the count of entries."""

    def work(_number: int) -> None:
        for _ in range(EDITS):
            add_one(pk)

    with own_connections(folder):
        assert together(work, WRITERS) == [None] * WRITERS
        return alone(lambda: (int(Enterprise.objects.get(pk=pk).profile), Change.objects.count()))  # type: ignore[no-any-return]


@pytest.mark.django_db(transaction=True)
def test_eight_writers_lose_no_edit(tmp_path: Path) -> None:
    company = make_enterprise(profile="0")
    assert edited(tmp_path, company.pk) == (WRITERS * EDITS, WRITERS * EDITS)


@pytest.mark.django_db(transaction=True)
def test_without_compare_and_set_edits_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    company = make_enterprise(profile="0")
    monkeypatch.setattr(Ledger, "update", careless)
    found, entries = edited(tmp_path, company.pk)
    assert entries == WRITERS * EDITS
    assert found < entries


def watched(folder: Path, pks: list[int], write: Callable[[int], None]) -> list[int]:
    """The numbers that a reader, always asking for what is newer than the last it saw, missed while eight wrote."""
    seen: list[int] = []

    def work(number: int) -> None:
        if number < WRITERS:
            for _ in range(EDITS):
                write(pks[number])
            return
        while len(seen) < WRITERS * EDITS and Change.objects.count() < WRITERS * EDITS:
            seen.extend(
                Change.objects.filter(seq__gt=max(seen, default=0)).order_by("seq").values_list("seq", flat=True)
            )

    with own_connections(folder):
        answers = together(work, WRITERS + 1)
        assert answers == [None] * (WRITERS + 1), answers
        last = max(seen, default=0)
        every = alone(lambda: set(Change.objects.filter(seq__lte=last).values_list("seq", flat=True)))
        assert alone(lambda: Change.objects.count()) == WRITERS * EDITS
    return sorted(every - set(seen))


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_follows_the_numbers_misses_nothing(tmp_path: Path) -> None:
    park = make_park()
    pks = [make_enterprise(park=park, profile="0").pk for _ in range(WRITERS)]
    assert watched(tmp_path, pks, add_one) == []


@pytest.mark.django_db(transaction=True)
def test_numbers_that_are_taken_before_the_lock_are_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The control: numbers from a sequence, as a primary key has them, do not follow the order of commits."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: numbers cannot overtake there.")
    park = make_park()
    pks = [make_enterprise(park=park, profile="0").pk for _ in range(WRITERS)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE careless_numbers")

    def unlocked(kind: str, *, by: int = 1, **_place: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('careless_numbers'), pg_sleep(random() * 0.01)")
            return int(cursor.fetchone()[0])

    monkeypatch.setattr(trace, "next_number", unlocked)
    try:
        assert watched(tmp_path, pks, add_one) != []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE careless_numbers")


@pytest.mark.django_db(transaction=True)
def test_the_first_number_of_a_counter_is_given_once(tmp_path: Path) -> None:
    park = make_park(code="yuan")

    def work(_number: int) -> str:
        with transaction.atomic():
            return trace.next_code(park, "", 2020)

    with own_connections(tmp_path):
        assert sorted(together(work, WRITERS)) == [f"yuan-2020-{n:03d}" for n in range(1, WRITERS + 1)]
