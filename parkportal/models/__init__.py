"""The ground: regions and parks, users and tokens, the trace, jobs, files, and what people keep on their desks."""

from parkportal.models.columns import (
    Precision,
    Qualifier,
    RecognitionLevel,
    Stamped,
    period_validator,
    precision_field,
    qualifier_field,
)
from parkportal.models.desk import Draft, ListChoice, Notice, SavedFilter, Visit
from parkportal.models.files import Attachment
from parkportal.models.people import ApiToken, Counter, Park, ParkQuerySet, Region, User, UserManager
from parkportal.models.work import Change, ChangeQuerySet, Job, KeptAnswer

__all__ = [
    "ApiToken",
    "Attachment",
    "Change",
    "ChangeQuerySet",
    "Counter",
    "Draft",
    "Job",
    "KeptAnswer",
    "ListChoice",
    "Notice",
    "Park",
    "ParkQuerySet",
    "Precision",
    "Qualifier",
    "RecognitionLevel",
    "Region",
    "SavedFilter",
    "Stamped",
    "User",
    "UserManager",
    "Visit",
    "period_validator",
    "precision_field",
    "qualifier_field",
]
