"""What is wrong or odd about a project's values: sentences by column, for every door."""

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext as _

from parkportal.writing import latest, write_date, write_money
from projects import stages
from projects.models import Project
from projects.words import label

Problems = dict[str, list[str]]

LEAST_YUAN: Final = 1_000_000
MOST_YUAN: Final = 100_000_000_000
"""A total below 100万元 or above 1,000亿元 was most likely typed in another unit."""
WAN: Final = 10_000

ORDER: Final = (
    ("signed_on", "started_on"),
    ("signed_on", "in_production_on"),
    ("signed_on", "terminated_on"),
    ("started_on", "completed_on"),
    ("started_on", "in_production_on"),
    ("in_production_on", "full_capacity_on"),
    ("settle_started_on", "moved_in_on"),
    ("planned_start_on", "planned_production_on"),
)
"""Dates of which the first usually comes before the second."""
PARTS: Final = ("fixed_asset_investment", "contracted_capital")
"""Amounts that are usually no more than the total."""
PAST: Final = tuple(
    field.name
    for field in Project._meta.concrete_fields
    if field.name.endswith("_on") and not field.name.startswith("planned_") and field.editable
)
_CONDITIONS: Final = [cast(Q, one.condition) for one in Project._meta.constraints if isinstance(one, CheckConstraint)]
_NAMED: Final = {name for condition in _CONDITIONS for name in condition.referenced_base_fields}
CONSTRAINED: Final = tuple(sorted(column.attname for column in Project._meta.concrete_fields if column.name in _NAMED))
"""Columns of which the conditions of the table speak."""
UNCONSTRAINED: Final = {field.name for field in Project._meta.concrete_fields} - _NAMED
"""The others; to hand them to the database with every check takes most of its time."""
NOT_TYPED: Final = tuple(
    field.name for field in Project._meta.concrete_fields if field.is_relation or not field.editable
)


def project_problems(project: Project, on: date | None = None, *, columns: bool = True) -> Problems:
    """Everything that stands against writing the project: what cannot be, and what is odd without a reason.

    `on` is the day of entry, after which nothing can have happened. Without `columns` what the table refuses is left
    out, which asks the database: for whoever looks through thousands of rows and writes each with the full check.
    """
    found: Problems = {}
    parts = [_of_others(project), _of_ending(project), _of_future(project, on), _of_secrecy(project)]
    parts[:0] = [_of_columns(project)] if columns else []
    if not project.order_warning_reason.strip():
        parts.append(iter(project_oddities(project).items()))
    for part in parts:
        for name, sentence in part:
            found.setdefault(name, []).append(sentence)
    return found


def _of_columns(project: Project) -> Iterator[tuple[str, str]]:
    """What the columns and constraints of the table refuse."""
    found = [*_broken(tuple(getattr(project, name) for name in CONSTRAINED))]
    try:
        project.clean_fields(exclude=NOT_TYPED)
    except ValidationError as wrong:
        found[:0] = [(name, error) for name, errors in wrong.error_dict.items() for error in errors]
    yield from (("kind" if name == NON_FIELD_ERRORS else name, _sentence(name, error)) for name, error in found)


@lru_cache(maxsize=256)
def _broken(values: tuple[Any, ...]) -> tuple[tuple[str, ValidationError], ...]:
    """The conditions of the table that these values of `CONSTRAINED` break; the database is asked once for each."""
    try:
        Project(**dict(zip(CONSTRAINED, values, strict=True))).validate_constraints(exclude=UNCONSTRAINED)
    except ValidationError as wrong:
        return tuple((name, error) for name, errors in wrong.error_dict.items() for error in errors)
    return ()


def _sentence(name: str, error: ValidationError) -> str:
    """What Django found, in a sentence that names the column where its own does not."""
    if error.code in {"blank", "null"}:
        return _("请填写%(label)s。") % {"label": label(name)}
    return str(error.messages[0])


def _of_others(project: Project) -> Iterator[tuple[str, str]]:
    """Rows of another park or region."""
    for name in ("investor", "company", "parent", "owner"):
        row = getattr(project, name)
        if row is not None and row.park_id != project.park_id:
            yield name, _("%(label)s只能选本园区的。") % {"label": label(name)}
    regions = {project.park.region_id, project.park.region.parent_id}
    if project.chain and project.chain.region_id not in regions:
        yield "chain", _("产业链只能选本市的。")
    if project.chain_node and project.chain_node.chain_id != project.chain_id:
        yield "chain_node", _("产业链环节不属于所选的产业链。")
    if project.pk and project.parent_id == project.pk:
        yield "parent", _("原项目不能是项目自己。")


def _of_ending(project: Project) -> Iterator[tuple[str, str]]:
    """A termination without its day, or a day without the termination."""
    ended = project.status == Project.Status.TERMINATED
    if ended and not project.terminated_on:
        yield "terminated_on", _("状态是“终止”的，请填写终止时间。")
    if project.terminated_on and not ended:
        yield "status", _("填了终止时间的，状态应为“终止”；没有终止的，请清空终止时间。")


def _of_secrecy(project: Project) -> Iterator[tuple[str, str]]:
    """A secret project without the name by which others may know it, or with one that gives it away."""
    if project.confidentiality != Project.Confidentiality.SECRET:
        return
    name = project.code_name.strip()
    if not name:
        yield "code_name", _("密级为“保密”的项目要填写代号。")
    elif name in project.name or project.name in name:
        yield "code_name", _("代号“%(name)s”和项目名称重合，请另取一个。") % {"name": name}


def _of_future(project: Project, on: date | None) -> Iterator[tuple[str, str]]:
    """Facts that have not happened yet."""
    for name in PAST:
        day = getattr(project, name)
        if on and day and day > on:
            words = {"label": label(name), "day": _day(project, name), "today": on}
            yield name, _("%(label)s%(day)s晚于今天%(today)s，只填已经发生的时间。") % words


def project_oddities(project: Project) -> dict[str, str]:
    """What is probably a slip, but may be so in reality: the order of dates, the size of amounts."""
    return dict([*_dates_out_of_order(project), *_parts_above_total(project), *_total_in_wrong_unit(project)])


def _day(project: Project, name: str) -> str:
    return write_date(getattr(project, name), getattr(project, f"{name}_precision"))


def _dates_out_of_order(project: Project) -> Iterator[tuple[str, str]]:
    sentence = _(
        "%(later)s%(later_day)s早于%(earlier)s%(earlier_day)s，请核对；确属实情的，请在“时间或金额异常说明”写明原因。"
    )
    for earlier, later in ORDER:
        first, second = getattr(project, earlier), getattr(project, later)
        if first and second and latest(second, getattr(project, f"{later}_precision")) < first:
            yield (
                later,
                sentence
                % {
                    "later": label(later),
                    "later_day": _day(project, later),
                    "earlier": label(earlier),
                    "earlier_day": _day(project, earlier),
                },
            )


def _parts_above_total(project: Project) -> Iterator[tuple[str, str]]:
    sentence = _(
        "%(part)s%(amount)s万元大于总投资%(total)s万元，请核对；确属实情的，请在“时间或金额异常说明”写明原因。"
    )
    total = project.total_investment
    for name in PARTS:
        amount = getattr(project, name)
        if total is not None and total >= LEAST_YUAN and amount is not None and amount > total:
            words = {"part": label(name), "amount": write_money(amount, "万元"), "total": write_money(total, "万元")}
            yield name, sentence % words


def _total_in_wrong_unit(project: Project) -> Iterator[tuple[str, str]]:
    total = project.total_investment
    if total is None or LEAST_YUAN <= total <= MOST_YUAN:
        return
    sentence = (
        _("总投资%(amount)s万元过小，请检查单位。")
        if total < LEAST_YUAN
        else _("总投资%(amount)s万元过大，请检查单位。")
    )
    yield "total_investment", sentence % {"amount": write_money(total, "万元")}


def total_meant(total: int | None) -> int | None:
    """The total that was probably meant by one in a wrong unit, in yuan; None where it is believable or stays odd."""
    if total is None or LEAST_YUAN <= total <= MOST_YUAN:
        return None
    guess = total * WAN if total < LEAST_YUAN else total // WAN
    return guess if LEAST_YUAN <= guess <= MOST_YUAN else None


def project_missing(project: Project) -> Problems:
    """What the stage of a project asks for and it does not have, in sentences by column."""
    lacking = stages.missing(project.stage, lambda name: getattr(project, name) not in (None, ""))
    sentence = _("进度为“%(stage)s”的项目要填写%(label)s。")
    stage = project.get_stage_display()
    found = {name: [sentence % {"stage": stage, "label": label(name)}] for name in lacking}
    return found | {name: [text % {"stage": stage}] for name, text in _missing_code(project).items()}


def _missing_code(project: Project) -> Mapping[str, str]:
    """From its registration on the project company has a credit code, or a foreign registration."""
    company = project.company
    asked = "company" in stages.requirements(project.stage)
    if not asked or company is None or company.uscc or company.foreign_reg_no:
        return {}
    return {"company": _("进度为“%(stage)s”的项目要填写项目公司的统一社会信用代码。")}


def with_values(project: Project, values: Mapping[str, Any]) -> Project:
    """The project as it would be with these values, beside the one that is stored."""
    trial = copy.copy(project)
    for name, value in values.items():
        setattr(trial, name, value)
    return trial


LONGEST_REASON: Final = 300


def reason_of(text: str, what: str, field: str = "reason") -> str:
    """A reason that somebody can read later; ValidationError for none or a longer one than fits."""
    reason = text.strip()
    if not reason:
        raise ValidationError({field: _("请写明%(what)s的原因。") % {"what": what}})
    if len(reason) > LONGEST_REASON:
        sentence = _("原因最多%(most)s个字，现在是%(length)s个。")
        raise ValidationError({field: sentence % {"most": LONGEST_REASON, "length": len(reason)}})
    return reason
