"""The form of money that arrived."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from parkportal.forms import DayField, EntryForm, MoneyField, NamedRowField, RateField
from projects.models import FundArrival, Project


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
        if cleaned.get("amount") == 0:
            self.add_error("amount", _("金额应大于0。"))
        overseas = cleaned.get("origin_tier") == FundArrival.OriginTier.OVERSEAS
        if overseas and cleaned.get("amount_usd") is None and "amount_usd" not in self.errors:
            self.add_error("amount_usd", _("境外资金请填写外资额；人民币到账的，按到账当日汇率折算成美元。"))
        if overseas and not cleaned.get("fdi_scope"):
            self.add_error("fdi_scope", _("境外资金请选择外资口径。"))
        if not overseas and cleaned.get("origin_tier") and cleaned.get("fdi_scope"):
            self.add_error("fdi_scope", _("外资口径只用于境外资金；资金来源不是境外的，请留空。"))
        return cleaned


def own_projects(user: Any) -> Any:
    """Projects that the person's park keeps; those in which it only holds a share belong to another ledger."""
    return Project.objects.visible_to(user).kept().filter(park=user.park)
