"""Groups, rankings and group starts: reference data of which projects take facts, derived again at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from enterprises.models import Group, RankingEntry, RankingList
from parkportal import trace
from parkportal.admin import KeptInline, TracedAdmin, actor_of, site
from projects import services
from projects.models import GroupStart, GroupStartPark


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
