"""The form of money that arrived."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from parkportal.forms import DayField, EntryForm, MoneyField, NamedRowField, RateField
from projects.models import FundArrival, Project
from projects.services.funds import arrival_problems


class FundArrivalForm(EntryForm):
    """Money that arrived for one of the park's projects."""

    constrained = ()
    constraint_field = "rate"
    project = NamedRowField(label=_("项目"))
    received_on = DayField(label=_("到账时间"), past=True)
    amount = MoneyField(label=_("金额"))
    amount_usd = MoneyField(label=_("外资额"), unit="万美元", required=False)
    rate = RateField(label=_("汇率"), required=False)

    class Meta:
        model = FundArrival
        fields = (
            "project",
            "received_on",
            "received_on_precision",
            "amount",
            "origin_tier",
            "amount_usd",
            "rate",
            "fdi_scope",
            "proof",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choose_from(own_projects(self.user))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, sentences in arrival_problems(cleaned).items():
            if name not in self.errors:
                self.add_error(name, sentences)
        return cleaned


def own_projects(user: Any) -> Any:
    """Projects of the person's park that they see in full; those in which it holds a share are in another ledger."""
    return Project.objects.visible_to(user).open_to(user).kept().filter(park=user.park)
