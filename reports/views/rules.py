"""What setting targets and defining indicators have in common: a person of the region writes, drafts follow."""

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from parkportal.entry import EntryPage
from parkportal.forms import EntryForm
from parkportal.models import User
from parkportal.roles import May
from reports.tasks import compile_what_is_due


class RulePage(EntryPage):
    """A form of somebody who sets targets for the parks of a region; afterwards the drafts are compiled again."""

    may = May.SET_TARGETS

    def own_row(self) -> Any:
        """The row of the address, if the person may change it."""
        return get_object_or_404(self.rows(), code=self.kwargs["code"])

    def make_form(self, data: Any = None) -> EntryForm:
        if "code" in self.kwargs:
            return self.form_class(data, instance=self.own_row(), user=cast(User, self.request.user))
        return self.form_class(data, user=cast(User, self.request.user), initial=self.starting_values())

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        if response.status_code == 302:
            compile_what_is_due()
        return response
