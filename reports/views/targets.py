"""目标: what the city demands of each park in a year, set by the statistician of the region."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from parkportal.entry import RowAction
from parkportal.filter_box import Condition
from parkportal.history import in_words
from parkportal.models import Change, Park, User
from parkportal.pages import MayMixin, chips
from parkportal.roles import May
from parkportal.trace import StaleVersion
from reports.filters import TargetFilter
from reports.models import Indicator, Target
from reports.target_forms import TargetForm
from reports.targets import SHAPES, say_amount, say_basis, shape_of, target_set, target_update, target_withdraw
from reports.targets.scope import indicators_of, is_used, target_years, year_to_copy
from reports.tasks import compile_what_is_due
from reports.views.rules import RulePage
from reports.views.target_detail import goals_of

CHANGES_SHOWN: Final = 30


def targets_of(user: User) -> QuerySet[Target]:
    """The targets that the person may read."""
    return _with_withdrawn(user).filter(deleted_at__isnull=True)


def _with_withdrawn(user: User) -> QuerySet[Target]:
    return Target.objects.visible_to(user).select_related("park", "region", "indicator")


class TargetList(MayMixin, TemplateView):
    """The city's targets of one year, park by park, and all others beneath."""

    template_name = "reports/target_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, query, today = cast(User, self.request.user), self.request.GET, timezone.localdate()
        filterset = TargetFilter(query, queryset=_with_withdrawn(user), request=self.request)
        problems = filterset.problems | self._several_years()
        context = super().get_context_data(**kwargs) | {"problems": problems}
        if problems:
            return context
        found = target_years(user)
        year = int(query.get("year") or max(found, default=today.year))
        targets = list(filterset.qs.filter(year=year).order_by("park__code", "indicator__order", "level"))
        return context | {
            "year": year,
            "years": sorted(found | {year, today.year, today.year + 1}, reverse=True),
            "chips": [chip for chip in chips(filterset, query) if chip["key"] != "year"],
            "clear_url": f"?year={year}",
            "kept_in_switch": [(key, value) for key in ("park", "indicator") for value in query.getlist(key)],
            "kept": [("year", year)],
            "may_set": user.may(May.SET_TARGETS),
            "changes": _history(user, targets),
            "goals": goals_of(user),
            "proposed": sum(target.is_proposed and target.deleted_at is None for target in targets),
            "copy_from": year_to_copy(user, year, found),
            **_grid(user, [target for target in targets if target.deleted_at is None], query, year),
        }

    def _several_years(self) -> dict[str, list[str]]:
        several = len(self.request.GET.getlist("year")) > 1
        return {"year": [_("目标表一次看一个年度，请只选一个。")]} if several else {}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return super().render_to_response(context, status=400 if context["problems"] else 200, **kwargs)


def _grid(user: User, targets: list[Target], query: QueryDict, year: int) -> dict[str, Any]:
    """Parks by assessed indicators with the city's targets of the year, what else is set, and the controls."""
    parks = list(Park.objects.visible_to(user))
    indicators = indicators_of(user, parks, year)
    shown = _chosen(indicators, query.getlist("indicator"))
    city = {(t.park_id, t.indicator_id): t for t in targets if _in_grid(t, shown)}
    controls = [_control("park", _("园区"), parks, query), _control("indicator", _("指标"), indicators, query)]
    return {
        "conditions": [control for control in controls if len(control.options) > 1],
        "indicators": shown,
        "rows": [
            (park, [_cell(park, i, city.get((park.pk, i.pk))) for i in shown])
            for park in _chosen(parks, query.getlist("park"))
        ],
        "others": [_told(target) for target in targets if not _in_grid(target, shown)],
    }


def _chosen(rows: Sequence[Any], codes: list[str]) -> list[Any]:
    """The rows that an address names, all where it names none."""
    return [row for row in rows if not any(codes) or row.code in codes]


def _control(name: str, label: str, rows: Iterable[Any], query: QueryDict) -> Condition:
    options = [{"value": row.code, "label": str(row), "chosen": row.code in query.getlist(name)} for row in rows]
    return Condition(name, label, "options", options=options)


def _in_grid(target: Target, indicators: Sequence[Indicator]) -> bool:
    return target.level == Target.Level.CITY and target.park_id is not None and target.indicator in indicators


def _cell(park: Park, indicator: Indicator, target: Target | None) -> dict[str, Any]:
    return {
        "park": park,
        "indicator": indicator,
        "used": is_used(indicator, park),
        "told": _told(target) if target else None,
    }


def _told(target: Target) -> dict[str, Any]:
    """A target in words."""
    return {
        "target": target,
        "annual": say_amount(target.indicator, target.annual),
        "place": target.park or target.region,
        "backed": bool(target.document and target.authority),
        "basis": "" if target.basis == "annual" else say_basis(target.basis),
        "shape": str(dict(SHAPES)[shape_of(target.annual, target.curve)]),
    }


def _history(user: User, targets: Iterable[Target]) -> list[dict[str, str]]:
    """The latest changes of these targets, newest first, in the shape of the change log."""
    by_code = {target.code: target for target in targets}
    changes = Change.objects.visible_to(user).of(Target._meta.label, by_code).select_related("user")[:CHANGES_SHOWN]
    return [row for change in changes for row in _change_rows(change, by_code[change.object_code])]


def _change_rows(change: Change, target: Target) -> list[dict[str, str]]:
    when = {
        "at": timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M"),
        "who": str(change.user) if change.user else str(change.get_door_display()),
    }
    name = _("%(place)s%(indicator)s") % {
        "place": target.park or target.region,
        "indicator": target.indicator.brief,
    }
    if "code" in change.diff:
        set_to = say_amount(target.indicator, change.diff["annual"][1])
        return [when | {"field": _("%(name)s：设定") % {"name": name}, "old": "", "new": set_to}]
    if "deleted_at" in change.diff:
        return [when | {"field": _("%(name)s：撤回") % {"name": name}, "old": "", "new": _("撤回")}]
    return [
        when
        | {
            "field": _("%(name)s：%(column)s") % {"name": name, "column": _column(key)},
            "old": _value(target, key, old),
            "new": _value(target, key, new),
        }
        for key, (old, new) in change.diff.items()
    ]


def _column(name: str) -> str:
    return str(Target._meta.get_field(name).verbose_name)


def _value(target: Target, name: str, value: Any) -> str:
    if name == "annual" and value is not None:
        return say_amount(target.indicator, value)
    if name == "curve" and value:
        return "、".join(say_amount(target.indicator, one) for one in value)
    return say_basis(value) if name == "basis" and value else in_words(Target, name, value)


class TargetPage(RulePage):
    """What setting and changing a target have in common."""

    model = Target
    form_class = TargetForm
    template_name = "reports/target_form.html"

    def rows(self) -> QuerySet[Target]:
        return targets_of(self.user)

    def done_url(self, row: Target) -> str:
        return f"{reverse('target-list')}?year={row.year}"


class TargetNew(TargetPage):
    saved = gettext_lazy("目标已设定，各期初稿随即重新编制。")

    def starting_values(self) -> dict[str, Any]:
        given = {name: self.request.GET[name][:60] for name in TargetForm.IDENTITY if self.request.GET.get(name)}
        return {"year": timezone.localdate().year} | given

    def save(self, form: TargetForm) -> Target:
        values = form.values()
        identity = {name: values.pop(name) for name in form.IDENTITY}
        try:
            return target_set(by=self.actor, values=values, version=0, **identity)
        except StaleVersion as taken:
            raise ValidationError(_("别人刚设定了这个目标，请到目标表里修改。")) from taken


class TargetEdit(TargetPage):
    saved = gettext_lazy("目标已修改，各期初稿随即重新编制。")

    def save(self, form: TargetForm) -> Target:
        version = form.cleaned_data["version"]
        target_update(by=self.actor, target=form.instance, version=version, values=form.values())
        return form.instance


class TargetWithdraw(RowAction):
    """Ask first: what lights lamps goes out of the drafts."""

    model = Target
    may = May.SET_TARGETS
    http_method_names = ("get", "head", "post", "options")
    done = gettext_lazy("目标已撤回，各期初稿随即重新编制。")

    def own_row(self) -> Target:
        return get_object_or_404(targets_of(cast(User, self.request.user)), code=self.kwargs["code"])

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        target = self.own_row()
        said = {
            "place": target.park or target.region,
            "year": target.year,
            "indicator": target.indicator,
            "level": target.get_level_display(),
            "annual": say_amount(target.indicator, target.annual),
        }
        context = {
            "question": _("撤回%(place)s%(year)s年“%(indicator)s”的%(level)s%(annual)s？") % said,
            "effects": [
                _("%(year)s年各期初稿随即重新编制，这一项改为未设目标，不亮灯，不排位次。") % {"year": target.year},
                _("已定稿锁定的月份不受影响；变更记录里留痕。"),
            ],
            "action": _("撤回目标"),
            "keep": _("不撤回"),
            "back_url": self.back_url(target),
            "danger": True,
            "hidden": {"version": target.version},
        }
        return render(request, "components/confirm_page.html", context)

    def act(self, row: Target, version: int) -> None:
        target_withdraw(by=self.actor, target=row, version=version)
        compile_what_is_due()

    def back_url(self, row: Target) -> str:
        return f"{reverse('target-list')}?year={row.year}"
