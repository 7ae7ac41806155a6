"""Addresses of the scorecards' room."""

from django.urls import URLPattern, path

from reports.views import blank_forms, indicators, ranking, scorecards, targets

SCORECARD = "scorecards/<slug:park>/<str:period>/"

urlpatterns: list[URLPattern] = [
    path("", scorecards.Overview.as_view(), name="overview"),
    path("scorecards/", scorecards.ScorecardList.as_view(), name="scorecard-list"),
    path("scorecards/compile/", scorecards.ScorecardCompile.as_view(), name="scorecard-compile-any"),
    path(SCORECARD, scorecards.ScorecardDetail.as_view(), name="scorecard-detail"),
    path(f"{SCORECARD}compile/", scorecards.ScorecardCompile.as_view(), name="scorecard-compile"),
    path(f"{SCORECARD}headline/", scorecards.ScorecardHeadline.as_view(), name="scorecard-headline"),
    path(f"{SCORECARD}<slug:indicator>/", scorecards.ScorecardMembers.as_view(), name="scorecard-members"),
    path("forms/", blank_forms.BlankFormList.as_view(), name="blank-form-list"),
    path("forms/new/", blank_forms.BlankFormNew.as_view(), name="blank-form-new"),
    path("forms/sent/", blank_forms.FilledFormList.as_view(), name="filled-form-list"),
    path("forms/sent/<str:code>/", blank_forms.FilledFormDetail.as_view(), name="filled-form-detail"),
    path("forms/sent/<str:code>/file/", blank_forms.FilledFormFile.as_view(), name="filled-form-file"),
    path("forms/sent/<str:code>/send/", blank_forms.FilledFormSend.as_view(), name="filled-form-send"),
    path("forms/sent/<str:code>/withdraw/", blank_forms.FilledFormWithdraw.as_view(), name="filled-form-withdraw"),
    path("forms/<str:code>/", blank_forms.BlankFormDetail.as_view(), name="blank-form-detail"),
    path("forms/<str:code>/file/", blank_forms.BlankFormFile.as_view(), name="blank-form-file"),
    path("forms/<str:code>/map/", blank_forms.BlankFormMap.as_view(), name="blank-form-map"),
    path("forms/<str:code>/fill/", blank_forms.BlankFormFill.as_view(), name="blank-form-fill"),
    path("forms/<str:code>/withdraw/", blank_forms.BlankFormWithdraw.as_view(), name="blank-form-withdraw"),
    path("targets/", targets.TargetList.as_view(), name="target-list"),
    path("targets/new/", targets.TargetNew.as_view(), name="target-new"),
    path("targets/<str:code>/edit/", targets.TargetEdit.as_view(), name="target-edit"),
    path("targets/<str:code>/withdraw/", targets.TargetWithdraw.as_view(), name="target-withdraw"),
    path("indicators/", indicators.IndicatorList.as_view(), name="indicator-list"),
    path("indicators/new/", indicators.IndicatorNew.as_view(), name="indicator-new"),
    path("indicators/<slug:code>/", indicators.IndicatorDetail.as_view(), name="indicator-detail"),
    path("indicators/<slug:code>/edit/", indicators.IndicatorEdit.as_view(), name="indicator-edit"),
    path("ranking/", ranking.Ranking.as_view(), name="ranking"),
]
