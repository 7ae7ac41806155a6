"""Addresses of the reports' room in REST."""

from rest_framework.routers import SimpleRouter

from reports import api

router = SimpleRouter()
router.register("indicators", api.Indicators, "api-indicator")
router.register("targets", api.Targets, "api-target")
router.register("scorecards", api.Scorecards, "api-scorecard")
urlpatterns = router.urls
