"""Long-term goals: set, changed and taken back by the statistician of the region."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.entry import EntryPage, RowAction
from parkportal.forms import EntryForm
from parkportal.models import User
from parkportal.roles import May
from reports.models import LongTermGoal
from reports.target_forms.goals import GoalForm
from reports.targets.goals import goal_create, goal_update, goal_withdraw, say_goal


def goals_seen(user: User) -> QuerySet[Any]:
    """The goals that the person may read."""
    return LongTermGoal.objects.visible_to(user).kept().select_related("park", "region", "chain")


class GoalPage(EntryPage):
    """A form of a goal; it judges nobody, so no scorecard follows."""

    may = May.SET_TARGETS
    model = LongTermGoal
    form_class = GoalForm
    template_name = "reports/longtermgoal_form.html"

    def rows(self) -> QuerySet[Any]:
        return goals_seen(self.user)

    def own_row(self) -> LongTermGoal:
        return cast(LongTermGoal, get_object_or_404(self.rows(), code=self.kwargs["code"]))

    def make_form(self, data: Any = None) -> EntryForm:
        row = {"instance": self.own_row()} if "code" in self.kwargs else {}
        return self.form_class(data, user=self.user, **row)

    def done_url(self, row: LongTermGoal) -> str:
        return f"{reverse('target-list')}#goals"


class GoalNew(GoalPage):
    saved = gettext_lazy("长期目标已登记。")

    def save(self, form: GoalForm) -> LongTermGoal:
        return goal_create(by=self.actor, values=form.values())


class GoalEdit(GoalPage):
    saved = gettext_lazy("长期目标已修改。")

    def save(self, form: GoalForm) -> LongTermGoal:
        goal_update(by=self.actor, goal=form.instance, version=form.cleaned_data["version"], values=form.values())
        return cast(LongTermGoal, form.instance)


class GoalWithdraw(RowAction):
    """Ask first."""

    model = LongTermGoal
    may = May.SET_TARGETS
    http_method_names = ("get", "head", "post", "options")
    done = gettext_lazy("长期目标已撤回。")

    def own_row(self) -> LongTermGoal:
        return cast(
            LongTermGoal, get_object_or_404(goals_seen(cast(User, self.request.user)), code=self.kwargs["code"])
        )

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        goal = self.own_row()
        said = {"place": goal.park or goal.region, "year": goal.year, "name": goal.name, "amount": say_goal(goal)}
        context = {
            "question": _("撤回%(place)s的长期目标“到%(year)s年，%(name)s%(amount)s”？") % said,
            "effects": [_("目标页不再列出；变更记录里留痕。")],
            "action": _("撤回长期目标"),
            "keep": _("不撤回"),
            "back_url": self.back_url(goal),
            "danger": True,
            "hidden": {"version": goal.version},
        }
        return render(request, "components/confirm_page.html", context)

    def act(self, row: LongTermGoal, version: int) -> None:
        goal_withdraw(by=self.actor, goal=row, version=version)

    def back_url(self, row: LongTermGoal) -> str:
        return f"{reverse('target-list')}#goals"
