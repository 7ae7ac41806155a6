"""The services of the projects' room."""

from projects.services.checks import project_missing, project_oddities, project_problems, project_similar, total_meant
from projects.services.engagements import engagement_record, engagement_update, engagement_withdraw
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
from projects.services.projects import (
    BIN_DAYS,
    COUNTED_FIELDS,
    EDITABLE,
    OPEN_FIELDS,
    project_change_stage,
    project_create,
    project_recall,
    project_restore,
    project_return,
    project_submit,
    project_terminate,
    project_update,
    project_verify,
    project_withdraw,
    shares_set,
)
from projects.services.rights import Act, barred, demand, demand_entry, possible, untimely
from projects.services.search import search_text

__all__ = [
    "BIN_DAYS",
    "COUNTED_FIELDS",
    "EDITABLE",
    "OPEN_FIELDS",
    "Act",
    "barred",
    "demand",
    "demand_entry",
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
    "possible",
    "project_change_stage",
    "project_create",
    "project_missing",
    "project_oddities",
    "project_problems",
    "project_recall",
    "project_restore",
    "project_return",
    "project_similar",
    "project_submit",
    "project_terminate",
    "project_update",
    "project_verify",
    "project_withdraw",
    "projects_rederive_for_enterprise",
    "projects_rederive_for_group",
    "projects_rederive_for_lists",
    "search_text",
    "shares_set",
    "total_meant",
    "untimely",
]
