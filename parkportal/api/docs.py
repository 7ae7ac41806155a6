"""The description of REST, as OpenAPI 3.1 and as a page; for everyone with a session or a token."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parkportal.api.access import TokenAuthentication
from parkportal.api.renderers import JSONRenderer


class HTMLRenderer(JSONRenderer):
    """Lets a browser ask for a page; what is no page, such as an error, stays JSON."""

    media_type = "text/html"
    format = "html"


class Schema(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._get_schema_response(request)

    def _get_version_parameter(self, request: Request) -> None:
        """There is one version; what an address says of it would stand in a header of the answer."""


class Docs(APIView):
    """A page on which REST can be read and tried; it loads nothing from outside."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, HTMLRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(render_to_string("parkportal/api_docs.html"))


class Nowhere(APIView):
    """Any other address below /api/: an error in the shape of all others."""

    @extend_schema(exclude=True)
    def get(self, request: Request, **kwargs: Any) -> HttpResponse:
        raise NotFound

    post = put = patch = delete = get
