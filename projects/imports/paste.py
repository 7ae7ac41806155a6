"""A row of Excel or a paragraph of WeChat, read into the texts of the form of a project. Pure.

Nothing is decided here: the form shows what was found, a person corrects it, and the form's own rules judge it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from parkportal.writing import Unreadable, clean_text
from projects.imports.cells import DONE, Unclear, is_nothing, plain, read
from projects.imports.fields import BY_KEY, CHOICES, CHOSEN
from projects.imports.heads import meaning

FORM_FIELD: Final[Mapping[str, str]] = {"responsible": "responsible_unit"}
"""Where the form calls a field otherwise."""
ACTUAL: Final = frozenset({"signed_on", "started_on", "in_production_on"})
"""Days of what has happened; a plan is none of them."""
LEFT_OUT: Final = frozenset({"code"})
ENOUGH: Final = 2
LONGEST: Final = 20_000
_MONEY = re.compile(
    r"((?:约|近|超过?|不低于)?\s*[0-9][0-9,.]{0,20}\s*(?:个)?(?:亿|万|千万|百万)?(?:元|美元)?(?:以上|余元?|左右)?)"
).pattern
_DAY = re.compile(r"((?:\d{4}\s*年)?\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]|[上中下]旬|份|底|初)?)").pattern
_PEOPLE = re.compile(r"([0-9][0-9,]{0,20}\s*(?:余|多)?\s*人?)").pattern
_NAMED = r"[“《\"]?([\u4e00-\u9fffA-Za-z0-9（）()·\-]{2,60}?(?:%s))[”》\"]?"
PHRASES: Final = (
    ("total_investment", re.compile(r"(?:计划|协议|项目)?总?投资(?:额|总额|约为|为|约)?\s*" + _MONEY)),
    ("fixed_asset_investment", re.compile(r"(?:固定资产投资|固投)(?:额)?(?:为|约)?\s*" + _MONEY)),
    ("expected_annual_output", re.compile(r"(?:年产值|产值|年销售收入)(?:可达|达到|预计|约|为|达)*\s*" + _MONEY)),
    ("expected_annual_tax", re.compile(r"(?:年税收|年纳税|税收|纳税)(?:额)?(?:可达|达到|预计|约|为|达)*\s*" + _MONEY)),
    ("expected_jobs", re.compile(r"(?:就业|用工)(?:岗位|人数)?(?:可达|达到|预计|约|为|达)*\s*" + _PEOPLE)),
    ("expected_jobs", re.compile(_PEOPLE + r"\s*(?:就业|用工)")),
    ("land_area_mu", re.compile(r"(?:用地|占地|供地)(?:面积)?(?:为|约)?\s*([0-9][0-9.,]{0,20}\s*亩)")),
    ("workshop_area_sqm", re.compile(r"((?:近|约)?[0-9][0-9.,]{0,20}\s*(?:万)?(?:平方米|平米|㎡))")),
    ("planned_start_on", re.compile(r"(?:拟|计划|预计)(?:于|在)?\s*" + _DAY + r"\s*(?:正式)?开工")),
    ("planned_production_on", re.compile(r"(?:拟|计划|预计)(?:于|在)?\s*" + _DAY + r"\s*(?:建成|正式)?投产")),
    ("signed_on", re.compile(_DAY + r"\s*(?:正式)?(?:签订|签署|签约)")),
    ("signed_on", re.compile(r"(?:签约|签订)(?:时间|日期)?(?:于|在|为)\s*" + _DAY)),
    ("started_on", re.compile(_DAY + r"\s*(?:正式|已)?开工")),
    ("in_production_on", re.compile(_DAY + r"\s*(?:正式|开始|已)?(?:试)?投产")),
    ("company_uscc", re.compile(r"(?<![0-9A-Z])([0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![0-9A-Z])")),
    ("name", re.compile(_NAMED % "项目")),
    ("investor_name", re.compile(r"(?:由|系|投资方(?:为|是|：)?)\s*" + _NAMED % "公司|集团|企业")),
)  # fmt: skip
"""How a paragraph says things, the surer way first."""


@dataclass
class Pasted:
    """What was found: form field → text, and what was left over because no field takes it."""

    texts: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def read_paste(text: str) -> Pasted:
    """The texts of form fields in a pasted row (with or without its heads) or paragraph."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if "\t" not in text:
        return _paragraph(text)
    lines = csv.reader(io.StringIO(text), delimiter="\t")
    rows = [row for row in lines if any(cell.strip() for cell in row)]
    if not rows:
        return Pasted()
    heads = [meaning(cell)[0] for cell in rows[0]] if len(rows) > 1 else []
    if len(set(filter(None, heads))) >= ENOUGH:
        return _headed(rows[0], heads, rows[1])
    return _unheaded(rows[0])


def _headed(names: list[str], heads: list[str], cells: list[str]) -> Pasted:
    found = Pasted()
    for name, key, cell in zip(names, heads, cells, strict=False):
        _take(found, key, cell, name)
    return found


def _unheaded(cells: list[str]) -> Pasted:
    """Cells in the usual order of columns; a cell that its field cannot hold is offered to the ones after it."""
    found = Pasted()
    order = [one.key for one in CHOSEN if one.key not in LEFT_OUT]
    at = 0
    cells = cells[1:] if cells and re.fullmatch(r"\d{1,4}", cells[0].strip()) else cells
    for cell in cells:
        if is_nothing(cell):
            at += 1
            continue
        fitting = [n for n in range(at, len(order)) if _fits(order[n], cell)]
        place = next((n for n in fitting if _is_particular(order[n])), fitting[0] if fitting else None)
        if place is None:
            found.left.append(cell.strip())
        else:
            _take(found, order[place], cell, "")
            at = place + 1
    return found


def _fits(key: str, cell: str) -> bool:
    """Whether a cell without a heading may be this field's."""
    one, text = BY_KEY[key], plain(cell)
    if key == "company_uscc":
        return bool(re.fullmatch("[0-9A-Z]{18}", text))
    if one.kind == "choice":
        return text in CHOICES[key]
    if one.kind in {"text", "chain"}:
        return not re.fullmatch(r"[0-9.,]+", text) and len(text) <= (one.longest or 30)
    try:
        return bool(read(one, cell.strip(), year=2000).values)
    except Unreadable:
        return False


def _is_particular(key: str) -> bool:
    """Whether few texts fit this field, so that one that does is meant for it."""
    return BY_KEY[key].kind not in {"text", "chain"} or key == "company_uscc"


def _take(found: Pasted, key: str, cell: str, name: str) -> None:
    """Put a text into its field, a choice as its code; what no field takes is left over under its heading."""
    text = clean_text(cell)
    if is_nothing(text) or text in DONE:
        return
    known = BY_KEY.get(key)
    if known is None or known.kind == "other" or key in LEFT_OUT:
        if key != "number":
            found.left.append(f"{name}：{text}" if name else text)
        return
    if known.kind == "choice":
        try:
            text = str(read(known, text).values[key])
        except Unclear:
            found.left.append(f"{known.label}：{text}")
            return
    found.texts.setdefault(FORM_FIELD.get(key, key), text)


def _paragraph(text: str) -> Pasted:
    """What a paragraph says in labelled lines (“项目名称：……”) and in the usual phrases; all of it is its content."""
    found = Pasted()
    for label, value in _labelled(text):
        key, sure = meaning(label)
        if key and sure >= 60:
            _take(found, key, value, label)
    line = " ".join(text.split())
    for key, pattern in PHRASES:
        seen = next(
            (one for one in pattern.finditer(line) if key not in ACTUAL or _has_happened(line, one.start())), None
        )
        if seen and key not in found.texts:
            found.texts[key] = _tidy(key, seen[1])
    if text.strip():
        found.texts.setdefault("content", clean_text(text)[: BY_KEY["content"].longest])
    return found


def _has_happened(line: str, start: int) -> bool:
    """Whether a day is not part of a plan, nor the end of a longer number."""
    before = line[max(start - 6, 0) : start]
    return not re.search(r"拟|计划|预计|力争|争取|\d$", before)


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"[\n；;]", text):
        if seen := re.match(r"\s*(?:\d+[.、])?\s*([^：:，。]{2,16})[：:]\s*(.+)", line):
            yield seen[1], seen[2].strip(" 。，")


def _tidy(key: str, text: str) -> str:
    text = "".join(text.split())
    if key == "name":
        return re.sub(r"^(?:.*(?:的|签订|签约|签署|引进|推进))", "", text) or text
    return text
