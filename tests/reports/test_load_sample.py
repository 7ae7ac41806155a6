"""The command that loads the sample: into an empty database only, and every time the same."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from parkportal.models import Park, Region
from parkportal.trace import Actor, code_of, fields_of
from projects.models import Project
from reports import sample as the_sample
from tests.factories import make_park, make_project
from tests.reports.counting import business_models, rows_of

pytestmark = pytest.mark.django_db


class TestCommand:
    @pytest.fixture(autouse=True)
    def reference(self) -> None:
        call_command("load_reference", verbosity=0)

    def test_a_database_with_projects_is_refused(self) -> None:
        make_project()
        with pytest.raises(CommandError, match="已有项目"):
            call_command("load_sample", verbosity=0)
        assert Project.objects.count() == 1

    def test_a_withdrawn_project_is_a_project_too(self) -> None:
        make_project(deleted_at=timezone.now())
        with pytest.raises(CommandError, match="已有项目"):
            call_command("load_sample", verbosity=0)

    def test_if_empty_does_nothing_and_says_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        make_project()
        call_command("load_sample", if_empty=True)
        assert capsys.readouterr() == ("", "")
        assert Project.objects.count() == 1

    def test_if_empty_loads_into_an_empty_database(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("load_sample", if_empty=True)
        assert "样例已载入：园区6个" in capsys.readouterr().out

    def test_without_a_password_nothing_is_loaded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "SAMPLE_PASSWORD", "")
        with pytest.raises(CommandError, match="PORTAL_SAMPLE_PASSWORD"):
            call_command("load_sample", verbosity=0)
        assert not Park.objects.exists()

    def test_a_park_that_has_the_code_of_a_sample_park_is_not_touched(self) -> None:
        make_park(code="park-a", region=Region.objects.get(code="430400"))
        with pytest.raises(CommandError, match="park-a"):
            call_command("load_sample", verbosity=0)
        assert Park.objects.count() == 1


MOMENTS = {"at", "date_joined", "password"}
"""What differs from run to run: when it was, and the salt."""


def test_two_databases_get_the_same_codes_and_values() -> None:
    assert loaded() == loaded()


def loaded() -> list[tuple[str, str, dict[str, Any]]]:
    """Load the sample, take every row with its values, and undo it."""
    with transaction.atomic():
        the_sample.load(by=Actor(None), password="sample-password-1")
        rows = [
            (
                model._meta.label,
                code_of(row),
                {name: value for name, value in fields_of(row).items() if name not in MOMENTS},
            )
            for model in business_models()
            for row in rows_of(model).order_by("pk")
        ]
        transaction.set_rollback(True)
    assert len(rows) > 1_000
    return rows
