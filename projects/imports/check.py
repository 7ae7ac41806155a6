"""A row of a ledger compared with what the park has: new, updated, to confirm, wrong or skipped, and why."""

import copy
import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from enterprises import uscc
from enterprises.models import Enterprise
from enterprises.services import TAKEN, uscc_refusals
from parkportal.trace import plain as plain_value
from parkportal.workbooks import Cell
from parkportal.writing import write_money
from projects import stages
from projects.imports.book import ParkBook
from projects.imports.cells import plain, written
from projects.imports.fields import BY_KEY, CUSTOM
from projects.imports.plan import Plan, Problem, RowRead, is_blank, later, read_row
from projects.imports.rows import LedgerRow
from projects.models import ImportRow, Project
from projects.services.checks import project_oddities, project_problems, total_meant, with_values
from projects.words import label, value_in_words

State = ImportRow.State
PARTY_KEYS: Final = ("investor_name", "investor_origin", "company_name", "company_uscc", "company_uscc_reason")
COMPANIONS: Final = {
    "total_investment": "total_investment_qualifier",
    "expected_jobs": "expected_jobs_qualifier",
    "workshop_area_sqm": "workshop_area_qualifier",
}
PHASE: Final = re.compile("[一二三四五六七八九十]期")
NUMERALS: Final = "一二三四五六七八九十"
MOST_PHASES: Final = len(NUMERALS)


@dataclass
class Judged:
    """What becomes of a row, and what the page says about it."""

    state: str
    problems: dict[int, Problem] = field(default_factory=dict)
    say: str = ""
    notes: list[str] = field(default_factory=list)
    diff: dict[str, tuple[str, str]] = field(default_factory=dict)
    project: Project | None = None
    """The project that is updated, or the one that it may be."""
    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    """Decisions that may be taken about a row to confirm."""

    def told(self) -> dict[str, Any]:
        """The sentences as they are stored."""
        cells = {str(column): {"say": one.say, "fixes": list(one.fixes)} for column, one in self.problems.items()}
        return {"cells": cells, "say": self.say, "notes": self.notes, "offers": list(self.offers)}


@dataclass
class Seen:
    """The names of a sheet's rows so far: a second row of one name is a repetition or must be confirmed."""

    first: dict[str, tuple[int, str]] = field(default_factory=dict)
    phases: dict[int, int] = field(default_factory=dict)

    def note(self, key: str, number: int, digest: str) -> tuple[int, str] | None:
        """The first row of this name before this one; None where this is the first."""
        known = self.first.setdefault(key, (number, digest))
        return None if known[0] == number else known


class Checker:
    """Judges the rows of one sheet in their order."""

    def __init__(self, plan: Plan, book: ParkBook) -> None:
        self.plan, self.book, self.seen = plan, book, Seen()

    def pass_over(self, row: LedgerRow, mended: Mapping[int, str]) -> None:
        """Remember the name of a row that is not judged now."""
        cells: dict[int, Cell] = {**row.cells, **mended}
        at = self.plan.column_of("name")
        if at is not None and (name := plain(written(cells.get(at)))):
            self.seen.note(row_key(name), row.number, self._digest(cells))

    def judge(self, row: LedgerRow, mended: Mapping[int, str] | None = None, decision: str = "") -> Judged:
        """What becomes of a row; `mended` are cells that somebody wrote anew, `decision` what was decided about it."""
        cells: dict[int, Cell] = {**row.cells, **(mended or {})}
        read = read_row(self.plan, cells)
        name = str(read.values.get("name", ""))
        before = self.seen.note(row_key(name), row.number, self._digest(cells)) if name else None
        judged = self._repeated(row, cells, before, decision) or self._judge(row, read, cells, before, decision)
        judged.notes[:0] = read.notes if judged.state != State.SKIPPED else []
        return judged

    def _digest(self, cells: Mapping[int, Cell]) -> str:
        """What a row says, without its number."""
        said = (f"{c}={written(cells[c]).strip()}" for c in sorted(cells) if self.plan.mapping.get(c, CUSTOM))
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def _repeated(
        self, row: LedgerRow, cells: Mapping[int, Cell], before: tuple[int, str] | None, decision: str
    ) -> Judged | None:
        """A row that says the same as an earlier one, or that somebody wants left out."""
        if decision in {"skip", "keep"}:
            return Judged(State.SKIPPED, say=_("按你的决定，这一行不导入"), offers=("undo",))
        if before and before[1] == self._digest(cells) and decision != "new":
            return Judged(State.SKIPPED, say=_("与第%(row)s行重复，将跳过") % {"row": before[0]}, offers=("new",))
        return None

    def _judge(
        self, row: LedgerRow, read: RowRead, cells: Mapping[int, Cell], before: tuple[int, str] | None, decision: str
    ) -> Judged:
        self._resolve(row, read, cells)
        known = self._known(read)
        values = self._values(read, known)
        if known is None and decision == "phase":
            self._as_phase(row, values)
        project = known or (self._candidate(read, values) if decision == "same" else None)
        if project is not None and not read.problems and not self._differs(project, values, read):
            return Judged(State.SKIPPED, say=_("与系统里的一致，没有改动"), project=project)
        offers = self._weigh(project, values, read, cells, decision)
        if read.problems:
            return Judged(State.WRONG, read.problems, project=project, offers=offers)
        if project is not None:
            return self._updated(project, values, read, decision)
        return self._new(row, read, values, before, decision)

    @staticmethod
    def _differs(project: Project, values: Mapping[str, Any], read: RowRead) -> dict[str, tuple[str, str]]:
        """Old and new in words of everything that would change."""
        custom = {key: text for key, text in read.custom.items() if project.custom.get(key, "") != text}
        return differences(project, values) | {key: (project.custom.get(key, ""), text) for key, text in custom.items()}

    # --- rows that are meant -----------------------------------------------------------------------------------------

    def _known(self, read: RowRead) -> Project | None:
        """The project that a row is about beyond doubt: by its code, or the only one of exactly its name."""
        code = str(read.values.pop("code", "") or "")
        if code in self.book.projects:
            return self.book.projects[code]
        named = self.book.named(str(read.values.get("name", "")))
        return named[0] if len(named) == 1 else None

    def _candidate(self, read: RowRead, values: Mapping[str, Any]) -> Project | None:
        found = self._alike(read, values)
        return found[0] if found else None

    def _alike(self, read: RowRead, values: Mapping[str, Any]) -> list[Project]:
        named = self.book.named(str(values.get("name", "")))
        code = uscc.normalise(str(read.values.get("company_uscc", "") or ""))
        return named or self.book.alike(str(values.get("name", "")), code, values.get("total_investment"))

    def _resolve(self, row: LedgerRow, read: RowRead, cells: Mapping[int, Cell]) -> None:
        """Turn texts into rows of this park and region."""
        if not read.values.get("name"):
            self._problem(read, "name", _("请填写项目名称"))
        text = str(read.values.pop("chain", "") or "")
        if not text and self.plan.column_of("chain") is None:
            text = row.group if self._chain(row.group) else ""
        if text:
            self._resolve_chain(read, text)
        self._split_responsible(read)
        self._check_uscc(read)

    def _resolve_chain(self, read: RowRead, text: str) -> None:
        chain = self._chain(text)
        if chain is not None:
            read.values["chain"] = chain
            return
        names = [name for name, one in self.book.chains.items() if name == one.name]
        word = plain(text)
        near = [n for n in names if n in word or word in n] or difflib.get_close_matches(word, names, 2, 0.4)
        sentence = _("“%(text)s”不在产业链清单里，最接近：%(near)s") if near else _("“%(text)s”不在产业链清单里")
        self._problem(read, "chain", sentence % {"text": text, "near": "、".join(near)}, *near[:2])

    def _chain(self, text: str) -> Any:
        word = plain(text)
        stems = (word, re.sub("(?:产业链|产业|链)$", "", word))
        return next((self.book.chains[stem] for stem in stems if stem in self.book.chains), None)

    def _split_responsible(self, read: RowRead) -> None:
        """“招商一科／张三”: the unit and, where the person works here, the owner."""
        text = str(read.values.pop("responsible", "") or "")
        if not text:
            return
        parts = [part.strip() for part in re.split(r"[／/]", text, maxsplit=1)]
        owner = self.book.people.get(parts[-1])
        if owner is not None:
            read.values["owner"] = owner
        if len(parts) > 1 or owner is None:
            read.values["responsible_unit"] = parts[0] if owner is not None else text

    def _check_uscc(self, read: RowRead) -> None:
        code = uscc.normalise(str(read.values.get("company_uscc", "") or ""))
        if not code:
            return
        name = str(read.values.get("company_name", "") or "")
        reason = str(read.values.get("company_uscc_reason", "") or "")
        refusals = uscc_refusals(code, reason)
        holder = self.book.holder(code)
        if refusals:
            fixes = [found.suggestion for found in uscc.check(code) if found.suggestion]
            self._problem(read, "company_uscc", refusals[0].rstrip("。"), *fixes)
        elif holder is not None and name and holder.name != name:
            sentence = _("这个信用代码在企业库里是“%(name)s”的，请核对企业名称和代码")
            self._problem(read, "company_uscc", sentence % {"name": holder.name})
        elif holder is None and code in self.book.taken:
            self._problem(read, "company_uscc", str(TAKEN))
        elif not name and holder is None:
            read.values["company_name"] = str(read.values.get("investor_name", "") or "")
            if not read.values["company_name"]:
                self._problem(read, "company_uscc", _("填了信用代码，请同时填写项目公司"))

    def _problem(self, read: RowRead, key: str, sentence: str, *fixes: str) -> None:
        """Put a sentence on the column of a field; one that has no column stands on the name."""
        column = self.plan.column_of(key)
        column = self.plan.column_of("name") if column is None else column
        read.problems.setdefault(column or 0, Problem(sentence, fixes))

    # --- values ------------------------------------------------------------------------------------------------------

    def _values(self, read: RowRead, known: Project | None) -> dict[str, Any]:
        """The columns to be written: texts of enterprises become enterprises, days tell the stage."""
        values = {key: value for key, value in read.values.items() if key not in PARTY_KEYS}
        told = str(values.get("stage", ""))
        reached = told or later(read.stage, known.stage if known else "")
        values.pop("stage", None)
        if known is None:
            values["stage"] = reached or stages.LEAD
        elif stages.CODES.index(reached) > stages.CODES.index(known.stage):
            values["stage"] = reached
        elif told and told != known.stage:
            words = {"told": stages.BY_CODE[told].label, "now": known.get_stage_display()}
            read.notes.append(_("表里的阶段是“%(told)s”，系统里已是“%(now)s”，不退回") % words)
        return values | self._parties(read, known)

    def _parties(self, read: RowRead, known: Project | None) -> dict[str, Enterprise]:
        texts = {key: str(read.values.get(key, "") or "") for key in PARTY_KEYS}
        code = uscc.normalise(texts["company_uscc"])
        reason = texts["company_uscc_reason"] if code and uscc_refusals(code, "") else ""
        holder = self.book.holder(code)
        names = {
            "investor": texts["investor_name"],
            "company": texts["company_name"] or (holder.name if holder else ""),
        }
        more = {
            "investor": {"origin": texts["investor_origin"]},
            "company": {"uscc": code, "uscc_override_reason": reason},
        }
        found: dict[str, Enterprise] = {}
        for role, name in names.items():
            stored = getattr(known, role) if known else None
            party = stored if stored is not None and name in {"", stored.name} else None
            if party is None and name:
                twin = found.get("investor")
                party = twin if twin is not None and twin.name == name else self.book.firm(name, code)
                party = party or Enterprise(park=self.book.park, name=name)
            if party is not None:
                found[role] = self._filled(party, more[role], read, role)
        return found

    def _filled(self, party: Enterprise, more: Mapping[str, str], read: RowRead, role: str) -> Enterprise:
        """The enterprise with its blanks filled in, beside the stored one; a stored credit code is not overwritten."""
        news = {name: value for name, value in more.items() if value and value != getattr(party, name)}
        if "uscc" in news and party.uscc:
            sentence = _("企业库里“%(name)s”的信用代码是%(stored)s，要改请到企业页面修改")
            self._problem(read, "company_uscc", sentence % {"name": party.name, "stored": party.uscc})
            return party
        if not news:
            return party
        filled = party if party.pk is None else copy.copy(party)
        for name, value in news.items():
            setattr(filled, name, value)
        return filled

    def _as_phase(self, row: LedgerRow, values: dict[str, Any]) -> None:
        """A phase of the project of the row in which the merged name begins; the run puts the parent in."""
        values["kind"] = Project.Kind.PHASE
        nth = self.seen.phases[row.merged_with] = self.seen.phases.get(row.merged_with, 1) + 1
        name, content = str(values["name"]), str(values.get("content", ""))
        if not PHASE.search(name):
            found = PHASE.search(content)
            phase = found[0] if found else f"{NUMERALS[min(nth, MOST_PHASES) - 1]}期"
            values["name"] = f"{name}（{phase}）"[:100]

    # --- judgement ---------------------------------------------------------------------------------------------------

    def _weigh(
        self, project: Project | None, values: dict[str, Any], read: RowRead, cells: Mapping[int, Cell], decision: str
    ) -> tuple[str, ...]:
        """What is odd about the project as it would be: days out of order, a blank total, amounts in the wrong unit.

        What may be so in reality is let through once somebody decided so; the decisions that are offered are returned.
        """
        if decision == "odd":
            values.setdefault("order_warning_reason", _("导入台账时确认属实"))
        trial = with_values(project or Project(park=self.book.park), values)
        readable = not read.problems
        found = project_problems(trial, self.book.today, columns=False)
        for name, sentences in found.items():
            if name not in {"kind", "parent"}:
                self._problem(read, name, *self._oddity(trial, name, sentences[0]))
        at = self.plan.column_of("total_investment")
        ours = self.plan.column_of("code") is not None
        if project is None and not ours and is_blank(cells, at) and trial.stage in stages.SIGNED_OR_LATER:
            self._problem(read, "total_investment", _("签约项目要填写总投资；确实没有的填“—”"))
        only_odd = readable and bool(found) and found.keys() <= project_oddities(trial).keys()
        return ("odd",) if only_odd else ("undo",) if decision == "odd" else ()

    @staticmethod
    def _oddity(trial: Project, name: str, sentence: str) -> tuple[str, ...]:
        """The sentence on a column, and for a total in a wrong unit the one that was probably meant."""
        meant = total_meant(trial.total_investment) if name == "total_investment" else None
        if meant is None:
            return (sentence.rstrip("。"),)
        words = {"now": write_money(trial.total_investment, "万元"), "meant": write_money(meant, "万元")}
        say = _("总投资%(now)s万元，单位像是写错了，应为%(meant)s万元？") % words
        return say, words["meant"].replace(",", "") + "万元"

    def _updated(self, project: Project, values: dict[str, Any], read: RowRead, decision: str) -> Judged:
        """Old and new of each cell that differs; a row without a difference is skipped."""
        if project.review_state == Project.ReviewState.SUBMITTED:
            sentence = _("系统里的“%(name)s”已提交审核，先撤回提交或等审核后再导入")
            self._problem(read, "name", sentence % {"name": project.name})
            return Judged(State.WRONG, read.problems, project=project)
        diff = self._differs(project, values, read)
        say = _("比系统里多%(count)s处改动") % {"count": len(diff)}
        offers = ("undo",) if decision else ("keep",)
        return Judged(
            State.UPDATED, say=say, diff=diff, project=project, values=values, custom=read.custom, offers=offers
        )

    def _new(
        self, row: LedgerRow, read: RowRead, values: dict[str, Any], before: tuple[int, str] | None, decision: str
    ) -> Judged:
        """A project that the park does not have; one like a known one, or like a row before, must be confirmed."""
        judged = Judged(State.NEW, values=values, custom=read.custom)
        alike = self._alike(read, values)
        judged.project = alike[0] if alike else None
        if decision in {"new", "phase"}:
            judged.offers = ("undo",)
            return judged
        if alike:
            words = {"names": "、".join(f"“{one.name}”" for one in alike)}
            judged.say = _("与系统里的%(names)s可能是同一项目") % words
            judged.offers = ("same", "new", "skip")
        elif row.merged_with:
            judged.say = _("项目名称与第%(row)s行合并，可能是同一项目的分期") % {"row": row.merged_with}
            judged.offers = ("phase", "new", "skip")
        elif before:
            judged.say = _("与第%(row)s行同名，内容不同") % {"row": before[0]}
            judged.offers = ("new", "skip")
        judged.state = State.CONFIRM if judged.offers else State.NEW
        return judged


def row_key(name: str) -> str:
    """What two rows of one project have in common."""
    return "".join(plain(name).lower().split())


def differences(project: Project, values: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Old and new in words of every column that would change, a number with its qualifier, a day with its precision."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in values.items():
        if isinstance(value, Enterprise):
            found |= _party_differences(name, getattr(project, name), value)
            continue
        beside = COMPANIONS.get(name) or f"{name}_precision"
        old, new = getattr(project, name), value
        old_beside, new_beside = getattr(project, beside, ""), values.get(beside, getattr(project, beside, ""))
        differs = plain_value(old) != plain_value(new) or (old_beside != new_beside and new is not None)
        if differs and not name.endswith(("_precision", "_qualifier")):
            found[label(name)] = (_in_words(name, old, old_beside), _in_words(name, new, new_beside))
    return found


def _party_differences(role: str, stored: Enterprise | None, party: Enterprise) -> dict[str, tuple[str, str]]:
    found = {}
    if stored is None or stored.name != party.name:
        found[str(label(role))] = (stored.name if stored else "", party.name)
    for name, key in (("origin", "investor_origin"), ("uscc", "company_uscc")):
        old, new = (getattr(stored, name) if stored else ""), getattr(party, name)
        if new and new != old and (role == "investor") == (name == "origin"):
            found[str(BY_KEY[key].label)] = (old, new)
    return found


def _in_words(name: str, value: Any, beside: str) -> str:
    if hasattr(value, "pk"):
        return str(value)
    return value_in_words(name, plain_value(value), beside)
