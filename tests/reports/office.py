"""A park whose scorecards are handed in and published by its people."""

from datetime import date

from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from reports.models import Publication, Scorecard
from reports.periods import Period
from reports.publishing import changes_to_explain, scorecard_publish, scorecard_submit
from reports.services import scorecard_compile
from tests import factories as make


class Office:
    """A park with three people who may hand in, two of whom may publish; a count and a sum, one with a target."""

    def __init__(self) -> None:
        region = make.make_region()
        self.park: Park = make.make_park(region=region, scorecards_from="2020-01", ledger_from="2020-01")
        self.neighbour: Park = make.make_park(region=region)
        self.one: User = make.make_user(role=Role.HEAD, park=self.park)
        self.other: User = make.make_user(role=Role.HEAD, park=self.park)
        self.clerk: User = make.make_user(role=Role.CLERK, park=self.park)
        self.count = make.make_indicator(code="projects_100m", role="assessed", order=1)
        self.sum = make.make_indicator(
            code="signed_investment", measure="sum", measure_fields="total_investment", unit="元", display_unit="亿元"
        )
        self.target = make.make_target(park=self.park, indicator=self.count)

    def signed(self, month: int, **fields: object) -> Project:
        return make.make_project(park=self.park, signed_on=date(2020, month, 3), **fields)

    def draft(self, period: str) -> Scorecard:
        scorecard_compile(region=self.park.region, period=Period.parse(period))
        return Scorecard.objects.filter(park=self.park, period=period).order_by("-id")[0]

    def submitted(self, period: str, **reasons: str) -> Scorecard:
        return scorecard_submit(by=Actor(self.one), scorecard=self.draft(period), reasons=reasons)

    def published(self, period: str) -> Publication:
        draft = self.draft(period)
        reasons = {one.key: "报送较晚" for one in changes_to_explain(draft)}
        handed_in = scorecard_submit(by=Actor(self.one), scorecard=draft, reasons=reasons)
        return scorecard_publish(by=Actor(self.other), scorecard=handed_in)
