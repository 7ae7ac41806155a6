"""The services of the projects' room."""

from projects.services.alike import Alike, likeness_decide, undecided
from projects.services.bin import BIN_DAYS
from projects.services.checks import project_missing, project_oddities, project_problems, total_meant
from projects.services.engagements import engagement_record, engagement_update, engagement_withdraw
from projects.services.entry import COUNTED_FIELDS, EDITABLE, OPEN_FIELDS
from projects.services.fortune import (
    fortune_global_500_rederive,
    is_fortune_global_500,
    projects_rederive_for_enterprise,
    projects_rederive_for_group,
    projects_rederive_for_lists,
)
from projects.services.funds import (
    fund_arrival_record,
    fund_arrival_update,
    fund_arrival_verify,
    fund_arrival_withdraw,
)
from projects.services.group_starts import group_start_entry_add, group_start_entry_withdraw
from projects.services.pending import (
    as_asked,
    change_recall,
    change_return,
    change_verify,
    diff_of,
    waiting,
)
from projects.services.projects import (
    project_change_stage,
    project_create,
    project_recall,
    project_restore,
    project_submit,
    project_terminate,
    project_update,
    project_withdraw,
)
from projects.services.recognition import recognition_set
from projects.services.reviews import USUAL_REASONS, changes_to_review, project_return, project_verify, proofs_of
from projects.services.rights import Act, alone, barred, demand, demand_entry, made, possible, untimely, waits
from projects.services.search import search_text
from projects.services.shares import shares_set
from projects.services.undo import can_undo, change_undo

__all__ = [
    "BIN_DAYS",
    "COUNTED_FIELDS",
    "EDITABLE",
    "OPEN_FIELDS",
    "USUAL_REASONS",
    "Act",
    "Alike",
    "alone",
    "as_asked",
    "barred",
    "can_undo",
    "change_recall",
    "change_return",
    "change_undo",
    "change_verify",
    "changes_to_review",
    "demand",
    "demand_entry",
    "diff_of",
    "engagement_record",
    "engagement_update",
    "engagement_withdraw",
    "fortune_global_500_rederive",
    "fund_arrival_record",
    "fund_arrival_update",
    "fund_arrival_verify",
    "fund_arrival_withdraw",
    "group_start_entry_add",
    "group_start_entry_withdraw",
    "is_fortune_global_500",
    "likeness_decide",
    "made",
    "possible",
    "project_change_stage",
    "project_create",
    "project_missing",
    "project_oddities",
    "project_problems",
    "project_recall",
    "project_restore",
    "project_return",
    "project_submit",
    "project_terminate",
    "project_update",
    "project_verify",
    "project_withdraw",
    "projects_rederive_for_enterprise",
    "projects_rederive_for_group",
    "projects_rederive_for_lists",
    "proofs_of",
    "recognition_set",
    "search_text",
    "shares_set",
    "total_meant",
    "undecided",
    "untimely",
    "waiting",
    "waits",
]
