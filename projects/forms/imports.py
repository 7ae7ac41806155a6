"""What the pages of an import take: a file, what its columns mean, and mended cells."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.imports.fields import CHOSEN, CUSTOM, IGNORED
from projects.models import ImportBatch

UNITS = [(unit, unit) for unit in ("万元", "亿元", "元")]
TARGETS = [
    (IGNORED, _("不导入")),
    (CUSTOM, _("自定义列（按原样保存）")),
    *((field.key, field.label) for field in CHOSEN),
]
CELL = re.compile(r"cell-(\d{1,6})-(\d{1,3})")


class UploadForm(forms.Form):
    """A workbook."""

    file = forms.FileField(
        label=_("Excel文件"),
        error_messages={
            "required": _("请选择要导入的Excel文件。"),
            "missing": _("请选择要导入的Excel文件。"),
            "empty": _("文件是空的（0字节）。请重新另存一次再上传。"),
            "invalid": _("文件没有传上来，请再选一次。"),
            "max_length": _("文件名太长，请改短后再上传。"),
        },
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.et,.csv"}),
    )


class MappingForm(forms.Form):
    """What each column of a sheet means, in which unit it counts, and which year its days belong to."""

    unit = forms.ChoiceField(
        label=_("没有写单位的金额按"), choices=UNITS, error_messages={"required": _("请选择金额单位。")}
    )
    year = forms.IntegerField(
        label=_("没有写年份的时间按"),
        min_value=1990,
        max_value=2100,
        error_messages={
            **dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("年份写四位数字，如2020。")),
        },
    )
    hidden = forms.BooleanField(label=_("隐藏的行也导入"), required=False)

    def __init__(self, data: Any = None, *, batch: ImportBatch) -> None:
        options = batch.options
        initial = {"unit": options.get("unit"), "year": options.get("year"), "hidden": options.get("hidden", True)}
        super().__init__(data, initial=initial)
        self.batch = batch
        for column in range(len(options.get("headings", []))):
            name = f"column-{column}"
            self.fields[name] = forms.ChoiceField(
                choices=TARGETS,
                required=False,
                label=options["headings"][column] or _("第%(n)s列") % {"n": column + 1},
                error_messages={"invalid_choice": _("没有这个选项，请从列表里选。")},
            )
            self.initial[name] = batch.mapping.get(str(column), CUSTOM)

    def columns(self) -> list[dict[str, Any]]:
        """The columns for the page: heading, samples, the bound select."""
        samples: Mapping[str, list[str]] = self.batch.options.get("samples", {})
        names = [name for name in self.fields if name.startswith("column-")]
        return [
            {"bound": self[name], "samples": samples.get(name[7:], []), "number": int(name[7:]) + 1} for name in names
        ]

    def mapping(self) -> dict[int, str]:
        """Column → what it means."""
        return {int(name[7:]): value for name, value in self.cleaned_data.items() if name.startswith("column-")}


def typed_cells(data: Mapping[str, str]) -> dict[int, dict[int, str]]:
    """The cells that were posted: Excel row → column → text; other names are not cells."""
    found: dict[int, dict[int, str]] = {}
    for name, text in data.items():
        if place := CELL.fullmatch(name):
            found.setdefault(int(place[1]), {})[int(place[2])] = str(text).strip()
    return found


class PasteForm(forms.Form):
    """A row of Excel or a paragraph."""

    text = forms.CharField(
        label=_("粘贴内容"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "required": _("请粘贴Excel里的一行，或微信里的一段文字。"),
            "max_length": _("粘贴的内容太长，最多%(limit_value)d个字。请只粘贴一个项目。"),
        },
    )
