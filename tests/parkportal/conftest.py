"""What the tests of the launcher share."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.parkportal.launcher import PORTAL, load


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The launcher with a folder of its own instead of the repository."""
    module = load(PORTAL)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VAR", tmp_path / "var")
    return module
