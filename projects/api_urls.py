"""Addresses of the projects' room in REST."""

from rest_framework.routers import SimpleRouter

from projects import api

router = SimpleRouter()
router.register("projects", api.Projects, "api-project")
router.register("fund-arrivals", api.FundArrivals, "api-fund-arrival")
router.register("group-start-entries", api.GroupStartEntries, "api-group-start-entry")
router.register("engagements", api.Engagements, "api-engagement")
urlpatterns = router.urls
