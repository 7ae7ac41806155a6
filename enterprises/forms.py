"""Forms of enterprises and their steps towards a stock exchange."""

import re
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from enterprises import uscc
from enterprises.contacts import PHONE, masked
from enterprises.models import Contact, Enterprise, ListingStep
from enterprises.services import uscc_refusals
from parkportal.forms import AreaField, DayField, EntryForm, NamedRowField
from parkportal.writing import clean_text

INDUSTRY = re.compile("[A-T][0-9]{2,4}")


class EnterpriseForm(EntryForm):
    """An enterprise of the person's park."""

    constraint_field = "uscc"
    above_scale_on = DayField(label=_("升规时间"), past=True, required=False)
    land_area_mu = AreaField(label=_("占地面积"), required=False)
    uscc = forms.CharField(label=_("统一社会信用代码"), max_length=40, required=False)

    class Meta:
        model = Enterprise
        fields = (
            "name",
            "uscc",
            "uscc_override_reason",
            "foreign_reg_no",
            "group",
            "origin",
            "industry_code",
            "settled_year",
            "land_area_mu",
            "above_scale_on",
            "above_scale_on_precision",
            "above_scale_route",
            "profile",
        )
        widgets: ClassVar = {"profile": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].empty_label = _("没有或不清楚")

    def clean_uscc(self) -> str:
        return uscc.normalise(self.cleaned_data["uscc"])

    def clean_industry_code(self) -> str:
        code = str(self.cleaned_data["industry_code"]).strip().upper()
        if code and not INDUSTRY.fullmatch(code):
            raise forms.ValidationError(_("国民经济行业代码写成“C39”或“C3912”的样子，一个字母加二至四位数字。"))
        return code

    def clean_settled_year(self) -> int | None:
        year = self.cleaned_data["settled_year"]
        if year is not None and not 1949 <= year <= 2100:
            raise forms.ValidationError(_("落户年份写四位年份，如2011。"))
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in uscc_refusals(cleaned.get("uscc", ""), cleaned.get("uscc_override_reason", "")):
            self.add_error("uscc", sentence)
        if cleaned.get("above_scale_route") and not cleaned.get("above_scale_on"):
            self.add_error("above_scale_on", _("选了升规方式，请填写升规时间。"))
        return cleaned


class ListingStepForm(EntryForm):
    """A step of one of the park's enterprises."""

    constrained = ("deleted_at",)
    constraint_field = "step"
    enterprise = NamedRowField(label=_("企业"))
    happened_on = DayField(label=_("日期"), past=True)

    class Meta:
        model = ListingStep
        fields = ("enterprise", "board", "step", "happened_on", "happened_on_precision", "document")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Enterprise.objects.visible_to(self.user).kept().filter(park=self.user.park)
        self.fields["enterprise"].choose_from(rows)


class ContactForm(EntryForm):
    """A contact of one of the park's enterprises; the stored number is not shown, and stays where nothing is typed."""

    enterprise = NamedRowField(label=_("企业"))

    class Meta:
        model = Contact
        fields = ("enterprise", "name", "post", "phone", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Enterprise.objects.visible_to(self.user).kept().filter(park=self.user.park)
        self.fields["enterprise"].choose_from(rows)
        self.stored = self.instance.phone if self.instance.pk else ""
        self.initial["phone"] = ""

    def clean_phone(self) -> str:
        phone = clean_text(self.cleaned_data["phone"])
        if not phone:
            return self.stored
        if phone == "无":
            return ""
        if not PHONE.fullmatch(phone):
            raise forms.ValidationError(_("电话只写数字，可以带区号和分机，如“0734-8880000转801”。"))
        return phone

    def _say(self, row: Model, name: str, value: Any) -> str:
        return masked(str(value)) if name == "phone" else super()._say(row, name, value)
