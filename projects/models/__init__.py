"""What was signed: projects from lead to full capacity, their papers, talks, funds and group starts."""

from projects.models.funds import FundArrival
from projects.models.group_starts import GroupStart, GroupStartEntry, GroupStartPark
from projects.models.papers import Contract, InvestmentProgress, ProgressNote, StageChange
from projects.models.projects import Project, ProjectShare, Recognition
from projects.models.talks import Engagement, Participant

__all__ = [
    "Contract",
    "Engagement",
    "FundArrival",
    "GroupStart",
    "GroupStartEntry",
    "GroupStartPark",
    "InvestmentProgress",
    "Participant",
    "ProgressNote",
    "Project",
    "ProjectShare",
    "Recognition",
    "StageChange",
]
