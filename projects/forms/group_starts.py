"""The form that puts a project on the list of a group start."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from parkportal.forms import EntryForm, MoneyField, NamedRowField
from projects.forms.funds import own_projects
from projects.models import GroupStartEntry


class GroupStartEntryForm(EntryForm):
    """One of the park's projects on the list."""

    constrained = ("group_start", "deleted_at")
    constraint_field = "project"
    project = NamedRowField(label=_("项目"))
    planned = MoneyField(label=_("年度计划投资"), required=False)

    class Meta:
        model = GroupStartEntry
        fields = ("project", "planned")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choose_from(own_projects(self.user))
