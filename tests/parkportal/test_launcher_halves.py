"""./portal test: both halves, their order, their exit status and how many workers."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.once


@pytest.fixture
def halves(
    portal: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[tuple[list[str], dict[str, str]]]]]:
    """Runs `test` with given exit statuses of its halves; returns its own status and what pytest would have got."""
    monkeypatch.setattr(portal, "ready_python", lambda *_: "python")
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db/portal")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    monkeypatch.setenv("PORTAL_HTTPS", "true")

    def run(statuses: list[int], *arguments: str) -> tuple[int, list[tuple[list[str], dict[str, str]]]]:
        left, calls = list(statuses), []

        def call(command: list[str], env: dict[str, str]) -> int:
            calls.append((command[3:], env))
            return left.pop(0)

        monkeypatch.setattr(portal, "call", call)
        return portal.test(list(arguments)), calls

    return run


def test_the_suite_runs_on_sqlite_and_then_all_of_it_on_postgresql(halves: Callable[..., Any]) -> None:
    status, [(first, sqlite), (second, postgresql)] = halves([0, 0])
    assert status == 0
    assert first[-2:] == ["-m", "not once"]
    assert "not once" not in second
    assert "DATABASE_URL" not in sqlite
    assert "REDIS_URL" not in sqlite
    assert postgresql["DATABASE_URL"] == "postgres://me@db/portal"
    assert "PORTAL_HTTPS" not in postgresql
    assert second[1:6] == ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [([0, 0], 0), ([1, 0], 1), ([0, 2], 2), ([5, 0], 0), ([0, 5], 0), ([5, 5], 5), ([-9, 0], 9)],
)
def test_the_exit_status_is_the_worse_half(halves: Callable[..., Any], statuses: list[int], expected: int) -> None:
    assert halves(statuses)[0] == expected


def test_a_failed_first_half_ends_it_only_with_x(halves: Callable[..., Any]) -> None:
    assert len(halves([1, 0])[1]) == 2
    assert len(halves([1], "-x")[1]) == 1
    assert len(halves([0, 0], "-x")[1]) == 2


def test_deep_is_a_profile_and_no_argument_of_pytest(halves: Callable[..., Any]) -> None:
    for arguments, profile in ((["--deep", "-q"], "deep"), (["-q"], "ci")):
        command, env = halves([0, 0], *arguments)[1][0]
        assert env["PORTAL_TEST_PROFILE"] == profile
        assert "--deep" not in command


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], False),
        (["-q", "-x"], False),
        (["tests/reports"], True),
        (["-k", "rank"], True),
        (["--lf"], True),
        (["-n0"], True),
    ],
)
def test_two_workers_only_for_the_whole_suite(portal: ModuleType, arguments: list[str], expected: bool) -> None:
    assert portal.narrowed(arguments) is expected
