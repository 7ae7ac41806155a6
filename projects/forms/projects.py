"""The form of a project: what people type, read into columns; every rule behind it is the service's."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from enterprises import uscc
from enterprises.models import Chain, ChainNode, Enterprise, Group
from enterprises.services import TAKEN, uscc_refusals, uscc_warnings
from parkportal.forms import NamedRowField, Suggest, speak
from parkportal.models import Park, User
from parkportal.writing import Unreadable, earliest, read_qualified_money, write_money
from projects import stages
from projects.forms.sections import QUALIFIERS, SECTIONS, Day, Section, Slot, all_fields, typed_text
from projects.models import PendingChange, Project
from projects.models.secrecy import sees_in_full
from projects.services import alike, as_asked, project_missing, project_problems, total_meant, waiting, waits
from projects.services.checks import with_values
from projects.tags import tags_in

PARTIES: Mapping[str, Mapping[str, str]] = {
    "investor": {"origin": "investor_origin", "group": "investor_group"},
    "company": {"uscc": "company_uscc", "uscc_override_reason": "company_uscc_reason"},
}
"""The two enterprises of a project: column of the enterprise → field in which it is typed."""
PARTY_FIELDS = frozenset(
    {f"{role}_name" for role in PARTIES} | {n for names in PARTIES.values() for n in names.values()}
)
SHOWN_AT: Mapping[str, str] = {"investor": "investor_name", "company": "company_name", "group": "investor_group"}
"""Column of a service's sentence → field beside which it stands, where the names differ."""
SUGGESTED = 100
Words = dict[str, str]


class ProjectForm(forms.Form):
    """A project of one park, new or known. Its fields are a fixed list: nothing else that is posted reaches a row."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        park: Park,
        user: User,
        today: date,
        project: Project | None = None,
        only: Iterable[str] | None = None,
    ) -> None:
        super().__init__(data)
        self.park, self.user, self.today, self.project = park, user, today, project
        kept = set(self._offered() if only is None else only)
        self.fields |= {name: field for name, field in all_fields() if name.removesuffix("_precision") in kept}
        self.fields.pop("version" if project is None else "key")
        self.initial = self._stored() if project else {"key": uuid.uuid4()}
        for name, field in self.fields.items():
            self._make_ready(name, field)

    def _offered(self) -> set[str]:
        """The fields that this person fills in now; a stage that is known moves on a page of its own."""
        every = {slot.name for section in SECTIONS for slot in section.slots}
        if self.project is None:
            return every - {"status", "terminated_on"}
        parent = self.project.parent
        hidden = {"parent"} if parent is not None and not sees_in_full(self.user, parent) else set()
        return every - hidden - {"stage"} - ({"status", "terminated_on"} if not self.is_verified else set())

    @property
    def is_verified(self) -> bool:
        """Whether the project counts already."""
        return self.project is not None and self.project.review_state == Project.ReviewState.VERIFIED

    @property
    def waits(self) -> bool:
        """Whether changes of what counts wait until they are verified."""
        return self.project is not None and waits(self.user, self.project)

    @cached_property
    def asked_before(self) -> PendingChange | None:
        """What this person asked for before and nobody decided yet; the form goes on from there."""
        change = waiting(self.project) if self.project and self.waits else None
        return change if change and change.asked_by == self.user else None

    def _stored(self) -> dict[str, Any]:
        """What the stored project has, as texts; with what this person has asked for already."""
        project = as_asked(cast(Project, self.project), self.asked_before)
        names = [name for name in self.fields if name not in PARTY_FIELDS | {"version", "key"}]
        plain = {name: typed_text(project, name) for name in names if not name.endswith("_precision")}
        precisions = {name: getattr(project, name) for name in names if name.endswith("_precision")}
        return plain | precisions | party_texts(project) | {"version": project.version}

    def _make_ready(self, name: str, field: forms.Field) -> None:
        """Give a field its sentences and the rows of this park and region."""
        speak(field, str(field.label or name))
        if isinstance(field, Day):
            field.year = self._default_year()
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = self._rows(name)
        if isinstance(field, NamedRowField):
            mine = Project.objects.kept().open_to(self.user).filter(park=self.park)
            field.choose_from(mine.exclude(pk=self.project.pk if self.project else None))
        elif isinstance(field.widget, Suggest):
            field.widget.suggestions = lambda: self._enterprise_names

    def _rows(self, name: str) -> Any:
        regions = [self.park.region_id, self.park.region.parent_id]
        if name == "owner":
            return User.objects.filter(park=self.park, is_active=True).order_by("username")
        if name == "chain":
            return Chain.objects.filter(region__in=regions)
        if name == "chain_node":
            return ChainNode.objects.filter(chain__region__in=regions).select_related("chain")
        return Group.objects.all()

    @cached_property
    def _enterprise_names(self) -> list[str]:
        mine = Enterprise.objects.visible_to(self.user).kept().filter(park=self.park).order_by("-updated_at")
        return list(mine.values_list("name", flat=True)[:SUGGESTED])

    def _default_year(self) -> int:
        """The year of a date without one: that of the signing as typed or stored, else the running one."""
        typed = re.match(r"\s*(\d{4})", str(self.data.get("signed_on", "")), re.ASCII)
        if typed and 1900 <= int(typed[1]) <= 2100:
            return int(typed[1])
        stored = self.project.signed_on if self.project else None
        return stored.year if stored else self.today.year

    # --- reading -------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name, field in self.fields.items():
            if isinstance(field, Day) and name in cleaned:
                self._settle_precision(name, cleaned[name])
        if "industry_code" in self.fields:
            self._clean_industry_code()
        self.parties: dict[str, Enterprise | None] = {}
        for role in PARTIES:
            if f"{role}_name" in self.fields:
                self.parties[role] = self._party(role)
        self._judge()
        return cleaned

    def _judge(self) -> None:
        """Say at once what the service will say, beside what could not even be read."""
        trial = with_values(self.project or Project(park=self.park), self.values())
        found = project_problems(trial, self.today)
        if self.data.get("action") == "submit":
            found = project_missing(trial) | found
        read = {name: sentences for name, sentences in found.items() if SHOWN_AT.get(name, name) not in self.errors}
        if read:
            self.absorb(ValidationError(read))

    def _settle_precision(self, name: str, value: tuple[date, str] | None) -> None:
        """A precision that was written wins over the one that was chosen."""
        day, written = value or (None, "day")
        chosen = self.cleaned_data.get(f"{name}_precision") or "day"
        precision = written if written != "day" or day is None else chosen
        self.cleaned_data |= {name: earliest(day, precision) if day else None, f"{name}_precision": precision}

    def _clean_industry_code(self) -> None:
        code = self.cleaned_data.get("industry_code", "").upper()
        self.cleaned_data["industry_code"] = code
        if code and not re.fullmatch("[A-T][0-9]{2,4}", code):
            self.add_error("industry_code", _("国民经济行业代码写成“C39”或“C3912”的样子，一个字母加二至四位数字。"))

    def _party(self, role: str) -> Enterprise | None:
        """The enterprise that was typed: a known one of the park, with its blanks filled in, or one to be made."""
        name = self.cleaned_data.get(f"{role}_name", "")
        typed = {column: self.cleaned_data.get(field) for column, field in PARTIES[role].items()}
        if role == "company":
            typed |= self._credit_code(str(typed["uscc"] or ""), str(typed["uscc_override_reason"] or ""))
        if not name:
            if any(typed.values()) and f"{role}_name" not in self.errors:
                self.add_error(f"{role}_name", _("请填写%(label)s。") % {"label": self.fields[f"{role}_name"].label})
            return None
        other = self.parties.get("investor")
        if role == "company" and other is not None and other.name == name:
            party = other
        else:
            party = self._known(name, str(typed.get("uscc") or "")) or Enterprise(park=self.park, name=name)
        self._fill(party, role, typed)
        return party

    def _credit_code(self, text: str, reason: str) -> Words:
        """The credit code in its normal form; a reason stays only where it is needed."""
        code = uscc.normalise(text)
        for sentence in uscc_refusals(code, reason):
            self.add_error("company_uscc", sentence)
        return {"uscc": code, "uscc_override_reason": reason if uscc_refusals(code, "") else ""}

    def _known(self, name: str, code: str) -> Enterprise | None:
        """The park's enterprise of that name, the one with that credit code first."""
        park = Enterprise.objects.kept().filter(park=self.park)
        mine = park.visible_to(self.user)
        if code and (holder := mine.filter(uscc=code).exclude(name=name).first()):
            sentence = _("这个信用代码在企业库里是“%(name)s”的，请核对企业名称和代码。")
            self.add_error("company_uscc", sentence % {"name": holder.name})
        elif code and not mine.filter(uscc=code).exists() and park.filter(uscc=code).exists():
            self.add_error("company_uscc", _("%(sentence)s。") % {"sentence": TAKEN})
        named = list(mine.filter(name=name).order_by("code"))
        return next((row for row in named if code and row.uscc == code), named[0] if named else None)

    def _fill(self, party: Enterprise, role: str, typed: Mapping[str, Any]) -> None:
        """Put what is new on the enterprise; a differing group or credit code is changed on the enterprise's page."""
        sentence = _("企业库里“%(name)s”的%(label)s是“%(stored)s”，要改请到企业页面修改。")
        for column, value in typed.items():
            stored = getattr(party, column)
            field = PARTIES[role][column]
            if not value or value == stored:
                continue
            if stored and column in {"group", "uscc"}:
                words = {"name": party.name, "label": self.fields[field].label, "stored": stored}
                self.add_error(field, sentence % words)
            else:
                setattr(party, column, value)

    def values(self) -> dict[str, Any]:
        """The columns that the form stands for; investor and company may be rows that are not stored yet.

        A field that was not sent at all is not touched.
        """
        sent = {name for name in self.fields if name.removesuffix("_precision") in self.data}
        sent -= PARTY_FIELDS | {"version", "key"}
        values = {name: value for name, value in self.cleaned_data.items() if name in sent}
        for name, qualifier in QUALIFIERS.items():
            if name in values:
                values[name], values[qualifier] = values[name] or (None, "exact")
        if "tags" in values:
            values["tags"] = tags_in(values["tags"])
        return values | {role: party for role, party in self.parties.items() if f"{role}_name" in self.data}

    @property
    def submission_key(self) -> str | None:
        """The one-time key of this form; of each person their own, so that none meets another's."""
        key = self.cleaned_data.get("key")
        return f"{self.user.pk}-{key}" if key else None

    # --- answering -----------------------------------------------------------------------------------------------

    def absorb(self, refused: ValidationError) -> None:
        """Show the sentences of a service beside the fields that they are about."""
        known = hasattr(refused, "error_dict")
        for name, sentences in (refused.message_dict if known else {NON_FIELD_ERRORS: refused.messages}).items():
            field = SHOWN_AT.get(name, name)
            field = "company_uscc" if field == "company_name" and self.cleaned_data.get("company_name") else field
            self.add_error(field if field in self.fields else None, sentences)

    def fixes(self) -> Words:
        """What one click puts right: field → the value to put in."""
        found = {}
        reason = str(self.data.get("order_warning_reason", "")).strip()
        if not reason and (meant := total_meant(self._total_typed())):
            found["total_investment"] = write_money(meant, "万元")
        guesses = [f.suggestion for f in uscc.check(str(self.data.get("company_uscc", ""))) if f.suggestion]
        return found | ({"company_uscc": guesses[0]} if guesses else {})

    def _total_typed(self) -> int | None:
        """The total as it was typed; None where there is none to be read."""
        typed = str(self.data.get("total_investment", ""))
        try:
            return read_qualified_money(typed)[0] if typed.strip() and "total_investment" in self.fields else None
        except Unreadable:
            return None

    def warnings(self) -> dict[str, Any]:
        """What a person should read, though it stops nothing: field → sentence."""
        found: dict[str, Any] = {}
        name = str(self["name"].value() or "").strip() if "name" in self.fields and self.is_bound else ""
        if name and (doubt := similar_in_words(self.park, name, self.project, self.user)):
            found["name"] = doubt
        if self.is_bound and (doubts := uscc_warnings(str(self.data.get("company_uscc", "")))):
            found["company_uscc"] = doubts[0]
        return found

    def returned(self) -> Words:
        """Why single fields were given back: field → sentence; nothing once the project is handed in again."""
        reasons = self.project.return_reasons if self.project else {}
        return {
            SHOWN_AT.get(name, name): _("退回原因：%(reason)s") % {"reason": text} for name, text in reasons.items()
        }

    def sections(self) -> list[dict[str, Any]]:
        """The sections as the page shows them: fields with their companions, and how far each is filled in."""
        warnings, fixes = self.warnings() | self.returned(), self.fixes()
        shown = [(section, [slot for slot in section.slots if slot.name in self.fields]) for section in SECTIONS]
        return [self._section(section, slots, warnings, fixes) for section, slots in shown if slots]

    def _section(self, section: Section, slots: list[Slot], warnings: Words, fixes: Words) -> dict[str, Any]:
        rows = [
            {
                "bound": self._shown(slot.name),
                "precision": self[f"{slot.name}_precision"] if f"{slot.name}_precision" in self.fields else None,
                "slot": slot,
                "warning": warnings.get(slot.name, ""),
                "fix": fixes.get(slot.name, ""),
            }
            for slot in slots
        ]
        return {"section": section, "rows": rows, "state": self._state([slot.name for slot in slots])}

    def _shown(self, name: str) -> Any:
        """A bound field that says 必填 where the stage asks for it on submission."""
        bound = self[name]
        bound.field.required = name in self.asked
        return bound

    @cached_property
    def asked(self) -> set[str]:
        """The fields that the stage asks for on submission."""
        stage = self.project.stage if self.project else str(self["stage"].value() or "")
        columns = stages.requirements(stage) if stage in stages.BY_CODE else ("name",)
        names = {SHOWN_AT.get(column, column) for column in columns}
        return names | ({"company_uscc"} if "company_name" in names else set())

    def _state(self, names: list[str]) -> dict[str, Any]:
        """How far a section is filled in: errors first, then what is asked for, then anything at all."""
        if wrong := sum(len(self.errors.get(name, ())) for name in names) if self.is_bound else 0:
            return {"light": "red", "text": _("%(count)s处要改") % {"count": wrong}}
        filled = {name for name in names if self._is_filled(name)}
        asked = self.asked & set(names)
        typed = {name for name in filled if self[name].value() != self.fields[name].initial}
        if not typed:
            return {"text": _("未填") if asked else _("选填")}
        return {"text": _("已填完") if (asked <= filled if asked else len(filled) == len(names)) else _("填了一部分")}

    def _is_filled(self, name: str) -> bool:
        return bool(str(self[name].value() or "").strip())


def similar_in_words(park: Park, name: str, but: Project | None, user: User) -> str:
    """The sentence that names projects of nearly this name; empty for none."""
    found = [one.project for one in alike.find(park=park, name=name, but=but, user=user)]
    listed = "、".join(f"{row.name}（{row.code}，{row.get_stage_display()}）" for row in found)
    sentence = _("已有名称相近的项目：%(projects)s。如是同一项目，请到该项目里更新进展。")
    return sentence % {"projects": listed} if found else ""


def every_field() -> list[str]:
    """The names of all slots."""
    return [slot.name for section in SECTIONS for slot in section.slots]


def party_texts(project: Project) -> Words:
    """What is stored about the two enterprises of a project, as texts."""
    texts: Words = {}
    for role, columns in PARTIES.items():
        party = getattr(project, role)
        texts[f"{role}_name"] = party.name if party else ""
        for column, field in columns.items():
            value = getattr(party, column) if party else ""
            texts[field] = getattr(value, "code", value) or ""
    return texts
