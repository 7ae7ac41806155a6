"""The trace is complete: after a run over every door each changed cell of the rooms' tables has its entry."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from parkportal.models import Attachment, Change, Park, User
from parkportal.roles import Role
from parkportal.trace import BOOKKEEPING, Actor, Ledger, code_of, plain
from projects.imports.run import import_roll_back
from projects.models import Engagement, FundArrival, GroupStartEntry, ImportBatch, Project
from projects.services.contracts import seen_as
from tests.factories import make_enterprise, make_group_start, make_park, make_project, make_token, make_user
from tests.projects.imports.books import book, forty_two
from tests.projects.imports.steps import checked, clerk_of_a_park, imported, with_known_projects
from tests.projects.test_attachments import PDF
from tests.projects.test_project_form import blank

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
ROOMS = ("parkportal", "enterprises", "projects", "reports")
OWN = {
    *("parkportal.Draft", "parkportal.SavedFilter", "parkportal.ListChoice", "parkportal.Visit", "parkportal.Notice"),
    *("parkportal.Change", "parkportal.Counter", "parkportal.Job", "parkportal.KeptAnswer"),
    *("projects.ImportRow", "projects.ImportMapping"),
    *("reports.Scorecard", "reports.ScorecardLine", "reports.ScorecardSlice"),
    *("reports.Subscription", "reports.Delivery"),
}
"""Tables without business facts: a person's own desk, the trace and the jobs themselves, the rows of a sheet before
they are written, and compiled figures, which follow from the facts and carry a digest."""
Cell = tuple[str, str, str]
"""Model, code as the trace names the row, column."""
Snapshot = dict[tuple[str, Any], tuple[str, dict[str, Any]]]
EMPTY = (None, "", [], {})


def snapshot() -> Snapshot:
    """Every row of the rooms' tables with its code and its values as the trace keeps them."""
    every = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    models = [model for model in every if model._meta.label not in OWN]
    return {(row._meta.label, row.pk): (code_of(row), cells(row)) for m in models for row in m._base_manager.all()}


def cells(row: Any) -> dict[str, Any]:
    named = (f.name for f in row._meta.concrete_fields if f.name not in BOOKKEEPING | {"last_used_at"})
    return {name: plain(getattr(row, name)) for name in named}


def changed(before: Snapshot, after: Snapshot) -> Iterator[tuple[Cell, Any, Any]]:
    """Each cell that is not what it was; a row that was made or removed has all its filled cells."""
    for key in before.keys() | after.keys():
        code, new = after.get(key, (before.get(key, ("",))[0], {}))
        old = before.get(key, ("", {}))[1]
        for name in old.keys() | new.keys():
            one, two = old.get(name), new.get(name)
            if one != two and not (one in EMPTY and two in EMPTY):
                yield (key[0], code, name), one, two


def untold(before: Snapshot, after: Snapshot, seq: int) -> list[tuple[Cell, Any, Any]]:
    """Changed cells of which the entries since then do not tell where they began and where they ended."""
    told: dict[Cell, list[tuple[Any, Any]]] = {}
    for entry in Change.objects.filter(seq__gt=seq).order_by("seq"):
        for name, (old, new) in entry.diff.items():
            told.setdefault((entry.object_type, entry.object_code, name), []).append((old, new))
    return [(cell, one, two) for cell, one, two in changed(before, after) if not tells(told.get(cell, []), one, two)]


def tells(pairs: list[tuple[Any, Any]], old: Any, new: Any) -> bool:
    begins = any(same(pair[0], old) for pair in pairs)
    return begins and any(same(pair[1], new) for pair in pairs)


def same(one: Any, two: Any) -> bool:
    return one == two or (one in EMPTY and two in EMPTY)


def last_seq() -> int:
    return Change.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


class Run:
    """People of one park who go through every door of the pages, each step compared with the trace."""

    def __init__(self, park: Park, client_as: As) -> None:
        self.park, self.client_as = park, client_as
        self.clerk, self.head = (client_as(make_user(role, park=park)) for role in (Role.CLERK, Role.HEAD))
        self.steps = self.cells = 0
        self.missing: list[tuple[str, Any]] = []

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        """One step: it must change something, and the trace must tell all of it."""
        before, seq = snapshot(), last_seq()
        answer = act()
        after = snapshot()
        found = list(changed(before, after))
        assert found, name
        self.steps, self.cells = self.steps + 1, self.cells + len(found)
        self.missing += [(name, cell) for cell in untold(before, after, seq)]
        return answer

    def post(self, client: Client, url: str, expected: int = 302, /, **data: Any) -> Any:
        """One step through a page."""
        answer = self.step(url, lambda: client.post(url, data))
        assert answer.status_code == expected, (url, answer.status_code)
        return answer

    def edit(self, client: Client, url: str, action: str = "save", **typed: str) -> None:
        """One step through the form of a project."""
        self.post(client, url, **(blank(client, url) | typed | {"action": action}))

    def press(self, client: Client, project: Project, step: str, query: str = "", **data: Any) -> None:
        """One button or short form of a project."""
        project.refresh_from_db()
        self.post(client, f"/projects/{project.code}/{step}/{query}", version=project.version, **data)


def run_projects(run: Run) -> None:
    run.edit(
        run.clerk, "/projects/new/",
        **{"name": "精密结构件生产项目", "investor_name": "企业午", "contract_type": "formal", "stage": "signed"},
        **{"signed_on": "7月中旬", "total_investment": "3.2亿以上", "category": "industry", "tags": "科创"},
    )  # fmt: skip
    project = Project.objects.get()
    url = f"/projects/{project.code}/edit/"
    run.edit(run.clerk, url, investor_origin="深圳", expected_jobs="600余", signed_on="2020-07-03")
    run.press(run.clerk, project, "submit")
    run.press(run.clerk, project, "recall")
    run.press(run.clerk, project, "submit")
    run.press(run.head, project, "return", **{"why-total_investment": "与投资合同不一致", "reason": "请核对"})
    run.edit(run.clerk, url, "submit", total_investment="3亿")
    run.press(run.head, project, "verify")
    run.edit(run.clerk, url, total_investment="5亿", progress="主体封顶")
    run.press(run.head, project, "change/return", reason="与合同不一致")
    run.edit(run.clerk, url, total_investment="6亿")
    run.edit(run.clerk, url, total_investment="7亿", expected_annual_output="1亿")
    run.press(run.clerk, project, "change/recall")
    run.edit(run.clerk, url, total_investment="8亿", investor_name="新投资方")
    run.press(run.head, project, "verify")
    typed = {"on": "2020-08-01", "company_name": "项目公司", "company_uscc": "91430400MA43WA0090"}
    run.press(run.head, project, "stage", **typed)
    run.press(run.clerk, project, "stage", "?to=in_production", on="2020-09-01", reason="其间未载")
    run.press(run.head, project, "verify")
    run.press(run.head, project, "recognition", level="city", result="accepted", recognised_on="2020年8月")
    run.press(run.head, project, "recognition", level="park", result="pending")
    run.edit(run.head, url, site="东区")
    newest = Change.objects.filter(object_type="projects.Project").latest("seq").seq
    run.press(run.head, project, "undo", f"?change={newest}")
    run.press(run.clerk, project, "terminate", on="2020-09-15", reason="撤资")
    run.press(run.head, project, "change/return", reason="没有终止")
    run.press(run.head, project, "terminate", on="2020-09-15", reason="撤资")
    run.press(run.head, project, "withdraw")
    run.press(run.head, project, "restore")


def run_bulk_review(run: Run) -> None:
    one = make_project(park=run.park, review_state="submitted")
    run.post(run.head, "/reviews/", 200, pick=f"{one.code}:1")


def run_funds(run: Run) -> None:
    project = make_project(park=run.park, name="项目甲")
    typed = {"project": "项目甲", "received_on": "2020-06-15", "received_on_precision": "day", "amount": "1000"}
    typed |= {"origin_tier": "out_of_province"}
    run.post(run.clerk, "/fund-arrivals/new/", **typed)
    arrival = FundArrival.objects.get(project=project)
    url = f"/fund-arrivals/{arrival.code}"
    run.post(run.clerk, f"{url}/edit/", **typed, proof="回单第八号", version=1)
    run.post(run.head, f"{url}/verify/", version=2)
    run.post(run.head, f"{url}/edit/", **typed | {"amount": "2000"}, version=3)
    run.post(run.head, f"{url}/withdraw/", version=4)
    run.post(run.head, f"{url}/restore/", version=5)


def run_engagements(run: Run) -> None:
    typed = {"title": "视频会谈", "mode": "online", "held_on": "2020-04-21", "held_on_precision": "day"}
    people = {"people-TOTAL_FORMS": 1, "people-INITIAL_FORMS": 0}
    run.post(run.clerk, "/engagements/new/", **typed, **people, **{"people-0-name": "经办人甲"})
    talk = Engagement.objects.get()
    more = people | {"people-0-name": "客商乙", "people-0-post": "经理"}
    run.post(run.clerk, f"/engagements/{talk.code}/edit/", **typed | {"place": "深圳"}, **more, version=1)
    run.post(run.clerk, f"/engagements/{talk.code}/edit/", **typed | {"place": "深圳"}, **people, version=2)
    run.post(run.clerk, f"/engagements/{talk.code}/withdraw/", version=3)
    run.post(run.clerk, f"/engagements/{talk.code}/restore/", version=4)


def run_enterprises(run: Run) -> None:
    typed = {"name": "示例企业甲", "above_scale_on_precision": "day"}
    run.post(run.clerk, "/enterprises/new/", **typed)
    firm = apps.get_model("enterprises.Enterprise").objects.get(name="示例企业甲")
    run.post(run.clerk, f"/enterprises/{firm.code}/edit/", **typed, above_scale_on="2020年8月", version=1)
    step = {"enterprise": "示例企业甲", "board": "star", "step": "recommended"}
    step |= {"happened_on": "2020-05-08", "happened_on_precision": "day"}
    run.post(run.clerk, "/listing-steps/new/", **step)
    row = apps.get_model("enterprises.ListingStep").objects.get()
    run.post(run.clerk, f"/listing-steps/{row.code}/edit/", **step | {"happened_on": "2020-05-09"}, version=1)
    run.post(run.clerk, f"/listing-steps/{row.code}/withdraw/", version=2)


def run_group_starts(run: Run) -> None:
    project, start = make_project(park=run.park, name="项目乙"), make_group_start()
    run.post(run.clerk, f"/group-starts/{start.code}/add/", project=project.name)
    entry = GroupStartEntry.objects.get()
    run.post(run.clerk, f"/group-starts/entries/{entry.code}/withdraw/", version=1)


def run_bulk(run: Run) -> None:
    rows = [make_project(park=run.park, review_state="draft") for _n in range(2)]
    picked = {"code": [row.code for row in rows], "count": 2}
    run.post(run.clerk, "/projects/bulk/", do="tag", tags="重点", **picked)
    run.post(run.clerk, "/projects/bulk/", do="owner", owner=make_user(park=run.park).username, **picked)


def run_import(run: Run) -> None:
    clerk = with_known_projects(clerk_of_a_park())
    batch = run.step("upload and check", lambda: checked(clerk, book(forty_two())))
    run.step("import", lambda: imported(clerk, batch, submit=True))
    run.step("roll back", lambda: import_roll_back(by=Actor(clerk), batch=ImportBatch.objects.get()))


def run_sheets(run: Run) -> None:
    project = make_project(park=run.park, review_state="draft")
    code = project.code
    for address, name, text in (
        ("/weekly/?on=2020-09-30&scope=all", "progress", "主体封顶"),
        ("/monthly/?month=2020-09&scope=all", "done", "1200"),
    ):
        form = sheet_of(run.clerk.get(address).content.decode())
        run.post(run.clerk, address, **form | {f"{code}-{name}": text})


def sheet_of(html: str) -> dict[str, str]:
    """What a browser would send back from a sheet: its hidden fields, and its cells as they are."""
    inside = html.split('id="sheet"')[1].split("</form>")[0]
    pairs = re.findall(r'name="([^"]+)"(?: value="([^"]*)")?', inside)
    return {name: value for name, value in pairs if name != "csrfmiddlewaretoken" and not name.endswith("-same")}


def run_files(run: Run) -> None:
    project = make_project(park=run.park)
    papers = {"paper-TOTAL_FORMS": 1, "paper-INITIAL_FORMS": 0, "paper-0-type": "mou", "paper-0-number": "备1号"}
    run.post(run.clerk, f"/projects/{project.code}/contracts/", **papers, seen=seen_as([]))
    file = SimpleUploadedFile("回单.pdf", PDF)
    run.post(run.clerk, f"/attachments/project/{project.code}/", file=file, title="银行回单")
    run.post(run.clerk, f"/files/{Attachment.objects.get().code}/withdraw/", version=1)


def run_care(run: Run) -> None:
    giver, taker = make_user(park=run.park), make_user(park=run.park)
    project = make_project(park=run.park, owner=giver)
    typed = {"giver": giver.username, "taker": taker.username, "on": "2020-09-30", "reason": "调岗"}
    run.post(run.head, "/handovers/new/", **typed, codes=[project.code])
    firm = make_enterprise(park=run.park)
    typed = {"enterprise": firm.name, "name": "联系人甲", "post": "经理", "phone": "13800001234"}
    run.post(run.clerk, "/contacts/new/", **typed)


def run_rest(run: Run) -> None:
    secret = make_token(make_user(park=run.park), scope="write")[1]
    program = Client(headers={"authorization": f"Bearer {secret}"})
    body = {"name": "接口项目", "signed_on": "2020-07-03", "total_investment": 1, "order_warning_reason": "试"}
    send = partial(program.post, "/api/v1/projects/", content_type="application/json")
    made = run.step("REST post", lambda: send(body))
    assert made.status_code == 201, made.content
    change = partial(program.patch, f"/api/v1/projects/{made.json()['id']}/", content_type="application/json")
    assert run.step("REST patch", lambda: change({"site": "东区", "version": 1})).status_code == 200


def run_city(run: Run) -> None:
    call_command("load_reference", verbosity=0)
    city = run.park.region
    setter = run.client_as(make_user(Role.STATISTICIAN, region=city))
    typed = {"park": run.park.code, "indicator": "projects_100m", "year": "2020", "level": "city", "annual": "12"}
    run.post(setter, "/targets/new/", **typed, document="（示例）", authority="（示例）", basis="annual")


def run_commands(run: Run) -> None:
    run.step("load_reference", lambda: call_command("load_reference", verbosity=0))
    run.step("create_park", lambda: call_command("create_park", "mypark", "某园区", region="430400", verbosity=0))


RUNS = (
    *(run_projects, run_bulk_review, run_funds, run_engagements, run_enterprises, run_group_starts, run_bulk),
    *(run_import, run_sheets, run_files, run_care, run_rest, run_city, run_commands),
)


@pytest.mark.parametrize("steps", RUNS, ids=lambda steps: steps.__name__)
def test_each_changed_cell_has_its_entry(client_as: As, steps: Callable[[Run], None]) -> None:
    run = Run(make_park(), client_as)
    steps(run)
    assert run.missing == []


def test_a_cell_without_its_entry_is_found(client_as: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure itself: what a service forgets to note is missing."""
    whole = Ledger.note

    def forgets_money(self: Ledger, row: Any, diff: dict[str, Any]) -> None:
        whole(self, row, {name: pair for name, pair in diff.items() if name != "amount"})

    monkeypatch.setattr(Ledger, "note", forgets_money)
    run = Run(make_park(), client_as)
    run_funds(run)
    assert {cell[0][2] for _url, cell in run.missing} == {"amount"}
