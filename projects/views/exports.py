"""The lists beside the projects as files."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parkportal.downloads import ExportPage
from projects import columns
from projects.views.engagements import EngagementList
from projects.views.funds import FundArrivalList
from projects.views.group_starts import GroupStartList


class FundArrivalExport(ExportPage, FundArrivalList):
    list_name, columns, veil_path = "fund-arrival-list", columns.FUND_ARRIVALS, "project__confidentiality"
    heading, unit = _("到位资金台账"), "万元、万美元"


class EngagementExport(ExportPage, EngagementList):
    list_name, columns, veil_path = "engagement-list", columns.ENGAGEMENTS, "project__confidentiality"
    heading, unit = _("洽谈记录"), ""

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        return rows if self.chosen else rows.prefetch_related("participants")


class GroupStartExport(ExportPage, GroupStartList):
    list_name, columns, veil_path = "group-start-list", columns.GROUP_STARTS, "project__confidentiality"
    heading = _("集中开工项目名单")
