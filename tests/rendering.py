"""A piece of template as the portal draws it."""

from typing import Any

from django.template import Context, Template
from django.test import RequestFactory


def render(source: str, /, **context: Any) -> str:
    """A piece of template with the components loaded; `address` becomes the request."""
    request = RequestFactory().get(context.pop("address", "/"))
    return Template("{% load components %}" + source).render(Context({"request": request, **context}))
