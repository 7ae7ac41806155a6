"""What the page of a superior's form needs."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(found: Mapping[str, Any], key: str) -> Any:
    """What stands at a place; empty where nothing does."""
    return found.get(key, "")
