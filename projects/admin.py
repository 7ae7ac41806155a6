"""Groups, rankings and group starts: reference data of which projects take facts, derived again at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from enterprises.models import Group, RankingEntry, RankingList
from parkportal import trace
from parkportal.admin import KeptInline, ReferenceForm, TracedAdmin, actor_of, site
from projects import services
from projects.filters import ProjectFilter
from projects.models import GroupStart, GroupStartPark, Project, ReminderRule


@admin.register(Group, site=site)
class GroupAdmin(TracedAdmin):
    list_display = ("name", "code", "parent", "share_bp", "controlled")
    search_fields = ("name", "code")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        with trace.changes(by=actor_of(request)) as ledger:
            services.projects_rederive_for_group(ledger=ledger, group=form.instance)


class RankingEntryInline(KeptInline):
    model = RankingEntry
    fields = ("group", "rank")
    can_delete = True


@admin.register(RankingList, site=site)
class RankingListAdmin(TracedAdmin):
    list_display = ("kind", "year", "published_on", "published_on_precision")
    list_filter = ("kind",)
    identity = ("kind", "year")
    inlines = (RankingEntryInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        with trace.changes(by=actor_of(request)) as ledger:
            services.projects_rederive_for_lists(ledger=ledger)


class GroupStartParkInline(KeptInline):
    model = GroupStartPark
    fields = ("park", "published_count", "total", "annual_plan", "rank")


@admin.register(GroupStart, site=site)
class GroupStartAdmin(TracedAdmin):
    list_display = ("name", "code", "level", "held_on", "sequence", "city_total")
    inlines = (GroupStartParkInline,)


class ReminderRuleForm(ReferenceForm):
    """A rule that can be followed: its condition and its day are known."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        problems = ProjectFilter(QueryDict(cleaned.get("query", "")), queryset=Project.objects.none()).problems
        for sentences in problems.values():
            self.add_error("query", sentences)
        days = [field.name for field in Project._meta.concrete_fields if field.name.endswith("_on")]
        counts = cleaned.get("kind") in {ReminderRule.Kind.STAGE_OVERDUE, ReminderRule.Kind.NO_FUNDS}
        if counts and cleaned.get("date_field") not in days:
            self.add_error("date_field", _("起算日期可以用：%(known)s。") % {"known": "、".join(days)})
        return cleaned


@admin.register(ReminderRule, site=site)
class ReminderRuleAdmin(TracedAdmin):
    form = ReminderRuleForm
    list_display = ("name", "code", "kind", "days", "to_owner", "to_head", "active")
    list_filter = ("kind", "active")
