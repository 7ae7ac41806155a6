"""Sample values for the components page; nothing here is a real project or person."""

from typing import Any

from django import forms, template
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

register = template.Library()

SIGNED_BY_MONTH = (1, 1, 4, 6, 8, 13, 15, 16, 18)
SIGNED_A_YEAR_AGO = (0, 1, 2, 4, 5, 8, 10, 11, 13)


class SpecimenForm(forms.Form):
    """One field of each layout; sent with mistakes, so that errors show."""

    name = forms.CharField(label=_("项目名称"))
    total = forms.CharField(label=_("总投资"))
    fixed = forms.CharField(label=_("其中：固定资产投资"), required=False)
    signed_on = forms.DateField(label=_("签约时间（以合同为准）"), widget=forms.DateInput(attrs={"type": "date"}))
    signed_on_precision = forms.ChoiceField(label=_("精度"), choices=[("day", _("到日")), ("month", _("到月"))])
    chain = forms.ChoiceField(label=_("产业链"), choices=[("", "—"), ("electronics", _("电子信息"))])
    lists = forms.MultipleChoiceField(
        label=_("三类500强"),
        choices=[("world", _("世界500强")), ("china", _("中国企业500强")), ("private", _("中国民营企业500强"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sent = forms.BooleanField(label=_("填完后送科室负责人审核"), required=False)
    content = forms.CharField(label=_("建设内容及规模"), widget=forms.Textarea(attrs={"rows": 2}))
    file = forms.FileField(label=_("附件"), required=False)

    def clean_total(self) -> str:
        """Refuse the sample's amount, as the real form does with one that is far too small."""
        raise forms.ValidationError(_("总投资3.2万元过小，请检查单位"))


def _form(prefix: str) -> SpecimenForm:
    """Fill the form; the prefix keeps the ids of the light and the dark one apart."""
    typed = {"name": "精密结构件生产项目（示例）", "total": "3.2", "fixed": "21,000", "signed_on": "2020-07-03"}
    return SpecimenForm({f"{prefix}-{name}": value for name, value in typed.items()}, prefix=prefix)


def _links(*labels: str, current: int) -> list[dict[str, Any]]:
    """Write labels as links of which one is the current."""
    return [
        {"label": label, "url": "#tabs", "current": at == current, "count": None} for at, label in enumerate(labels)
    ]


def _steps() -> list[dict[str, str]]:
    """Name five stages of a project, two of them with an unknown date."""
    return [
        {"label": "在谈", "date": "4月21日", "note": "视频会谈起", "state": "done"},
        {"label": "签约", "date": "7月中旬", "note": "合同；仪式7月10日", "state": "done"},
        {"label": "注册", "date": "", "note": "报道未载", "state": "unknown"},
        {"label": "开工", "date": "", "note": "报道未载", "state": "unknown"},
        {"label": "投产", "date": "8月", "note": "4条生产线已投产", "state": "now"},
    ]


def _points() -> list[dict[str, Any]]:
    """Give nine months a value and leave three empty."""
    values = [*SIGNED_BY_MONTH, None, None, None]
    return [
        {"month": month, "value": value, "text": "—" if value is None else str(value), "url": f"#month-{month}"}
        for month, value in enumerate(values, 1)
    ]


def _changes() -> list[dict[str, str]]:
    """Name a change that can be undone and one that a scorecard holds."""
    return [
        {
            "at": "09-28 18:06",
            "who": "经办人甲",
            "field": "目前进展",
            "old": "",
            "new": "4条生产线已投产",
            "undo_url": "#undo",
        },
        {
            "at": "07-22 15:40",
            "who": "经办人乙",
            "field": "签约时间",
            "old": "2020-07-10",
            "new": "7月中旬",
            "locked": "已入7月成绩单",
        },
    ]


def _events() -> list[dict[str, str]]:
    """Name an event with a month, one with a third of a month, and one without a date."""
    return [
        {"icon": "factory", "date": "8月", "title": "开始投产", "tag": "投产", "text": "目前已有4条生产线投产"},
        {"icon": "doc", "date": "7月中旬", "title": "签订投资合同", "tag": "签约", "text": "总投资3亿元"},
        {
            "icon": "pin",
            "date": "",
            "title": "园区主要负责人带队面谈",
            "tag": "洽谈",
            "source": "公开报道",
            "url": "#source",
        },
    ]


@register.simple_tag
def specimens(prefix: str) -> dict[str, Any]:
    """Give the components page what it shows; `prefix` keeps ids apart where it shows everything twice."""
    stages = (("签约", 18), ("注册", 17), ("开工", 15), ("投产", 11))
    return {
        "form": _form(prefix),
        "page": Paginator(range(236), 50).page(2),
        "tabs": [link | {"count": 18} for link in _links("全部", "签约亿元以上", "拟签", current=1)],
        "segments": _links("初稿", "送审稿", "定稿", current=2),
        "chips": [
            {"name": "类别", "value": "产业类", "url": "#less"},
            {"name": "总投资", "value": "1亿元以上", "url": "#less"},
        ],
        "steps": _steps(),
        "points": _points(),
        "last_year": SIGNED_A_YEAR_AGO,
        "funnel": [
            {"label": s, "value": str(n), "share": n / 18, "url": "#drill", "note": f"{n}/18"} for s, n in stages
        ],
        "changes": _changes(),
        "events": _events(),
    }
