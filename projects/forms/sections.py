"""How the form of a project is laid out, and how each column of it is typed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.db.models import CharField, Field, JSONField, TextField
from django.db.models import DateField as DateColumn
from django.utils.translation import gettext_lazy as _

from enterprises.models import Chain, ChainNode, Enterprise, Group
from parkportal.forms import AreaField, DayField, MoneyField, NamedRowField, Suggest, TypedField
from parkportal.models import Precision, User
from parkportal.writing import clean_text, read_count, read_date, read_qualified_money, write_count, write_date
from projects.models import Project
from projects.words import column, label, write_amount

PRECISIONS: Final = [(value, _("到%(unit)s") % {"unit": text}) for value, text in Precision.choices]
QUALIFIERS: Final = {
    "total_investment": "total_investment_qualifier",
    "expected_jobs": "expected_jobs_qualifier",
    "workshop_area_sqm": "workshop_area_qualifier",
}
"""Numbers that may be inexact, and the column that says how."""


@dataclass(frozen=True)
class Slot:
    """One field in its section: how wide in twelfths, its unit and its hint."""

    name: str
    width: int = 6
    unit: str = ""
    hint: Any = ""


@dataclass(frozen=True)
class Section:
    """A part of the form."""

    key: str
    title: Any
    note: Any
    slots: tuple[Slot, ...]

    @property
    def short(self) -> str:
        """The title without what stands in brackets, for the narrow list of sections."""
        return str(self.title).split("（")[0]


SECTIONS: Final = (
    Section(
        "basic",
        _("基本信息"),
        "",
        (
            Slot("name", 12),
            Slot("investor_name", hint=_("合同上签字的一方；企业库里有同名的就用它，没有就新建")),
            Slot("investor_origin", hint=_("用来区分市外省内、省外境内和境外资金")),
            Slot("investor_group", hint=_("按签约时最近一期榜单，投资方或其控股母公司在榜才算世界500强")),
            Slot("category", 3),
            Slot("kind", 3),
            Slot("parent", 12, hint=_("增资扩产、分期建设才填；填项目名称或编号")),
            Slot("content", 12),
            Slot("chain", 4),
            Slot("chain_node", 4),
            Slot("chain_action", 4),
            Slot("construction_nature", 4),
            Slot("land_use_mode", 4),
            Slot("industry_code", 4, hint=_("按投产后的产品，如C3912")),
            Slot("site", 12),
        ),
    ),
    Section(
        "money",
        _("投资与效益"),
        _("金额单位为万元，也可以直接写“3.2亿”“30000万”"),
        (
            Slot(
                "total_investment",
                unit="万元",
                hint=_("以投资合同载明的金额为准；可直接填“3.2亿”“30000万”，系统自动换算"),
            ),
            Slot("fixed_asset_investment", unit="万元"),
            Slot("contracted_capital", 4, unit="万元"),
            Slot("annual_planned_investment", 4, unit="万元"),
            Slot("completed_investment", 4, unit="万元"),
            Slot("expected_annual_output", 4, unit="万元"),
            Slot("expected_annual_tax", 4, unit="万元"),
            Slot("expected_jobs", 4, unit="人", hint=_("约数可填“600余”")),
            Slot("land_area_mu", unit="亩"),
            Slot("workshop_area_sqm", unit="㎡", hint=_("约数可填“近5000”")),
        ),
    ),
    Section(
        "dates",
        _("进展时间"),
        _("只知道旬或月时，填“7月中旬”“2020年8月”"),
        (
            Slot("contract_type", hint=_("框架协议、意向书、备忘录不计入")),
            Slot("stage", hint=_("从“注册”起填写项目公司")),
            Slot("signed_on", hint=_("以合同为准，签约仪式另填")),
            Slot("ceremony_on"),
            Slot("registered_on"),
            Slot("started_on", hint=_("供地项目以施工许可证或桩基施工为准，租赁、购买厂房以设备进场为准")),
            Slot("completed_on"),
            Slot("in_production_on"),
            Slot("full_capacity_on"),
            Slot("settle_started_on"),
            Slot("moved_in_on"),
            Slot("planned_start_on"),
            Slot("planned_production_on"),
            Slot("status"),
            Slot("terminated_on"),
            Slot("order_warning_reason", 12, hint=_("时间先后或金额大小反常、但确属实情的，在这里写明原因后就能保存")),
        ),
    ),
    Section(
        "company",
        _("项目公司（注册后填写）"),
        _("签约阶段不必填；进度到“注册”后才要求名称和信用代码"),
        (
            Slot("company_name", hint=_("在本地注册、承接项目的企业")),
            Slot("company_uscc", hint=_("18位，见营业执照")),
            Slot("company_uscc_reason", 12, hint=_("对照营业执照核实无误、校验码仍不通过的，写明理由后就能保存")),
        ),
    ),
    Section(
        "work",
        _("进展与责任"),
        "",
        (
            Slot("progress"),
            Slot("problem", hint=_("没有就不填")),
            Slot("next_step"),
            Slot("note"),
            Slot("lead_official", 4),
            Slot("responsible_unit", 4),
            Slot("owner", 4),
            Slot("tags", 8, hint=_("用顿号分开，如“返乡创业、科创”")),
            Slot("confidentiality", 4, hint=_("保密的只对责任人、填报人、科室负责人和园区领导显示全文")),
            Slot("code_name", 4, hint=_("密级为保密时必填，对其他人只显示代号")),
        ),
    ),
)


class Text(forms.CharField):
    """A text without what cannot be seen; only the shape is judged here."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class Day(DayField):
    """A date in any of the ways it is written; one without its year belongs to `year`."""

    year: int | None = None

    def read_day(self, text: str) -> tuple[date, str]:
        return read_date(text, year=self.year)


class InexactMoney(TypedField):
    """An amount in yuan and what makes it inexact."""

    unit = "万元"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read=read_qualified_money, write=lambda pair: write_amount(*pair), **kwargs)


class InexactCount(TypedField):
    """A whole number and what makes it inexact."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read=read_count, write=lambda pair: write_count(*pair), **kwargs)


def rows_field(model: Any, key: str, empty: Any) -> forms.ModelChoiceField:
    """A select of rows, named by their codes."""
    return forms.ModelChoiceField(model._default_manager.none(), to_field_name=key, empty_label=empty)


SPECIAL: Final[dict[str, Callable[[], forms.Field]]] = {
    "investor_name": lambda: Text(label=_("投资方（签约主体）"), max_length=100, widget=Suggest()),
    "investor_origin": lambda: Text(label=_("投资方所在地"), max_length=50),
    "investor_group": lambda: rows_field(Group, "code", _("没有或不清楚")),
    "company_name": lambda: Text(label=_("项目公司名称"), max_length=100, widget=Suggest()),
    "company_uscc": lambda: Text(label=_("统一社会信用代码"), max_length=40),
    "company_uscc_reason": lambda: Text(label=_("人工核实说明"), max_length=200),
    "parent": lambda: NamedRowField(label=_("原项目")),
    "chain": lambda: rows_field(Chain, "code", _("不属于或未定")),
    "chain_node": lambda: rows_field(ChainNode, "code", _("未定")),
    "owner": lambda: rows_field(User, "username", _("未定")),
    "land_area_mu": AreaField,
    "total_investment": InexactMoney,
    "expected_jobs": InexactCount,
    "workshop_area_sqm": InexactCount,
}
"""Fields whose column does not say how they are typed."""
LABELS: Final = {
    "investor_group": _("投资方所属集团"),
    "total_investment": _("总投资"),
    "signed_on": _("签约时间（以合同为准）"),
}


def field_for(name: str) -> forms.Field:
    """The form field of one name; what a stage asks for is said on submission, so that a draft may lack it."""
    found = column(name)
    field = SPECIAL[name]() if name in SPECIAL else _of_column(found)
    field.required = name == "name"
    field.label = LABELS.get(name) or field.label or label(name)
    return field


def _of_column(found: "Field[Any, Any] | None") -> forms.Field:
    if isinstance(found, DateColumn):
        return Day()
    if isinstance(found, CharField) and found.choices:
        blank = [("", _("请选择"))] if found.blank else []
        return forms.ChoiceField(choices=[*blank, *found.choices], initial=found.default if not found.blank else "")
    if isinstance(found, TextField):
        return Text(max_length=found.max_length, widget=forms.Textarea(attrs={"rows": 2}))
    if isinstance(found, CharField):
        return Text(max_length=found.max_length)
    return Text(max_length=200) if isinstance(found, JSONField) else MoneyField()


def precision_field() -> forms.ChoiceField:
    """The select beside a date."""
    return forms.ChoiceField(choices=PRECISIONS, initial="day", required=False, label=_("精度"))


def all_fields() -> Iterator[tuple[str, forms.Field]]:
    """Every field of the form in the order of the page, each date with its precision."""
    for section in SECTIONS:
        for slot in section.slots:
            field = field_for(slot.name)
            yield slot.name, field
            if isinstance(field, Day):
                yield f"{slot.name}_precision", precision_field()


def typed_text(project: Project, name: str) -> str:
    """A column of a stored project as its field shows it, ready to be read again."""
    value = getattr(project, name)
    if value in (None, "", []):
        return ""
    if name in QUALIFIERS:
        write = write_amount if name == "total_investment" else write_count
        return write(value, getattr(project, QUALIFIERS[name]))
    if name == "land_area_mu":
        return AreaField().write(value)
    if isinstance(value, date):
        return write_date(value, getattr(project, f"{name}_precision"))
    if isinstance(value, list):
        return "、".join(map(str, value))
    return write_amount(value) if isinstance(value, int) else _row_text(value)


def _row_text(value: Any) -> str:
    if isinstance(value, Project):
        return NamedRowField.label_of(value)
    if isinstance(value, Enterprise):
        return value.name
    return str(getattr(value, "code", None) or getattr(value, "username", None) or value)
