"""A real worker on a real queue makes what is carried to it."""

from datetime import date

import pytest

from parkportal import tasks
from parkportal.models import Job, Park
from reports.models import Scorecard
from reports.services import scorecards_due
from tests.factories import make_indicator, make_park, make_project, make_target
from tests.processes import NEEDS, Children, until

pytestmark = NEEDS


@pytest.fixture
def park() -> Park:
    """A park of which one month is due, with one project that counts."""
    made = make_park(scorecards_from="2020-09", scorecards_until="2020-09")
    make_target(park=made, indicator=make_indicator(role="assessed"))
    make_project(park=made)
    return made


def test_a_carried_compile_makes_the_draft(park: Park, children: Children) -> None:
    (due,) = scorecards_due(today=date(2020, 10, 1))
    assert str(due.period) == "2020-09"
    children.worker()
    tasks.look_for_due()
    assert until(lambda: Job.objects.filter(state="done").first())
    scorecard = Scorecard.objects.get(park=park)
    assert (scorecard.period, scorecard.lines.get().actual) == ("2020-09", 1)
    assert scorecards_due(today=date(2020, 10, 1)) == []
