"""The ledger of forty-two rows: 28 new, 6 updated, 2 to confirm, 4 wrong, 2 skipped; and what follows from it."""

import pytest
from django.core.exceptions import ValidationError

from parkportal.models import Change
from parkportal.trace import Actor
from projects.imports import services
from projects.imports.run import import_roll_back
from projects.models import ImportBatch, Likeness, Project
from projects.services import project_update
from tests.projects.imports.books import NAMES, book, forty_two
from tests.projects.imports.steps import (
    TODAY,
    YI,
    checked,
    clerk_of_a_park,
    fixes,
    imported,
    only_project,
    row,
    says,
    states,
    with_known_projects,
)

pytestmark = pytest.mark.django_db
EXPECTED = {"new": 28, "updated": 6, "confirm": 2, "wrong": 4, "skipped": 2}


def test_the_check_finds_what_the_rows_are_and_writes_nothing() -> None:
    user = with_known_projects(clerk_of_a_park())
    before = Project.objects.count()
    batch = checked(user, book(forty_two()))
    assert states(batch) == EXPECTED
    assert {state: batch.counts[state] for state in EXPECTED} == EXPECTED
    assert Project.objects.count() == before
    assert not Change.objects.filter(object_type="projects.Project").exists()


def test_each_kind_of_row_says_why() -> None:
    batch = checked(with_known_projects(clerk_of_a_park()), book(forty_two()))
    updated = row(batch, 30)
    assert updated.diff["总投资"] == ["30,000万元", "40,029万元"]
    assert "医药流通项目" in says(row(batch, 36)) and "可能是同一项目" in says(row(batch, 36))
    assert row(batch, 36).problems["offers"] == ["same", "new", "skip"]
    assert fixes(row(batch, 38)) == ["2020-09-13"]
    assert "最接近：电子信息" in says(row(batch, 39)) and fixes(row(batch, 39)) == ["电子信息", "63000万元"]
    assert "请填写总投资" in says(row(batch, 40)) or "要填写总投资" in says(row(batch, 40))
    assert "若干" in says(row(batch, 41))
    assert says(row(batch, 42)) == "与第2行重复，将跳过"


def test_the_import_writes_drafts_and_the_second_upload_brings_nothing_new() -> None:
    user = with_known_projects(clerk_of_a_park())
    data = book(forty_two())
    batch = imported(user, checked(user, data))
    assert batch.state == ImportBatch.State.IMPORTED and batch.counts["done"] == 34
    assert Project.objects.kept().filter(park=user.park).count() == 8 + 28
    made = only_project(user, f"{NAMES[0]}项目")
    assert (made.total_investment, made.review_state, made.stage) == (13_000 * 10_000, "draft", "signed")
    assert (made.investor.name, made.chain.name, made.created_by) == (f"{NAMES[0]}项目投资公司", "电子信息", user)
    again = checked(user, data)
    assert states(again) == {"confirm": 2, "wrong": 4, "skipped": 36}
    assert Project.objects.kept().filter(park=user.park).count() == 36


def test_mended_and_confirmed_rows_follow_in_a_second_run() -> None:
    user = with_known_projects(clerk_of_a_park())
    batch = imported(user, checked(user, book(forty_two())))
    by = Actor(user)
    services.import_mend(by=by, batch=batch, texts={38: {5: "2020-09-13"}, 40: {6: "—"}, 41: {8: "300"}}, on=TODAY)
    services.import_mend(by=by, batch=batch, texts={39: {3: "电子信息", 6: "6.3亿"}}, on=TODAY)
    services.import_decide(by=by, batch=batch, numbers=[36], decision="same", on=TODAY)
    services.import_decide(by=by, batch=batch, numbers=[37], decision="new", on=TODAY)
    assert states(batch) == {"new": 33, "updated": 7, "skipped": 2}
    batch = imported(user, batch)
    assert batch.counts["done"] == 40
    assert only_project(user, "柔性屏项目").total_investment == 63 * YI // 10
    assert only_project(user, "智能电表项目").total_investment is None
    renamed = only_project(user, "医药流通中心项目")
    assert renamed.created_by is None, "the known project took the name of the ledger"
    kept = Likeness.objects.get()
    assert (kept.project.name, kept.other.name) == ("精密结构件生产项目", "精密结构件项目")
    assert kept.decision == Likeness.Decision.DIFFERENT


def test_a_batch_is_taken_back_as_a_whole() -> None:
    user = with_known_projects(clerk_of_a_park())
    batch = imported(user, checked(user, book(forty_two())))
    import_roll_back(by=Actor(user), batch=batch)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.ROLLED_BACK
    assert Project.objects.kept().filter(park=user.park).count() == 8
    assert only_project(user, "叉车零部件项目").total_investment == 3 * YI
    assert Project.objects.filter(park=user.park, deleted_at__isnull=False).count() == 28, "in the bin, not gone"


def test_a_batch_is_not_taken_back_once_one_of_its_projects_was_changed() -> None:
    user = with_known_projects(clerk_of_a_park())
    batch = imported(user, checked(user, book(forty_two())))
    touched = only_project(user, f"{NAMES[4]}项目")
    project_update(by=Actor(user), project=touched, values={"progress": "已平整场地"})
    with pytest.raises(ValidationError, match="第6行的项目在导入之后又改过"):
        import_roll_back(by=Actor(user), batch=batch)
    assert Project.objects.kept().filter(park=user.park).count() == 36


def test_what_is_complete_can_be_submitted_at_once() -> None:
    user = with_known_projects(clerk_of_a_park())
    imported(user, checked(user, book(forty_two())), submit=True)
    made = only_project(user, f"{NAMES[0]}项目")
    assert (made.review_state, made.submitted_by, made.verified_by) == ("submitted", user, None)


def test_every_imported_cell_is_in_the_trace() -> None:
    user = with_known_projects(clerk_of_a_park())
    batch = imported(user, checked(user, book(forty_two())))
    made = only_project(user, f"{NAMES[0]}项目")
    told = {}
    for change in Change.objects.of("projects.Project", [made.code]).order_by("seq"):
        told |= {name: pair[1] for name, pair in change.diff.items()}
    assert told["total_investment"] == made.total_investment and told["signed_on"] == made.signed_on.isoformat()
    known = only_project(user, "叉车零部件项目")
    last = Change.objects.of("projects.Project", [known.code]).order_by("-seq").first()
    assert last is not None and last.diff["total_investment"] == [3 * YI, 400_290_000]
    assert Change.objects.of("projects.ImportBatch", [batch.code]).exists()
