"""What was signed: projects from lead to full capacity, their papers, talks, funds and group starts."""

from projects.models.care import Handover, ReminderRule
from projects.models.funds import FundArrival
from projects.models.group_starts import GroupStart, GroupStartEntry, GroupStartPark
from projects.models.imports import ImportBatch, ImportMapping, ImportRow
from projects.models.papers import Contract, InvestmentProgress, ProgressNote, StageChange
from projects.models.projects import Project, ProjectShare, Recognition
from projects.models.reviews import Likeness, PendingChange, Review
from projects.models.talks import Engagement, Participant

__all__ = [
    "Contract",
    "Engagement",
    "FundArrival",
    "GroupStart",
    "GroupStartEntry",
    "GroupStartPark",
    "Handover",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "InvestmentProgress",
    "Likeness",
    "Participant",
    "PendingChange",
    "ProgressNote",
    "Project",
    "ProjectShare",
    "Recognition",
    "ReminderRule",
    "Review",
    "StageChange",
]
