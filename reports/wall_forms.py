"""What is typed for a wall: a new link, and the text for visitors."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.inputs import DAY_INPUT, SpokenForm
from reports.models.wall import Edition
from reports.wall import LINES


class WallLinkForm(SpokenForm):
    """A new link: which edition, for which screen, until when."""

    place = forms.CharField(label=gettext_lazy("用在哪里"), max_length=50)
    edition = forms.ChoiceField(
        label=gettext_lazy("版本"), choices=[*reversed(Edition.choices)], initial=Edition.RECEPTION
    )
    expires_on = forms.DateField(label=gettext_lazy("有效期至"), widget=DAY_INPUT)


class WallTextForm(SpokenForm):
    """园区名片 and services: one line each."""

    honours = forms.CharField(
        label=gettext_lazy("园区名片"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": LINES})
    )
    services = forms.CharField(
        label=gettext_lazy("服务承诺"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": LINES})
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)

    def clean_honours(self) -> str:
        """The lines without empty ones."""
        return self._few("honours")

    def clean_services(self) -> str:
        """The lines without empty ones."""
        return self._few("services")

    def _few(self, name: str) -> str:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        if len(lines) > LINES:
            raise forms.ValidationError(_("最多%(most)s条，现在是%(n)s条。") % {"most": LINES, "n": len(lines)})
        return "\n".join(lines)
