"""Doors that take files, several rows or filters: asked for park B's rows, they hand out and change nothing of it."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve

from enterprises.models import Enterprise
from parkportal import jobs
from parkportal.models import Change, Job, Notice
from projects.models import ImportBatch, Project
from tests.canaries import CODE, DOORS, GROUND, MARK, PLACE, bytes_of, content, links, plant, undone
from tests.factories import make_project
from tests.projects.imports.books import book
from tests.two_parks import PNG, World, built

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("isolation")]
Knock = tuple[str, dict[str, Any]]
"""An address and what is posted there."""
USCC = "91430400MA43WA0090"
DRAFT = "11111111-1111-4111-8111-111111111111"
HEADS = ("编号", "项目名称", "项目公司", "统一社会信用代码", "责任单位／责任人", "总投资（万元）")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with built(django_db_blocker) as found:
        assert plant(found) > 80
        yield found


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(datetime(2020, 10, 8, 9, tzinfo=UTC), tick=False):
        yield


def unsaid(told: str, *texts: Any) -> str:
    """What was told, without the words that it only repeats."""
    words = {word for text in texts for word in re.findall(r"[A-Za-z0-9_-]{4,}", str(text))}
    return re.sub(r"[A-Za-z0-9_-]{4,}", lambda found: "" if found[0] in words else found[0], told)


def heard(world: World, address: str, form: dict[str, Any]) -> str:
    """All that a door and the page behind it answer, without what was said at it."""
    browser = world.browser("head_a")
    answer = browser.post(address, form)
    assert answer.status_code < 500, address
    told = bytes_of(answer)
    if answer.status_code == 302:
        told += bytes_of(browser.get(answer["Location"]))
    return unsaid(told, address, *form, *form.values())


def marks_in(text: str) -> set[str]:
    return {mark for mark in (MARK, GROUND, PLACE, CODE) if mark in text}


def codes_of(world: World) -> list[str]:
    return [world.b.rows[kind].code for kind in ("project", "project.verified", "project.submitted", "project.waiting")]  # type: ignore[attr-defined]


def asking(world: World) -> Iterator[Knock]:
    """Doors of A's own people, asked for B's rows: by code, by filter, by person, by number."""
    a, codes = world.a.rows, codes_of(world)
    own: Any = a["project"]
    person, hers = world.users["clerk_b"].username, world.users["clerk_a"].username
    park, versions = world.b.park.code, [f"{code}:1" for code in codes]
    for ask in (f"park={park}", "search=Canary", f"owner={person}", f"company={world.b.rows['enterprise'].code}"):  # type: ignore[attr-defined]
        for do in ({"do": "export"}, {"do": "stage", "to": "signed"}, {"do": "tag", "tags": "标签", "count": "4"}):
            yield "/projects/bulk/", {"all": "1", "query": ask, **do}
        yield f"/filters/new/?{ask}", {"name": "常用", "shared": "on"}
    for do in ({"do": "export"}, {"do": "owner", "owner": hers, "count": "4"}, {"do": "stage", "count": "4"}):
        yield "/projects/bulk/", {"code": codes, **do}
    yield "/projects/bulk/", {"code": [own.code], "do": "owner", "owner": person, "count": "1"}
    yield "/projects/bulk/of-b/undo/", {}
    yield f"/projects/{own.code}/undo/?change={Change.objects.filter(park=world.b.park).latest('seq').seq}", {}
    yield "/reviews/", {"pick": versions, "proxy_reason": "理由"}
    for sheet, field in (("weekly/?on=2020-09-10", "progress"), ("monthly/?month=2020-09", "amount")):
        yield f"/{sheet}&scope=all", {"row": codes[:1], f"{codes[0]}-{field}": "1"}
        yield f"/{sheet}&unit={MARK}", {"row": [own.code], f"{own.code}-{field}": "1"}
    yield f"/projects/{own.code}/alike/", {f"{code}-decision": "same" for code in codes}
    yield "/handovers/new/", {"giver": person, "taker": hers, "codes": codes}
    yield "/handovers/new/", {"giver": hers, "taker": person, "codes": codes}
    yield "/notices/read/", {"key": Notice.objects.get(user=world.users["clerk_b"]).key}
    yield "/confidentiality/", {"next": f"/projects/{codes[0]}/"}
    yield "/projects/paste/", {"text": f"项目名称：{MARK}\n投资方：{MARK}\n责任单位：{park}"}
    yield f"/projects/draft/?project={codes[0]}", {"name": "改名"}
    yield "/projects/draft/", {"key": DRAFT, "name": MARK, "parent": codes[0], "owner": person, "investor_name": MARK}
    yield f"/assessment/marks/{park}/?period=2020-09", {"version": "0", "reason": MARK}
    for step in ("grid", "propose", "confirm", "import", "import/write"):
        yield f"/targets/{step}/", {"year": "2020", f"{park}.projects_100m": "5", "target": world.b.rows["target"].code}  # type: ignore[attr-defined]
    yield "/subscriptions/", {"parks": [park]}
    figure = {"park": park, "indicator": "projects_100m", "period": "2020-08", "authority": "某局"}
    yield "/reported-figures/new/", figure | {"numerator": "5"}
    yield "/reconciliations/new/", figure | {"text": MARK}
    for given in ({"text": f"{MARK}\n{codes[0]}"}, {"text": f"编号\t项目名称\n{codes[0]}\t{MARK}项目"}):
        yield "/reconciliations/new/", figure | {"park": world.a.park.code} | given
    yield "/matters/new/", {"title": "事项", "project": codes[0], "owner": person, "park": park}
    yield "/wall/links/new/", {"name": "会议室", "park": park}
    yield "/wall/text/", {"park": park, "card": "园区"}
    yield "/lists/projects/columns/", {"column": ["name", "park"]}
    yield "/lists/projects/size/", {"page_size": "100", "back": f"/projects/?park={park}"}


def of_b(world: World) -> Iterator[Knock]:
    """Doors at the addresses of B's rows."""
    b: dict[str, Any] = world.b.rows
    batch, project = b["project-import"].code, b["project.waiting"].code
    steps = {"map": {"column-0": "name", "unit": "万元", "year": "2020"}, "rows": {"do": "decide:2:skip"}}
    for step in ("map", "rows", "check", "run", "rollback", "withdraw"):
        yield f"/projects/import/{batch}/{step}/", steps.get(step, {})
    for step in ("alike", "contracts", "undo", "recognition", "change/return", "change/recall"):
        yield f"/projects/{project}/{step}/", {"reason": "原因", "version": "1", "level": "park", "result": "passed"}
    for kind, row in (("project", project), ("fund-arrival", b["fund-arrival"].code)):
        yield f"/attachments/{kind}/{row}/", {"file": SimpleUploadedFile("a.png", PNG)}
    for kind in ("project", "enterprise"):
        yield f"/visits/{kind}/{b[kind].code}/", {}
    for step, form in (("edit", {"name": "改名"}), ("move", {"to": "up"}), ("delete", {})):
        yield f"/filters/{b['saved-filter'].code}/{step}/", form
    yield f"/contacts/{b['contact'].code}/show/", {}
    for step in ("submit", "return", "publish", "correct", "sign"):
        yield f"/scorecards/{world.b.park.code}/{b['scorecard'].period}/{step}/", {"reason": "原因", "signer": "某某"}
    for step in ("report", "close", "withdraw"):
        yield f"/matters/{b['matter'].code}/{step}/", {"words": "已办", "version": "1"}
    yield f"/wall/links/{b['wall-link'].code}/withdraw/", {"version": "1"}
    yield f"/deliveries/{b['delivery'].code}/again/", {}
    yield from confirmed_of_b(world)
    yield f"/targets/{b['target'].code}/parts/", {"p0-kind": "section", "p0-who": "一科", "p0-amount": "3"}
    yield f"/forms/{b['blank-form'].code}/map/", {"part": "rows", "first": "2", "version": "1"}
    yield f"/forms/{b['blank-form'].code}/fill/", {"as_of": "2020-09-30", "filled_on": "2020-10-08"}
    yield f"/forms/sent/{b['filled-form'].code}/send/", {"sent_to": "某局", "sent_on": "2020-10-08", "version": "1"}


def confirmed_of_b(world: World) -> Iterator[Knock]:
    """Doors at what authorities said of B."""
    b: dict[str, Any] = world.b.rows
    figure = f"/reported-figures/{world.b.park.code}/{b['reported-figure'].period}/projects_100m/"
    for step in ("edit", "withdraw"):
        yield f"{figure}{step}/", {"numerator": "5", "authority": "某局", "version": "1"}
    compared = f"/reconciliations/{b['reconciliation'].code}/"
    yield compared, {"r1-decision": "补报", "r1-settled": "on", "r1-version": "1"}
    yield f"{compared}withdraw/", {"version": "1"}


def name_of(address: str) -> str:
    return str(resolve(address.partition("?")[0]).url_name)


def test_every_door_is_tried(world: World) -> None:
    tried = {name_of(address) for address, _form in (*asking(world), *of_b(world))}
    assert tried | {"project-import", "blank-form-new"} >= DOORS


def test_no_door_hands_out_or_changes_what_is_of_the_other_park(world: World) -> None:
    Change.objects.filter(park=world.b.park).update(request_id="of-b")
    before, crossing = content(world.b.park), links(world)
    with undone():
        for address, form in asking(world):
            assert not marks_in(heard(world, address, form)), (address, form)
        for page in ("/projects/", "/projects/new/", "/filters/"):
            assert not marks_in(unsaid(bytes_of(world.browser("head_a").get(page)), MARK)), page
        assert content(world.b.park) == before and links(world) == crossing


def test_doors_at_the_other_parks_rows_are_shut(world: World) -> None:
    before = content()
    for address, form in of_b(world):
        answer = world.browser("head_a").post(address, form)
        assert answer.status_code == 404, address
        assert not marks_in(unsaid(bytes_of(answer), address)), address
    assert content() == before


def test_a_door_that_forgets_whose_rows_it_takes_is_found(world: World) -> None:
    """Without this, the tests above would hold for doors that answer nothing."""
    export = {"code": codes_of(world), "do": "export"}
    with patch("projects.models.projects.ProjectQuerySet.visible_to", lambda rows, user: rows):
        assert marks_in(heard(world, "/projects/bulk/", export)) == {MARK}


def test_a_ledger_that_names_the_other_parks_rows_meets_none_of_them(world: World) -> None:
    Enterprise.objects.filter(pk=world.b.rows["enterprise"].pk).update(uscc=USCC)
    known = [world.b.rows["project.verified"].code, MARK, MARK, USCC, GROUND]  # type: ignore[attr-defined]
    data = book([[*known, 30_000], ["", MARK, MARK, "", GROUND, 30_000]], heads=[HEADS])
    before, crossing = content(world.b.park), links(world)
    with undone():
        browser, told = world.browser("head_a"), []
        told.append(heard(world, "/projects/import/", {"file": SimpleUploadedFile("台账.xlsx", data)}))
        batch = ImportBatch.objects.filter(park=world.a.park).latest("pk")
        columns = {f"column-{column}": key for column, key in batch.mapping.items()}
        steps: list[tuple[str, dict[str, Any]]] = [
            ("map", {**columns, "unit": "万元", "year": "2020", "hidden": "on"}),
            *(("rows", {"do": f"decide:{number}:{what}"}) for number in (2, 3) for what in ("same", "new")),
            ("check", {}),
            ("run", {}),
        ]
        for step, form in steps:
            told.append(heard(world, f"/projects/import/{batch.code}/{step}/", form))
            for job in Job.objects.filter(key=batch.code, state=Job.State.QUEUED):
                jobs.run(job.pk)
            told.append(bytes_of(browser.get(f"/projects/import/{batch.code}/")))
        told.append(bytes_of(browser.get(f"/projects/import/{batch.code}/wrong/")))
        made = Project.objects.filter(park=world.a.park, name=MARK)
        assert len(made) == 2 and not made.filter(company__park=world.b.park).exists()
        for one in made:
            told += [bytes_of(browser.get(f"/projects/{one.code}/{more}")) for more in ("", "alike/", "edit/")]
        told.append(heard(world, f"/projects/import/{batch.code}/rollback/", {}))
        assert not marks_in(unsaid("".join(told), *known))
        assert content(world.b.park) == before and links(world) == crossing


def test_a_project_of_the_same_name_is_compared_with_ones_own_park(world: World) -> None:
    with undone():
        ours = [make_project(park=world.a.park, name=MARK, total_investment=300_000_000) for _n in range(2)]
        page = bytes_of(world.browser("head_a").get(f"/projects/{ours[0].code}/alike/"))
        assert ours[1].code in page and not marks_in(unsaid(page, MARK))


def blank_form() -> bytes:
    """A superior's form with a list of projects."""
    sheet = (made := openpyxl.Workbook()).active
    for line in (["招商项目情况表"], ["序号", "项目名称", "投资方", "总投资（万元）"], *([n] for n in range(1, 9))):
        sheet.append(line)
    made.save(buffer := io.BytesIO())
    return buffer.getvalue()


def test_a_form_is_filled_with_ones_own_rows_whatever_is_asked_for(world: World) -> None:
    ours = world.a.rows["project.verified"]
    Project.objects.filter(pk=ours.pk).update(name="我园区的项目")
    conditions = [
        "",
        "kind=new",
        "search=Canary",
        f"park={world.b.park.code}",
        f"owner={world.users['clerk_b'].username}",
    ]
    with undone():
        new = {"name": "情况表", "authority": "市局", "file": SimpleUploadedFile("表.xlsx", blank_form())}
        address = str(world.browser("head_a").post("/forms/new/", new)["Location"])
        days, filled = {"as_of": "2020-09-30", "filled_on": "2020-10-08"}, []
        for query in conditions:
            answer = world.browser("head_a").post(f"{address}fill/", {**days, "query": query})
            assert not marks_in(unsaid(bytes_of(answer), query)), query
            if answer.status_code == 302:
                filled += [
                    bytes_of(world.browser("head_a").get(f"{answer['Location']}{more}")) for more in ("", "file/")
                ]
        assert "我园区的项目" in "".join(filled) and not marks_in("".join(filled))
