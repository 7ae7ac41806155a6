"""How we stand: indicators, targets, confirmed figures, compiled scorecards, and the forms of superiors."""

from reports.models.assessment import AssessmentMark, AssessmentRule
from reports.models.blank_forms import BlankForm, FilledForm
from reports.models.publications import FrozenMember, Publication, Signature
from reports.models.reconciliation import Reconciliation, ReconciliationQuerySet, ReconciliationRow
from reports.models.scorecards import (
    Indicator,
    IndicatorQuerySet,
    ReportedFigure,
    ReportedFigureQuerySet,
    Scorecard,
    ScorecardLine,
    ScorecardQuerySet,
    ScorecardSlice,
    pair,
)
from reports.models.subscriptions import Delivery, Subscription, Webhook
from reports.models.targets import LongTermGoal, Target, TargetPart, TargetQuerySet
from reports.models.tasks import Matter, MatterFeedback, MatterQuerySet
from reports.models.wall import WallLink, WallText

__all__ = [
    "AssessmentMark",
    "AssessmentRule",
    "BlankForm",
    "Delivery",
    "FilledForm",
    "FrozenMember",
    "Indicator",
    "IndicatorQuerySet",
    "LongTermGoal",
    "Matter",
    "MatterFeedback",
    "MatterQuerySet",
    "Publication",
    "Reconciliation",
    "ReconciliationQuerySet",
    "ReconciliationRow",
    "ReportedFigure",
    "ReportedFigureQuerySet",
    "Scorecard",
    "ScorecardLine",
    "ScorecardQuerySet",
    "ScorecardSlice",
    "Signature",
    "Subscription",
    "Target",
    "TargetPart",
    "TargetQuerySet",
    "Webhook",
    "WallLink",
    "WallText",
    "pair",
]
