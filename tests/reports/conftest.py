"""What tests of this room may use: processes of Celery."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Children, children_of


@pytest.fixture
def children(tmp_path: Path, transactional_db: None) -> Iterator[Children]:
    """Processes on a Redis of their own; none is left when the test ends."""
    with children_of(tmp_path) as made:
        yield made
