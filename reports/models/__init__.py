"""How we stand: indicators, targets, confirmed figures, compiled scorecards, and the forms of superiors."""

from reports.models.blank_forms import BlankForm, FilledForm
from reports.models.scorecards import (
    Indicator,
    IndicatorQuerySet,
    ReportedFigure,
    ReportedFigureQuerySet,
    Scorecard,
    ScorecardLine,
    ScorecardQuerySet,
    ScorecardSlice,
    Target,
    TargetQuerySet,
    pair,
)

__all__ = [
    "BlankForm",
    "FilledForm",
    "Indicator",
    "IndicatorQuerySet",
    "ReportedFigure",
    "ReportedFigureQuerySet",
    "Scorecard",
    "ScorecardLine",
    "ScorecardQuerySet",
    "ScorecardSlice",
    "Target",
    "TargetQuerySet",
    "pair",
]
