"""Addresses of the projects' room."""

from django.urls import URLPattern, URLResolver, path

from projects.views import engagements, funds, group_starts, project_entry, project_steps
from projects.views.project_detail import ProjectDetail
from projects.views.projects import ProjectList

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", ProjectList.as_view(), name="project-list"),
    path("projects/new/", project_entry.ProjectNew.as_view(), name="project-new"),
    path("projects/bin/", project_steps.ProjectBin.as_view(), name="project-bin"),
    path("projects/<str:code>/", ProjectDetail.as_view(), name="project-detail"),
    path("projects/<str:code>/edit/", project_entry.ProjectEdit.as_view(), name="project-edit"),
    path("projects/<str:code>/stage/", project_steps.ProjectStage.as_view(), name="project-stage"),
    path("projects/<str:code>/submit/", project_steps.ProjectSubmit.as_view(), name="project-submit"),
    path("projects/<str:code>/recall/", project_steps.ProjectRecall.as_view(), name="project-recall"),
    path("projects/<str:code>/verify/", project_steps.ProjectVerify.as_view(), name="project-verify"),
    path("projects/<str:code>/return/", project_steps.ProjectReturn.as_view(), name="project-return"),
    path("projects/<str:code>/terminate/", project_steps.ProjectTerminate.as_view(), name="project-terminate"),
    path("projects/<str:code>/withdraw/", project_steps.ProjectWithdraw.as_view(), name="project-withdraw"),
    path("projects/<str:code>/restore/", project_steps.ProjectRestore.as_view(), name="project-restore"),
]

urlpatterns += [
    path("fund-arrivals/", funds.FundArrivalList.as_view(), name="fund-arrival-list"),
    path("fund-arrivals/new/", funds.FundArrivalNew.as_view(), name="fund-arrival-new"),
    path("fund-arrivals/<str:code>/edit/", funds.FundArrivalEdit.as_view(), name="fund-arrival-edit"),
    path("fund-arrivals/<str:code>/verify/", funds.FundArrivalVerify.as_view(), name="fund-arrival-verify"),
    path("fund-arrivals/<str:code>/withdraw/", funds.FundArrivalWithdraw.as_view(), name="fund-arrival-withdraw"),
    path("engagements/", engagements.EngagementList.as_view(), name="engagement-list"),
    path("engagements/new/", engagements.EngagementNew.as_view(), name="engagement-new"),
    path("engagements/<str:code>/", engagements.EngagementDetail.as_view(), name="engagement-detail"),
    path("engagements/<str:code>/edit/", engagements.EngagementEdit.as_view(), name="engagement-edit"),
    path("engagements/<str:code>/withdraw/", engagements.EngagementWithdraw.as_view(), name="engagement-withdraw"),
    path("group-starts/", group_starts.GroupStartList.as_view(), name="group-start-list"),
    path(
        "group-starts/entries/<str:code>/withdraw/",
        group_starts.GroupStartEntryWithdraw.as_view(),
        name="group-start-entry-withdraw",
    ),
    path("group-starts/<slug:code>/", group_starts.GroupStartDetail.as_view(), name="group-start-detail"),
    path("group-starts/<slug:code>/add/", group_starts.GroupStartEntryNew.as_view(), name="group-start-entry-new"),
]
