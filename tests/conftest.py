"""What every test may use: clients that are logged in, the sample, and hypothesis in two sizes."""

import os
from collections.abc import Callable
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from parkportal.models import Park, User

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis.register_profile("ci", max_examples=200, **COMMON)
hypothesis.register_profile("deep", max_examples=5_000, **COMMON)
hypothesis.load_profile(os.environ.get("PORTAL_TEST_PROFILE") or "ci")

SAMPLE_PASSWORD = "sample-password-1"
SAMPLE_DAY = date(2020, 10, 8)
"""The day on which the sample is loaded in tests."""


def pytest_configure() -> None:
    """Passwords are hashed quickly, and the sample has one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SAMPLE_PASSWORD = SAMPLE_PASSWORD


@pytest.fixture
def client_as() -> Callable[[User], Client]:
    """A browser in which that person is logged in."""

    def login(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return login


@pytest.fixture
def sample(db: None) -> Park:
    """The reference data and the sample in the database; returns the park baishazhou."""
    from django.core.management import call_command

    call_command("load_reference", verbosity=0)
    call_command("load_sample", verbosity=0)
    return Park.objects.get(code="baishazhou")
