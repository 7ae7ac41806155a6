"""A signed project: what is typed of it, entered or verified, and the sentences of a refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from parkportal.models import Park, User
from parkportal.trace import Actor
from projects.models import Project
from projects.services import (
    project_create,
)
from tests.factories import (
    YI,
    make_enterprise,
    make_project,
)

DAY = date(2020, 10, 8)


def signed(park: Park, **values: Any) -> dict[str, Any]:
    """What a signed project of the park has."""
    return {
        "name": "精密结构件项目",
        "investor": make_enterprise(park=park, name="企业午"),
        "contract_type": "formal",
        "stage": "signed",
        "signed_on": date(2020, 7, 3),
        "total_investment": 2 * YI,
    } | values


def entered(park: Park, by: User, **values: Any) -> Project:
    return project_create(by=Actor(by), park=park, values=signed(park, **values), on=DAY)


def verified(park: Park, **values: Any) -> Project:
    return make_project(park=park, **values)


def refused(call: Callable[[], Any]) -> dict[str, list[str]]:
    """The sentences by column with which a service refuses."""
    with pytest.raises(ValidationError) as caught:
        call()
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}
