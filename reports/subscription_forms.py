"""What people fill in about subscriptions: whose scorecards they want, and which addresses are called."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.forms import EntryForm
from parkportal.models import Park, User
from reports.models import Subscription, Webhook
from reports.webhooks import Refused, split_url


class SubscriptionForm(forms.Form):
    """The parks whose published scorecards a person wants by mail."""

    parks = forms.ModelMultipleChoiceField(
        queryset=Park.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("园区"),
        error_messages={"invalid_choice": gettext_lazy("没有代码为“%(value)s”的园区，或不在你的权限内。")},
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["parks"].queryset = Park.objects.visible_to(user)  # type: ignore[attr-defined]
        self.initial["parks"] = list(Subscription.objects.filter(user=user).values_list("park__code", flat=True))


class WebhookForm(EntryForm):
    """An address that is called; whether it is open to the Internet is asked again at each call."""

    constrained = ()

    class Meta:
        model = Webhook
        fields = ("name", "url", "active")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            split_url(url)
        except Refused as refused:
            raise ValidationError(_("%(why)s。") % {"why": refused}) from refused
        return url
