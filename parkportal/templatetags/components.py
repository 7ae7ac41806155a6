"""The tags of the design system: they place strings and plain numbers that pages prepared, and query nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.charts import Mark, Number, bullet_of, months_picture, on_scale, pct
from parkportal.form_layout import control_of, kind_of, mistakes_of, precision_control, sentences_of
from parkportal.icons import ICONS

register = template.Library()

Row: TypeAlias = Any
"""A mapping or an object with the attributes that the tag names."""

LIGHT_WORDS: Final[dict[str, Promise]] = {
    "green": gettext_lazy("绿灯"),
    "amber": gettext_lazy("黄灯"),
    "red": gettext_lazy("红灯"),
    "none": gettext_lazy("未设目标"),
}
BULLET_HEIGHTS: Final[dict[str, tuple[int, int]]] = {
    "lg": (14, 22),
    "md": (7, 7),
    "sm": (8, 16),
    "hero": (8, 8),
    "line": (0, 0),
}
LABEL_LETTER: Final = {True: 12, False: 7}
"""Width in pixels of a 12 px letter, Chinese or not: SVG cannot fit a box to its text."""


def _value(row: Row, name: str) -> Any:
    """Read a field of a mapping or of an object; None where it has none."""
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


def _known(table: Mapping[str, Any], name: str, what: str) -> Any:
    """Look a name up; an unknown one is a mistake in the template."""
    if name not in table:
        message = f"unknown {what} {name!r}; known: {', '.join(sorted(table))}"
        raise template.TemplateSyntaxError(message)
    return table[name]


# Small marks


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of `parkportal.icons`; decoration, so a name must stand beside it."""
    path = _known(ICONS, name, "icon")
    return format_html('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', path)


@register.simple_tag
def shape(light: str) -> SafeString:
    """Draw the shape of a light alone (green, amber, red, none), before a text that says the same."""
    _known(LIGHT_WORDS, light, "light")
    return format_html('<svg class="shape" viewBox="0 0 14 14" aria-hidden="true"><use href="#lamp-{}"/></svg>', light)


@register.simple_tag
def lamp(light: str, text: str = "", *, pill: bool = False) -> SafeString:
    """Write a lamp: shape, word and colour. `text` replaces the word 绿灯, 黄灯, 红灯, 未设目标."""
    word = text or _known(LIGHT_WORDS, light, "light")
    return format_html('<span class="lamp {}{}">{}{}</span>', light, " pill" if pill else "", shape(light), word)


@register.simple_tag
def tag(text: str, *, hi: bool = False) -> SafeString:
    """Write a tag chip; `hi` tints it."""
    return format_html('<span class="tag{}">{}</span>', " hi" if hi else "", text)


@register.simple_tag
def sample_mark() -> SafeString:
    """Write the grey chip 示例 beside a name or a figure that we filled in."""
    return format_html('<span class="smp">{}</span>', _("示例"))


@register.simple_tag
def drill(text: str, url: str = "") -> SafeString:
    """Write a figure that opens the list behind it; without an address it is plain text."""
    return format_html('<a class="drill" href="{}">{}</a>', url, text) if url else format_html("{}", text)


# Bars on the 0—160 % scale and plain bars


@register.inclusion_tag("components/_bullet.html")
def bullet(
    completion: Number | None = None,
    pace: Number | None = None,
    light: str = "none",
    size: str = "lg",
    label: str = "",
    line: Number | None = None,
) -> dict[str, Any]:
    """Draw a bullet of ratios (1 is 100 %), in size lg, md, sm, hero or line (the pace alone, to join rows).

    `line` is the pace of the neighbours, drawn thin where this one has none of its own.
    """
    bar, ground = _known(BULLET_HEIGHTS, size, "size")
    _known(LIGHT_WORDS, light, "light")
    reach = max(ground, bar + 8) / 2
    return {
        "b": bullet_of(completion, pace, line),
        "looks": f"size-{size} {light}",
        "label": label,
        "bar": {"height": str(bar), "y": str(-bar / 2), "end": str(bar / 2)},
        "ground": {"height": str(ground), "y": str(-ground / 2)},
        "goal": {"y": str(-reach), "end": str(reach)},
    }


@register.inclusion_tag("components/_bullet_scale.html")
def bullet_scale(pace: Number | None, label: str, goal: str = "") -> dict[str, Any]:
    """Draw the head of a column of bullets: the flag of the pace and the word of the goal above their lines."""
    width = sum(LABEL_LETTER[letter > "\u2e80"] for letter in label) + 12
    at = "" if pace is None else pct(on_scale(pace))
    return {
        "at": at,
        "label": label,
        "width": str(width),
        "left": str(-width / 2),
        "goal_at": pct(on_scale(1)),
        "goal": goal,
    }


@register.simple_tag
def share_bar(ratio: Number) -> SafeString:
    """Draw a plain bar of a ratio from 0 to 1, beside its number in words."""
    width = pct(min(max(float(ratio), 0.0), 1.0) * 100)
    return format_html(
        '<svg class="share" aria-hidden="true"><rect class="fill" width="{}" height="100%"/></svg>', width
    )


@register.simple_tag
def stage_bar(done: int, total: int = 4) -> SafeString:
    """Draw the short bar above 目前进展: how many of the stages are done."""
    width = pct(min(max(done / total, 0.0), 1.0) * 100)
    return format_html(
        '<svg class="stage-bar" aria-hidden="true"><rect class="fill" width="{}" height="100%"/></svg>', width
    )


@register.inclusion_tag("components/_bar_rows.html")
def bar_rows(rows: Iterable[Row]) -> dict[str, Any]:
    """Draw a funnel or a comparison. Rows: label, value (text), url, share (0 to 1), note."""
    return {"rows": [{name: _value(row, name) for name in ("label", "value", "url", "share", "note")} for row in rows]}


# The chart of twelve months


def mark_of(point: Row) -> Mark:
    """Read a month's point: month, value (number or None), text, url."""
    value = _value(point, "value")
    return Mark(
        month=int(_value(point, "month")),
        value=None if value is None else float(value),
        text=str(_value(point, "text") or "—"),
        url=_value(point, "url") or "",
    )


@register.inclusion_tag("components/_cumulative_chart.html")
def cumulative_chart(
    points: Sequence[Row],
    *,
    label: str,
    unit: str = "",
    target: Number | None = None,
    target_text: str = "",
    last_year: Sequence[Number | None] = (),
    last_year_text: str = "",
    cut_text: str = "",
    forecast: Number | None = None,
    forecast_text: str = "",
    pace: Sequence[Number] = (),
) -> dict[str, Any]:
    """Draw cumulative months. Points: month (1—12), value (number or None), text, url.

    `last_year` holds numbers from January on, None where a month is not known; `forecast` is where the year may end;
    `pace` is what should be reached by each of the twelve months; the texts are the labels at the ends of the lines.
    """
    goal, end = (None if value is None else float(value) for value in (target, forecast))
    before = [None if value is None else float(value) for value in last_year]
    picture = months_picture([mark_of(point) for point in points], goal, before, end, [float(value) for value in pace])
    words = {
        "label": label,
        "unit": unit,
        "target_text": target_text,
        "last_year_text": last_year_text,
        "cut_text": cut_text,
        "forecast_text": forecast_text,
    }
    return words | {"picture": picture}


# Where one is: tabs, chips, pages


def _here(context: Context, **changes: str | int | None) -> str:
    """Write this page's query with some values changed; None takes one out."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.inclusion_tag("components/_breadcrumb.html", takes_context=True)
def breadcrumb(context: Context, *parts: str) -> dict[str, Any]:
    """Write the way here: label, url, label, url … and the name of this page last; the place comes before them."""
    steps = [{"label": context.get("place"), "url": context.get("home_url") or "/"}] if context.get("place") else []
    steps += [{"label": label, "url": url} for label, url in zip(parts[:-1:2], parts[1::2], strict=False)]
    return {"steps": steps, "here": parts[-1]}


@register.inclusion_tag("components/_tabs.html")
def tabs(items: Iterable[Row], label: str = "") -> dict[str, Any]:
    """Write tabs that are links. Items: label, url, count, current."""
    return {"items": list(items), "label": label or _("列表分类")}


@register.inclusion_tag("components/_segments.html")
def segments(items: Iterable[Row], label: str) -> dict[str, Any]:
    """Write a row of joined links, such as 初稿, 送审稿, 定稿. Items: label, url, current, icon."""
    return {"items": list(items), "label": label}


@register.inclusion_tag("components/_chips.html")
def chips(items: Iterable[Row], clear_url: str = "") -> dict[str, Any]:
    """Write the conditions of a list, each with a link that takes it away. Items: name, value, url."""
    return {"items": list(items), "clear_url": clear_url}


@register.inclusion_tag("components/_from_banner.html")
def from_banner(text: str, back_url: str, back: str = "", *, agrees: bool = True, why_url: str = "") -> dict[str, Any]:
    """Say which figure a list is behind and whether its total agrees; `why_url` explains a difference."""
    return {"text": text, "back_url": back_url, "back": back or _("返回总览"), "agrees": agrees, "why_url": why_url}


@register.inclusion_tag("components/_pager.html", takes_context=True)
def pager(context: Context, page: "Page[Any]", noun: str = "") -> dict[str, Any]:
    """Write “第51—100项，共236项” and the page numbers as links that keep the rest of the address."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [{"number": n, "url": _here(context, page=n) if isinstance(n, int) else ""} for n in numbers]
    before = _here(context, page=page.previous_page_number()) if page.has_previous() else ""
    after = _here(context, page=page.next_page_number()) if page.has_next() else ""
    return {"page": page, "links": links, "before": before, "after": after, "noun": noun or _("项")}


@register.inclusion_tag("components/_sort_header.html", takes_context=True)
def sort_header(context: Context, label: str, key: str, css: str = "", default: str = "") -> dict[str, Any]:
    """Write a column head that sorts by `ordering`, largest first; `default` is the order of a list without one."""
    request: HttpRequest | None = context.get("request")
    ordering = (request.GET.get("ordering") if request else None) or default
    state = {key: "ascending", f"-{key}": "descending"}.get(ordering, "")
    url = _here(context, ordering=key if state == "descending" else f"-{key}", page=None)
    return {"label": label, "url": url, "state": state, "css": css}


# Figures and states


@register.inclusion_tag("components/_stat.html")
def stat(
    label: str, value: str, unit: str = "", url: str = "", note: str = "", *, sample: bool = False
) -> dict[str, Any]:
    """Write a figure with its label, unit and up to two lines of context (a line break parts them)."""
    return {"label": label, "value": value, "unit": unit, "url": url, "note": note, "sample": sample}


@register.inclusion_tag("components/_hero.html")
def hero(tile: Row) -> dict[str, Any]:
    """Write one tile of the dark band.

    Tile: label, value, unit, url, target, excess, rate, rank, completion, pace, line, light, bar_label, sample.
    """
    names = ("label", "value", "unit", "url", "target", "excess", "rate", "rank")
    bar = ("completion", "pace", "line", "bar_label", "sample")
    return {name: _value(tile, name) for name in names + bar} | {"light": _value(tile, "light") or "none"}


@register.inclusion_tag("components/_stepper.html")
def stepper(steps: Iterable[Row]) -> dict[str, Any]:
    """Write the stages of a project. Steps: label, date, note, state (done, now, unknown, todo)."""
    return {"steps": list(steps)}


@register.inclusion_tag("components/_timeline.html")
def timeline(events: Iterable[Row]) -> dict[str, Any]:
    """Write what happened, newest first. Events: icon, date, title, tag, text, source, url."""
    return {"events": list(events)}


@register.inclusion_tag("components/_change_log.html", takes_context=True)
def change_log(context: Context, rows: Iterable[Row], caption: str = "") -> dict[str, Any]:
    """Write who changed what. Rows: at, who, field, old, new, note, undo_url (a POST), locked (why not)."""
    return {"rows": list(rows), "caption": caption or _("变更记录"), "csrf_token": context.get("csrf_token")}


STATE_LOOKS: Final[dict[str, str]] = {"empty": "list", "none": "filter", "error": "red", "stale": "amber"}


@register.inclusion_tag("components/_state.html")
def state(
    kind: str, title: str, text: str = "", *, url: str = "", action: str = "", second_url: str = "", second: str = ""
) -> dict[str, Any]:
    """Say what a panel lacks and what to do: empty, none (no result), error or stale."""
    look = _known(STATE_LOOKS, kind, "state")
    return {
        "inline": kind in ("error", "stale"),
        "look": look,
        "title": title,
        "text": text,
        "links": [{"url": url, "label": action}, {"url": second_url, "label": second}],
    }


@register.inclusion_tag("components/_progress.html")
def progress(
    label: str, done: int, total: int, counted: str = "", note: str = "", cancel_url: str = ""
) -> dict[str, Any]:
    """Show how far long work is. `counted` names what is counted: 项指标; `cancel_url` takes a POST."""
    return {
        "label": label,
        "done": str(done),
        "total": str(total),
        "counted": counted,
        "note": note,
        "cancel_url": cancel_url,
    }


# Forms


@register.inclusion_tag("components/_field.html")
def field(
    bound: BoundField,
    *,
    unit: str = "",
    hint: str = "",
    width: int = 12,
    precision: BoundField | None = None,
    warning: str = "",
    fix: str = "",
    label: str = "",
) -> dict[str, Any]:
    """Write a form field: label, 必填 in words, warning, error, control with its unit, hint.

    `width` counts twelfths; `precision` is the select beside a date; `fix` is the value that one click puts in.
    """
    errors = [*sentences_of(bound), *(sentences_of(precision) if precision else [])]
    note = hint or bound.help_text
    ids = [f"{bound.auto_id}_error"] * bool(errors) + [f"{bound.auto_id}_helptext"] * bool(note)
    return {
        "bound": bound,
        "kind": kind_of(bound),
        "control": control_of(bound, unit, ids),
        "precision": precision_control(bound, precision) if precision else "",
        "label": label or bound.label,
        "errors": errors,
        "hint": note,
        "unit": unit,
        "width": width,
        "warning": warning,
        "fix": fix,
    }


@register.inclusion_tag("components/_error_summary.html")
def error_summary(*forms: "BaseForm | BaseFormSet[Any]", focus: bool = True) -> dict[str, Any]:
    """List the errors of forms on top of them, each with a link to its field, in its words; takes the focus."""
    mistakes = [mistake for form in forms if form is not None for mistake in mistakes_of(form)]
    return {"mistakes": mistakes, "focus": focus}
