"""Two parks of one region with one row of everything each, and the people who look at them from all sides."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.cookies import SimpleCookie
from typing import Any

from django.core.management import call_command
from django.db import models, transaction
from django.test import Client

from enterprises.models import Chain, Contact, OperatingRecord
from parkportal.files import attach
from parkportal.models import Change, Draft, Job, Notice, Park, Region, SavedFilter, User
from parkportal.roles import Role
from parkportal.trace import Actor, changes, next_number
from projects.models import (
    Contract,
    GroupStartPark,
    Handover,
    ImportBatch,
    ImportRow,
    InvestmentProgress,
    PendingChange,
    ProgressNote,
    Project,
    Recognition,
    ReminderRule,
    Review,
    StageChange,
)
from reports.models import Indicator, Scorecard, WallText
from reports.periods import Period
from reports.services import scorecard_compile
from tests import factories as make

PERIOD = "2020-09"
PRINCIPALS = (
    *("anonymous", "disabled", "clerk_a", "head_a", "leader_a", "clerk_b"),
    *("statistician", "city", "elsewhere", "admin", "token"),
)
"""Who calls. `elsewhere` is the statistician of another region, `token` a program with clerk_a's read-only token."""


@dataclass
class Place:
    """A park and its rows, by the names that the table of permissions uses."""

    park: Park
    rows: dict[str, models.Model] = field(default_factory=dict)


@dataclass
class World:
    """Park A, whose people are most of the principals, park B beside it, and everybody's way in."""

    a: Place
    b: Place
    users: dict[str, User]
    _cookies: dict[str, SimpleCookie] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)
    _client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def browser(self, who: str) -> Client:
        """The browser of a person; a program has none, and shows its token to pages in vain."""
        self._client.cookies = SimpleCookie()
        self._client.defaults.pop("HTTP_AUTHORIZATION", None)
        if who == "token":
            return self.program(who)
        if who in self.users:
            self._client.cookies = SimpleCookie(self._session(who).output(header="", sep=";"))
        return self._client

    def _session(self, who: str) -> SimpleCookie:
        if who not in self._cookies:
            fresh = Client()
            fresh.force_login(self.users[who], backend="django.contrib.auth.backends.ModelBackend")
            self._cookies[who] = SimpleCookie({"session": fresh.cookies["session"].value})
        return self._cookies[who]

    def program(self, who: str) -> Client:
        """A program that sends the token of a person."""
        self._client.cookies = SimpleCookie()
        self._client.defaults.pop("HTTP_AUTHORIZATION", None)
        if who in self._secrets or who in self.users or who == "token":
            self._client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self._secret(who)}"
        return self._client

    def _secret(self, who: str) -> str:
        if who not in self._secrets:
            owner, scope = (self.users["clerk_a"], "read") if who == "token" else (self.users[who], "write")
            self._secrets[who] = make.make_token(owner, scope=scope)[1]
        return self._secrets[who]


def build() -> World:
    """Make both parks, their rows, their compiled scorecards, and the people."""
    call_command("load_reference", verbosity=0)
    region = Region.objects.get(code="430400")
    a, b = (Place(_park(region, letter)) for letter in "ab")
    users = _people(region, a.park, b.park)
    furnish(a, users["clerk_a"])
    furnish(b, users["clerk_b"])
    scorecard_compile(region=region, period=Period.parse(PERIOD))
    for place in (a, b):
        place.rows["scorecard"] = Scorecard.objects.get(park=place.park, period=PERIOD)
    world = World(a, b, users)
    for who in users:  # every way in is made before the first test, so that none is rolled back with it
        world._session(who), world._secret(who)
    world._secret("token")
    User.objects.filter(pk=users["disabled"].pk).update(is_active=False)
    return world


def _park(region: Region, letter: str) -> Park:
    months = {"ledger_from": "2019-01", "scorecards_from": PERIOD, "scorecards_until": PERIOD}
    return make.make_park(code=f"park-{letter}", name=f"园区{letter}", region=region, **months)


def _people(region: Region, a: Park, b: Park) -> dict[str, User]:
    rows: dict[str, tuple[str, dict[str, Any]]] = {
        "disabled": (Role.HEAD, {"park": a}),
        "clerk_a": (Role.CLERK, {"park": a}),
        "head_a": (Role.HEAD, {"park": a}),
        "leader_a": (Role.LEADER, {"park": a}),
        "clerk_b": (Role.CLERK, {"park": b}),
        "statistician": (Role.STATISTICIAN, {"region": region}),
        "city": (Role.CITY, {"region": region}),
        "elsewhere": (Role.STATISTICIAN, {}),
        "admin": (Role.ADMIN, {}),
    }
    return {who: make.make_user(role, username=who.replace("_", "-"), **more) for who, (role, more) in rows.items()}


def furnish(place: Place, clerk: User) -> None:
    """One row of every kind in a park; projects in every state that a step asks for."""
    park, rows = place.park, place.rows
    rows["region"] = park.region
    firm = make.make_enterprise(park=park, group=make.make_group(), uscc="", origin="深圳市", profile="企业概况")
    rows |= {"enterprise": firm, "listing-step": make.make_listing_step(enterprise=firm, document="文件")}
    OperatingRecord.objects.create(enterprise=firm, kind=OperatingRecord.Kind.choices[0][0], period="2020-08", output=1)
    chain = Chain.objects.get(code="electronics")
    rows["project.verified"] = verified = make.make_project(park=park, investor=firm, company=firm, chain=chain)
    rows["project"] = draft = make.make_project(park=park, investor=firm, review_state=Project.ReviewState.DRAFT)
    rows["project.submitted"] = make.make_project(park=park, review_state="submitted", submitted_by=clerk)
    rows["project.withdrawn"] = make.make_project(park=park, deleted_at=datetime.now(UTC), deleted_by=clerk)
    rows["project.waiting"] = waiting = make.make_project(park=park)
    asked = {"values": {"site": "新址"}, "before": {"site": ""}, "reason": "说明", "asked_by": clerk, "answer": "意见"}
    PendingChange.objects.create(project=waiting, asked_at=datetime.now(UTC), **asked)
    decided = {
        "reason": "说明",
        "reasons": {"site": "原因"},
        "proxy_reason": "代审",
        "by": clerk,
        "at": datetime.now(UTC),
    }
    Review.objects.create(project=waiting, decision=Review.Decision.VERIFIED, **decided)
    rows["engagement"] = make.make_engagement(park=park, project=draft, participants=[("某人", "某职")])
    rows["fund-arrival"] = make.make_fund_arrival(project=verified, verified=False)
    gone = {"deleted_at": datetime.now(UTC), "deleted_by": clerk}
    rows["engagement.gone"] = make.make_engagement(park=park, project=draft, **gone)
    rows["fund-arrival.gone"] = make.make_fund_arrival(project=verified, verified=False, **gone)
    rows["group-start"] = start = make.make_group_start()
    rows["group-start-entry"] = make.make_group_start_entry(project=verified, group_start=start)
    rows["contact"] = Contact.objects.create(
        enterprise=firm,
        code=f"{park.code}-c2019-001",
        name="联系人甲",
        post="经理",
        phone="13800001234",
        created_by=clerk,
    )
    rows["target"] = make.make_target(park=park, indicator=Indicator.objects.get(code="projects_100m"))
    make.make_target_part(target=rows["target"])
    rows["goal"] = make.make_goal(park=park)
    rows["reported-figure"] = make.make_reported_figure(park=park, indicator=rows["target"].indicator, proof="文件")
    rows["reconciliation"] = make.make_reconciliation(park=park, indicator=rows["target"].indicator)
    rows["assessment-rule"] = make.make_assessment_rule(region=park.region, indicator=rows["target"].indicator)
    rows["webhook"] = hook = make.make_webhook(park=park)
    rows["matter"] = make.make_matter(park=park, project=rows["project"], owner=clerk)
    sent = make.make_publication(park=park, period="2019-12")
    rows["delivery"] = make.make_delivery(webhook=hook, publication=sent)
    rows |= {"chain": chain, "indicator": Indicator.objects.get(code="projects_100m"), "park": park}
    rows["blank-form"] = form = make.make_blank_form(park=park)
    rows["filled-form"] = make.make_filled_form(form=form)
    rows["wall-link"] = make.make_wall_link(park=park)
    WallText.objects.create(park=park, honours="名片", services="服务")
    _papers(verified, start, park, clerk)
    _kept_by_people(place, draft, clerk)
    _admin_rows(place, firm, clerk)


def _papers(project: Project, start: Any, park: Park, clerk: User) -> None:
    Recognition.objects.create(project=project, level="city", reason="理由", document="文号")
    Contract.objects.create(project=project, type="formal", number="合同一号", note="说明", amount=1)
    StageChange.objects.create(project=project, to_stage="signed", on=date(2020, 5, 10), reason="理由", by=clerk)
    ProgressNote.objects.create(
        project=project, week_of=date(2020, 9, 7), progress="进展", problem="问题", next_step="下步"
    )
    InvestmentProgress.objects.create(project=project, month="2020-08", planned=1, done=1)
    GroupStartPark.objects.create(group_start=start, park=park, published_count=1, total=1)
    make.make_reported_figure(park=park, indicator=Indicator.objects.get(code="arrived_funds_foreign"))


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)
"""A picture of one pixel."""


def _kept_by_people(place: Place, project: Project, clerk: User) -> None:
    """A file, a notice, a draft, a usual filter, a handover, an import, and a secret project with its code name."""
    park, rows, now = place.park, place.rows, datetime.now(UTC)
    with changes(by=Actor(clerk)) as ledger:
        file = attach(ledger, project, name="回单.png", data=PNG, content_type="image/png", title="说明")
    rows["attachment"] = file
    about = {"object_type": "projects.Project", "object_code": project.code}
    Notice.objects.create(user=clerk, park=park, rule="stale", key=f"stale {park.code}", text="提醒", at=now, **about)
    Draft.objects.create(user=clerk, form="project", key=project.code, values={"name": "草稿"})
    rows["saved-filter"] = SavedFilter.objects.create(
        code=f"{park.code}-s2019-001", user=clerk, page="projects", name="常用", query="search=x", shared=True
    )
    taken = {"giver": clerk, "taker": make.make_user(Role.CLERK, park=park), "on": date(2020, 9, 1), "reason": "调岗"}
    listed = [{"code": project.code, "name": project.name, "stage": "线索", "status": "正常推进", "next_step": ""}]
    rows["handover"] = Handover.objects.create(
        code=f"{park.code}-h2019-001", park=park, rows=[{**row, "total_investment": 1} for row in listed], **taken
    )
    make.make_project(park=park, confidentiality="secret", code_name="代号", stage="lead", review_state="draft")
    rows["project-import"] = batch = ImportBatch.objects.create(
        code=f"{park.code}-i2019-001",
        park=park,
        file=file,
        sheet="台账",
        state="checked",
        mapping={"0": "name", "1": "custom"},
        options={"headings": ["项目名称", "自定义列"], "unit": "万元", "year": 2020},
        counts={"wrong": 1},
        created_by=clerk,
    )
    wrong = {"cells": {"1": {"say": "看不懂", "fixes": ["改成"]}}, "say": "", "notes": [], "offers": []}
    cells = {"0": "表里的项目", "1": "表里的内容"}
    ImportRow.objects.create(batch=batch, number=2, cells=cells, state="wrong", problems=wrong, project=project)


def _admin_rows(place: Place, firm: Any, clerk: User) -> None:
    """What the administrator's site shows, under the names of its addresses."""
    park = place.park
    entry = {"user": clerk, "door": Change.Door.PAGE, "park": park, "at": datetime.now(UTC)}
    kinds = {"projects.Project": place.rows["project"], "parkportal.Park": park, "enterprises.Enterprise": firm}
    for label, row in kinds.items():
        diff = {"name": ["旧名", "新名"]}
        Change.objects.create(seq=next_number("seq"), object_type=label, object_code=row.code, diff=diff, **entry)
    place.rows |= {
        "admin.parkportal_region": park.region,
        "admin.parkportal_park": park,
        "admin.parkportal_user": clerk,
        "admin.parkportal_apitoken": make.make_token(clerk)[0],
        "admin.parkportal_change": Change.objects.get(object_type="parkportal.Park", object_code=park.code),
        "admin.parkportal_job": Job.objects.create(kind="scorecard_compile", key=f"{park.code} {PERIOD}", state="done"),
        "admin.enterprises_chain": place.rows["chain"],
        "admin.enterprises_group": firm.group,
        "admin.enterprises_rankinglist": make.make_ranking_list(
            firm.group, year=2018 if park.code == "park-a" else 2019
        ),
        "admin.projects_groupstart": place.rows["group-start"],
        "admin.projects_reminderrule": ReminderRule.objects.get(code="stale-30-days"),
    }


@contextmanager
def built(blocker: Any) -> Iterator[World]:
    """A world in a transaction that is rolled back at the end; each test that marks `django_db` undoes its own part."""
    with blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
