"""What every test may use: clients that are logged in, the sample, and hypothesis in two sizes."""

import os
import tempfile
from collections.abc import Callable

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from parkportal.models import Park, Region, User

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis.register_profile("ci", max_examples=200, **COMMON)
hypothesis.register_profile("deep", max_examples=5_000, **COMMON)
hypothesis.load_profile(os.environ.get("PORTAL_TEST_PROFILE") or "ci")

SAMPLE_PASSWORD = "sample-password-1"
ROOMS = ("parkportal", "enterprises", "projects", "reports")
_sample_rows: list[tuple[type[models.Model], list[models.Model]]] = []
"""Every row of the sample as the first test that asked for it loaded them."""


def pytest_configure() -> None:
    """Passwords are hashed quickly, and the sample has one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SAMPLE_PASSWORD = SAMPLE_PASSWORD
    settings.MEDIA_ROOT = FILES.name


FILES = tempfile.TemporaryDirectory(prefix="portal-files-")
REDIS_URL = os.environ.get("REDIS_URL", "")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only tests that start a worker have a queue; the others compile at once."""
    settings.REDIS_URL = REDIS_URL if item.get_closest_marker("worker") else ""


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
    """The reference data and the sample in the database; returns the park baishazhou.

    The commands run once; later tests get the same rows, with the same keys, put back in bulk.
    """
    fresh = not (Region.objects.exists() or User.objects.exists())
    if fresh and _sample_rows:
        _put_back()
    else:
        call_command("load_reference", verbosity=0)
        call_command("load_sample", verbosity=0)
    if fresh and not _sample_rows:
        _remember()
    return Park.objects.get(code="baishazhou")


def _remember() -> None:
    found = (model for room in ROOMS for model in apps.get_app_config(room).get_models())
    _sample_rows.extend((model, list(model._base_manager.order_by("pk"))) for model in found)


def _put_back() -> None:
    for model, rows in _sample_rows:
        model._base_manager.bulk_create(rows, batch_size=500)
    for statement in connection.ops.sequence_reset_sql(no_style(), [model for model, _rows in _sample_rows]):
        with connection.cursor() as cursor:
            cursor.execute(statement)
