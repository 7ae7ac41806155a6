"""The life of a scorecard: handed in, published once by another person, corrected in the open, never changed."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from parkportal.models import Change
from parkportal.trace import Actor
from projects.models import Project
from reports import frozen, triggers
from reports.changes import Kind
from reports.models import FrozenMember, Publication, Scorecard
from reports.publishing import (
    changes_to_explain,
    scorecard_correct,
    scorecard_publish,
    scorecard_return,
    scorecard_submit,
    seal,
    signature_record,
)
from tests import factories as make
from tests.published import drop_triggers
from tests.reports.office import Office

pytestmark = pytest.mark.django_db


def actual(publication: Publication, code: str = "projects_100m") -> int | None:
    line = next(line for line in frozen.lines_of(publication.data) if line.indicator.code == code)
    return None if line.actual is None else int(line.actual)


def month(publication: Publication, code: str = "projects_100m") -> int:
    return int(next(line for line in frozen.lines_of(publication.data) if line.indicator.code == code).month or 0)


def verify() -> str:
    """What `verify_scorecards` says: nothing is wrong, or all that is."""
    errors = StringIO()
    try:
        call_command("verify_scorecards", verbosity=0, stderr=errors)
    except CommandError:
        return errors.getvalue()
    return ""


def test_publishing_writes_one_row_that_follows_from_its_members(office: Office) -> None:
    for number in (3, 4, 5):
        office.signed(number)
    publication = office.published("2020-04")
    assert (actual(publication), month(publication)) == (2, 1)
    assert actual(publication, "signed_investment") == 400_000_000
    assert list(frozen.problems(publication.data)) == [] and publication.digest == seal(publication)
    assert FrozenMember.objects.filter(publication=publication).count() == 4
    assert (publication.scorecard.status, publication.previous_digest) == ("published", "")
    assert Change.objects.filter(object_type="reports.Publication", object_code=publication.code).exists()
    publication.scorecard.refresh_from_db()
    assert publication.content and publication.scorecard.submitted_content == "", "the long text lies in one place"
    assert verify() == ""


def test_who_hands_in_does_not_publish_and_a_clerk_does_not_publish_at_all(office: Office) -> None:
    card = office.submitted("2020-04")
    for person in (office.one, office.clerk):
        with pytest.raises(PermissionDenied):
            scorecard_publish(by=Actor(person), scorecard=card)
    with pytest.raises(PermissionDenied):
        scorecard_return(by=Actor(office.clerk), scorecard=card, reason="数字有误")
    assert not Publication.objects.exists()
    scorecard_return(by=Actor(office.one), scorecard=card, reason="漏了一个项目")
    card.refresh_from_db()
    assert (card.status, card.return_reason, card.submitted_content) == ("draft", "漏了一个项目", "")


def test_a_step_out_of_order_is_refused_in_words(office: Office) -> None:
    draft = office.draft("2020-04")
    with pytest.raises(ValidationError, match="只有送审稿可以定稿"):
        scorecard_publish(by=Actor(office.other), scorecard=draft)
    card = office.submitted("2020-04")
    with pytest.raises(ValidationError, match="只有初稿可以送审"):
        scorecard_submit(by=Actor(office.one), scorecard=card)
    publication = scorecard_publish(by=Actor(office.other), scorecard=card)
    with pytest.raises(ValidationError, match="只有送审稿可以退回"):
        scorecard_return(by=Actor(office.other), scorecard=card, reason="晚了")
    scorecard_correct(by=Actor(office.one), publication=publication)
    with pytest.raises(ValidationError, match="已经在编制"):
        scorecard_correct(by=Actor(office.one), publication=publication)


def test_what_comes_after_handing_in_is_not_in_the_publication(office: Office) -> None:
    office.signed(3)
    card = office.submitted("2020-03")
    late = office.signed(2)
    publication = scorecard_publish(by=Actor(office.other), scorecard=card)
    assert actual(publication) == 1
    april = office.published("2020-04")
    assert (actual(april), month(april)) == (2, 1), "it is in the next month, once"
    assert late.code in {member["code"] for member in april.data["members"]["projects_100m"]}


def test_december_late_comes_into_the_closing_and_into_no_month_twice(office: Office) -> None:
    office.signed(11)
    november, december = office.published("2020-11"), office.published("2020-12")
    late = make.make_project(park=office.park, signed_on=date(2020, 12, 28))
    with pytest.raises(ValidationError, match="请写明每项变动的原因"):
        scorecard_submit(by=Actor(office.one), scorecard=office.draft("2020-final"))
    closing = office.published("2020-final")
    assert [actual(one) for one in (november, december, closing)] == [1, 1, 2]
    assert [month(one) for one in (november, december, closing)] == [1, 0, 1]
    assert closing.data["reasons"] == {late.code: "报送较晚"}
    next_year = office.draft("2021-12").lines.get(indicator=office.count)
    assert (next_year.actual, next_year.previous, next_year.previous_source) == (0, 2, "published")
    assert verify() == ""


def test_a_closing_waits_for_december(office: Office) -> None:
    with pytest.raises(ValidationError, match="12月成绩单定稿以后"):
        scorecard_submit(by=Actor(office.one), scorecard=office.draft("2020-final"))


def test_a_correction_is_a_new_revision_with_a_reason_for_each_change(office: Office) -> None:
    first, second = office.signed(2), office.signed(3)
    old = office.published("2020-03")
    content = old.content
    Project.objects.filter(pk=first.pk).update(total_investment=900_000_000)
    Project.objects.filter(pk=second.pk).update(park=office.neighbour)
    second.shares.update(park=office.neighbour)
    added = office.signed(1)
    office.target.annual = 10
    office.target.save()
    scorecard_correct(by=Actor(office.one), publication=old)
    draft = office.draft("2020-03")
    found = {one.key: one for one in changes_to_explain(draft)}
    kinds = {first.code: Kind.CHANGED, second.code: Kind.STRUCK, added.code: Kind.LATE}
    assert {key: one.kind for key, one in found.items()} == kinds | {"target:projects_100m": Kind.TARGET}
    assert "−1个" in found[second.code].text and "+1个" in found[added.code].text
    some = {first.code: "金额有误"}
    with pytest.raises(ValidationError, match="还缺3项"):
        scorecard_submit(by=Actor(office.one), scorecard=draft, reasons=some)
    new = office.published("2020-03")
    assert (new.revision, new.code, new.previous_digest) == (2, f"{office.park.code}-2020-03-r2", old.digest)
    assert set(new.data["reasons"]) == set(found)
    assert Publication.objects.get(pk=old.pk).content == content
    assert list(Scorecard.objects.current().filter(park=office.park)) == [new.scorecard]
    assert verify() == ""


def test_a_correction_without_a_difference_is_refused(office: Office) -> None:
    scorecard_correct(by=Actor(office.one), publication=office.published("2020-03"))
    with pytest.raises(ValidationError, match="没有差别"):
        scorecard_submit(by=Actor(office.one), scorecard=office.draft("2020-03"))


def test_months_own_and_last_year_are_against_what_was_published(office: Office) -> None:
    gone = office.signed(3)
    office.published("2020-03")
    Project.objects.filter(pk=gone.pk).update(review_state="returned")
    april = office.published("2020-04")
    assert (actual(april), month(april)) == (0, -1)
    line = office.draft("2021-03").lines.get(indicator=office.count)
    assert (line.previous, line.previous_source) == (1, "published"), "the ledger would say 0"


@pytest.mark.parametrize("table", triggers.TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET period = '2019-01'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_changes_to_what_was_published(office: Office, table: str, statement: str) -> None:
    office.signed(3)
    office.published("2020-03")
    if connection.vendor == "sqlite" and "TRUNCATE" in statement:
        statement = "DELETE FROM {} WHERE 1 = 1"
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    statement = statement.replace("period", "booked") if "member" in table else statement
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_sqlite_does_not_let_a_published_row_be_replaced(office: Office) -> None:
    """REPLACE deletes what is in its way without asking the guard of deletions."""
    if connection.vendor != "sqlite":
        return
    office.signed(3)
    office.published("2020-03")
    for model in (Publication, FrozenMember):
        columns = [field.column for field in model._meta.concrete_fields]
        for fresh in ("id", "id + 100"):
            values = ", ".join(fresh if name == "id" else name for name in columns)
            replace = f"REPLACE INTO {{0}} ({', '.join(columns)}) SELECT {values} FROM {{0}}"  # noqa: S608
            with (
                pytest.raises(DatabaseError, match=triggers.REFUSAL),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(replace.format(model._meta.db_table))


CELLS = {
    "reports_publication": ("content", "period", "documents", "digest", "previous_digest", "submitted_at"),
    "reports_signature": ("signer", "signed_on", "part"),
    "reports_frozenmember": ("numerator", "facts", "code", "indicator"),
    "reports_scorecardline": ("actual_numerator", "rank", "light"),
    "reports_scorecardslice": ("numerator", "name", "key"),
    "reports_scorecard": ("lead", "status", "reasons", "submitted_at", "code"),
}


def test_a_cell_changed_behind_the_triggers_is_found(office: Office) -> None:
    office.signed(3)
    scorecard = office.published("2020-03").scorecard
    scan = ("签字页.pdf", b"%PDF", "application/pdf")
    signed = {"part": "issued", "signer": "某领导", "signed_on": date(2020, 4, 9), "scan": scan}
    signature = signature_record(by=Actor(office.one), scorecard=scorecard, **signed)
    assert verify() == "", "a signature does not touch what it is under"
    odd = {
        "signed_on": "2020-01-01",
        "part": "checked",
        "numerator": 7,
        "actual_numerator": 7,
        "rank": 9,
        "submitted_at": "2020-01-01 00:00:00+00:00",
    }
    odd |= {
        "reasons": '{"x": "y"}',
        "facts": '{"name": "x"}',
        "documents": '[{"name": "x", "stored_name": "x", "digest": ""}]',
    }
    for table, columns in CELLS.items():
        for column in columns:
            with transaction.atomic():
                drop_triggers()
                with connection.cursor() as cursor:
                    one = f"id = (SELECT min(id) FROM {table})"  # noqa: S608
                    cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {one}", [odd.get(column, "x")])  # noqa: S608
                triggers.make()
                assert verify(), f"{table}.{column}"
                transaction.set_rollback(True)
    assert verify() == ""
    Path(settings.MEDIA_ROOT, signature.scan.stored_name).write_bytes(b"%PDF other")
    assert "签字页.pdf" in verify()


@pytest.mark.parametrize("odd", ['{"x": 1}', "7", '"x"', '[{"kind": "x"}]'])
def test_a_row_that_cannot_be_read_is_found_and_the_others_are_still_looked_at(office: Office, odd: str) -> None:
    office.signed(3)
    wrong, other = office.published("2020-03"), office.published("2020-04")
    drop_triggers()
    moment = {} if connection.vendor == "postgresql" else {"submitted_at": "x"}
    for column, value in ({"documents": odd} | moment).items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reports_publication SET {column} = %s WHERE id = {wrong.pk}", [value])  # noqa: S608
            said = verify()
            assert f"{wrong.code}：定稿记录与摘要不符" in said and other.code not in said, column
            transaction.set_rollback(True)


def test_a_publication_that_was_sealed_anew_or_taken_out_is_found_by_the_trace(office: Office) -> None:
    office.signed(3)
    publication = office.published("2020-03")
    drop_triggers()
    with transaction.atomic():
        publication.published_at += timedelta(days=1)
        publication.digest = seal(publication)
        publication.save()
        triggers.make()
        assert verify() == f"{publication.code}：摘要与变更记录所载的不符\n"
        transaction.set_rollback(True)
    publication.members.all().delete()
    publication.delete()
    Scorecard.objects.update(status="draft")
    triggers.make()
    assert verify() == f"{publication.code}：已定稿，但定稿内容不见了\n"


def test_triggers_that_are_gone_are_found_and_made_again_by_migrating(office: Office) -> None:
    assert triggers.missing() == []
    drop_triggers()
    assert len(triggers.missing()) >= 4 and "防改触发器缺失" in verify()
    triggers.after_migrate("default")
    assert triggers.missing() == []
