"""Addresses of REST that belong to no room; they come after those of the rooms, as the last one takes all."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from parkportal.api import docs
from parkportal.api.parks import Parks

router = SimpleRouter()
router.register("parks", Parks, "api-park")
urlpatterns = [
    *router.urls,
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    re_path(r"^.*/$", docs.Nowhere.as_view()),
]
