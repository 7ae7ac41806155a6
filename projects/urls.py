"""Addresses of the projects' room."""

from django.urls import URLPattern, URLResolver, path

from projects.views import (
    alike,
    attachments,
    bin,
    bulk,
    contracts,
    desk,
    drafts,
    engagements,
    exports,
    funds,
    group_starts,
    handover,
    imports,
    monthly,
    notices,
    project_entry,
    project_steps,
    reviews,
    weekly,
)
from projects.views.project_detail import ProjectDetail
from projects.views.projects import ProjectExport, ProjectList
from projects.views.search import Search

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", ProjectList.as_view(), name="project-list"),
    path("projects/new/", project_entry.ProjectNew.as_view(), name="project-new"),
    path("projects/draft/", drafts.ProjectDraft.as_view(), name="project-draft"),
    path("projects/export/", ProjectExport.as_view(), name="project-export"),
    path("projects/bulk/", bulk.ProjectBulk.as_view(), name="project-bulk"),
    path("projects/bulk/<slug:code>/undo/", bulk.ProjectBulkUndo.as_view(), name="project-bulk-undo"),
    path("projects/bin/", bin.ProjectBin.as_view(), name="project-bin"),
    path("projects/paste/", imports.ProjectPaste.as_view(), name="project-paste"),
    path("projects/import/", imports.ImportStart.as_view(), name="project-import"),
    path("projects/import/template/", imports.ImportTemplate.as_view(), name="project-import-template"),
    path("projects/import/<str:code>/", imports.ImportDetail.as_view(), name="project-import-detail"),
    path("projects/import/<str:code>/map/", imports.ImportMap.as_view(), name="project-import-map"),
    path("projects/import/<str:code>/rows/", imports.ImportRows.as_view(), name="project-import-rows"),
    path("projects/import/<str:code>/check/", imports.ImportCheck.as_view(), name="project-import-check"),
    path("projects/import/<str:code>/run/", imports.ImportRun.as_view(), name="project-import-run"),
    path("projects/import/<str:code>/rollback/", imports.ImportRollBack.as_view(), name="project-import-rollback"),
    path("projects/import/<str:code>/withdraw/", imports.ImportWithdraw.as_view(), name="project-import-withdraw"),
    path("projects/import/<str:code>/wrong/", imports.ImportWrong.as_view(), name="project-import-wrong"),
    path("projects/<str:code>/", ProjectDetail.as_view(), name="project-detail"),
    path("projects/<str:code>/edit/", project_entry.ProjectEdit.as_view(), name="project-edit"),
    path("projects/<str:code>/stage/", project_steps.ProjectStage.as_view(), name="project-stage"),
    path("projects/<str:code>/submit/", project_steps.ProjectSubmit.as_view(), name="project-submit"),
    path("projects/<str:code>/recall/", project_steps.ProjectRecall.as_view(), name="project-recall"),
    path("projects/<str:code>/verify/", reviews.ProjectVerify.as_view(), name="project-verify"),
    path("projects/<str:code>/return/", reviews.ProjectReturn.as_view(), name="project-return"),
    path("projects/<str:code>/change/return/", reviews.ProjectChangeReturn.as_view(), name="project-change-return"),
    path("projects/<str:code>/change/recall/", reviews.ProjectChangeRecall.as_view(), name="project-change-recall"),
    path("projects/<str:code>/recognition/", reviews.ProjectRecognition.as_view(), name="project-recognition"),
    path("projects/<str:code>/contracts/", contracts.ProjectContracts.as_view(), name="project-contracts"),
    path("projects/<str:code>/undo/", project_steps.ProjectUndo.as_view(), name="project-undo"),
    path("projects/<str:code>/terminate/", project_steps.ProjectTerminate.as_view(), name="project-terminate"),
    path("projects/<str:code>/withdraw/", project_steps.ProjectWithdraw.as_view(), name="project-withdraw"),
    path("projects/<str:code>/restore/", project_steps.ProjectRestore.as_view(), name="project-restore"),
]

urlpatterns += [
    path("reviews/", reviews.ReviewList.as_view(), name="review-list"),
    path("reviews/proxy/", reviews.ProxyList.as_view(), name="review-proxy-list"),
]

urlpatterns += [
    path("fund-arrivals/", funds.FundArrivalList.as_view(), name="fund-arrival-list"),
    path("fund-arrivals/new/", funds.FundArrivalNew.as_view(), name="fund-arrival-new"),
    path("fund-arrivals/bin/", bin.FundArrivalBin.as_view(), name="fund-arrival-bin"),
    path("fund-arrivals/export/", exports.FundArrivalExport.as_view(), name="fund-arrival-export"),
    path("fund-arrivals/<str:code>/edit/", funds.FundArrivalEdit.as_view(), name="fund-arrival-edit"),
    path("fund-arrivals/<str:code>/verify/", funds.FundArrivalVerify.as_view(), name="fund-arrival-verify"),
    path("fund-arrivals/<str:code>/withdraw/", funds.FundArrivalWithdraw.as_view(), name="fund-arrival-withdraw"),
    path("engagements/", engagements.EngagementList.as_view(), name="engagement-list"),
    path("engagements/new/", engagements.EngagementNew.as_view(), name="engagement-new"),
    path("engagements/bin/", bin.EngagementBin.as_view(), name="engagement-bin"),
    path("engagements/export/", exports.EngagementExport.as_view(), name="engagement-export"),
    path("fund-arrivals/<str:code>/restore/", bin.FundArrivalRestore.as_view(), name="fund-arrival-restore"),
    path("engagements/<str:code>/restore/", bin.EngagementRestore.as_view(), name="engagement-restore"),
    path("engagements/<str:code>/", engagements.EngagementDetail.as_view(), name="engagement-detail"),
    path("engagements/<str:code>/edit/", engagements.EngagementEdit.as_view(), name="engagement-edit"),
    path("engagements/<str:code>/withdraw/", engagements.EngagementWithdraw.as_view(), name="engagement-withdraw"),
    path("group-starts/", group_starts.GroupStartList.as_view(), name="group-start-list"),
    path(
        "group-starts/entries/<str:code>/withdraw/",
        group_starts.GroupStartEntryWithdraw.as_view(),
        name="group-start-entry-withdraw",
    ),
    path("group-starts/export/", exports.GroupStartExport.as_view(), name="group-start-export"),
    path("group-starts/<slug:code>/", group_starts.GroupStartDetail.as_view(), name="group-start-detail"),
    path("group-starts/<slug:code>/add/", group_starts.GroupStartEntryNew.as_view(), name="group-start-entry-new"),
]

urlpatterns += [
    path("monthly/", monthly.MonthlySheet.as_view(), name="monthly-sheet"),
    path("weekly/", weekly.WeeklySheet.as_view(), name="weekly-sheet"),
    path("weekly/report.<slug:form>", weekly.WeeklyReport.as_view(), name="weekly-report"),
]

urlpatterns += [
    path("projects/<str:code>/alike/", alike.ProjectAlike.as_view(), name="project-alike"),
    path("attachments/<slug:kind>/<str:code>/", attachments.AttachmentPage.as_view(), name="attachment-new"),
    path("files/<str:code>/", attachments.AttachmentFile.as_view(), name="attachment-file"),
    path("files/<str:code>/preview/", attachments.AttachmentPreview.as_view(), name="attachment-preview"),
    path("files/<str:code>/withdraw/", attachments.AttachmentWithdraw.as_view(), name="attachment-withdraw"),
    path("notices/", notices.NoticeList.as_view(), name="notice-list"),
    path("notices/read/", notices.NoticesRead.as_view(), name="notice-read"),
    path("handovers/", handover.HandoverList.as_view(), name="handover-list"),
    path("handovers/new/", handover.HandoverNew.as_view(), name="handover-new"),
    path("handovers/<str:code>/", handover.HandoverDetail.as_view(), name="handover-detail"),
]

urlpatterns += [
    path("search/", Search.as_view(), name="search"),
    path("filters/", desk.SavedFilterList.as_view(), name="saved-filter-list"),
    path("filters/new/", desk.SavedFilterNew.as_view(), name="saved-filter-new"),
    path("filters/<slug:code>/edit/", desk.SavedFilterEdit.as_view(), name="saved-filter-edit"),
    path("filters/<slug:code>/move/", desk.SavedFilterMove.as_view(), name="saved-filter-move"),
    path("filters/<slug:code>/delete/", desk.SavedFilterDelete.as_view(), name="saved-filter-delete"),
    path("lists/<slug:page>/columns/", desk.ListColumns.as_view(), name="list-columns"),
    path("lists/<slug:page>/size/", desk.ListSize.as_view(), name="list-size"),
    path("visits/<slug:kind>/<str:code>/", desk.VisitNote.as_view(), name="visit-note"),
]
