"""./portal: what it refuses, what it keeps, how it looks after its children."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.parkportal.launcher import PORTAL

# Under pytest-xdist this process has threads; Python 3.12 and later warn of any fork then.
pytestmark = [pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"), pytest.mark.once]


def drive(code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """A process of its own that has the launcher as `portal` and runs the code: signals must not meet pytest."""
    head = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom launcher import PORTAL, load\n"
    return subprocess.Popen([sys.executable, "-c", f"{head}portal = load(PORTAL)\n{code}", *arguments])


def until(condition: Callable[[], Any], seconds: float = 60) -> bool:
    """Whether it came true in that time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def lives(path: Path) -> list[int]:
    """The process ids that a child wrote down, one for each of its lives."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []


# What it says instead of a traceback


def test_an_old_python_gets_a_sentence() -> None:
    pretend = f"import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path({str(PORTAL)!r}, run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "招商成绩单需要Python 3.11至3.13" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_old_python_can_read_the_file_up_to_its_sentence() -> None:
    ast.parse(PORTAL.read_text(), feature_version=(3, 7))
    with pytest.raises(SyntaxError):  # the check itself sees newer syntax
        ast.parse("if (n := 1):\n    pass", feature_version=(3, 7))


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_gets_a_sentence(
    portal: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str
) -> None:
    (tmp_path / "lock").touch()
    assert portal.venv_problem() == ""
    monkeypatch.setattr(portal.importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(SystemExit, match=f"缺少venv.*apt install python3.{sys.version_info.minor}-venv"):
        portal.ready_python(tmp_path / "env", tmp_path / "lock")


def test_a_port_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    copy = tmp_path / "portal"
    copy.write_text(PORTAL.read_text())
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        command = [sys.executable, "-B", str(copy), "run", "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"端口{port}已被占用")
    assert list(tmp_path.iterdir()) == [copy]


def test_a_free_port_has_no_problem(portal: ModuleType) -> None:
    port = portal.free_port()
    assert portal.port_problem(port) == ""
    assert not portal.accepts(port)
    with socket.create_server(("127.0.0.1", port)):
        assert portal.accepts(port)


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_cannot_be_is_refused(portal: ModuleType, port: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        portal.run(["--port", port])
    assert refusal.value.code == 2


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["serve"], 2), (["--help"], 0)])
def test_an_unknown_command_shows_the_known_ones(
    portal: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
) -> None:
    monkeypatch.setattr(portal.signal, "signal", lambda *_: None)
    assert portal.main(arguments) == status
    assert "./portal run [--port 8000] [--no-serve]" in capsys.readouterr().err


# The virtual environment


@pytest.fixture
def made(portal: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What was really made: `venv` and `install` are written down instead of taking half a minute."""
    steps: list[str] = []

    def make_venv(command: list[str], _env: Any) -> int:
        steps.append("venv")
        python = Path(command[-1]) / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        return 0

    monkeypatch.setattr(portal, "call", make_venv)
    monkeypatch.setattr(portal, "install", lambda *_: steps.append("install"))
    (tmp_path / "lock").write_text("django==5.2.19")
    return steps


def test_an_environment_is_made_once(portal: ModuleType, made: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        assert portal.ready_python(tmp_path / "env", tmp_path / "lock") == str(tmp_path / "env/bin/python")
    assert made == ["venv", "install"]


def test_a_changed_lock_makes_it_anew(portal: ModuleType, made: list[str], tmp_path: Path) -> None:
    portal.ready_python(tmp_path / "env", tmp_path / "lock")
    (tmp_path / "lock").write_text("django==5.2.20")
    portal.ready_python(tmp_path / "env", tmp_path / "lock")
    assert made == ["venv", "install"] * 2


def test_another_python_makes_it_anew(
    portal: ModuleType, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.ready_python(tmp_path / "env", tmp_path / "lock")
    monkeypatch.setattr(portal.platform, "python_version", lambda: "3.99.0")
    portal.ready_python(tmp_path / "env", tmp_path / "lock")
    assert made == ["venv", "install"] * 2


def test_an_interrupted_install_is_repaired(
    portal: ModuleType, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as first, pytest.raises(KeyboardInterrupt):
        first.setattr(portal, "install", interrupted)
        portal.ready_python(tmp_path / "env", tmp_path / "lock")
    portal.ready_python(tmp_path / "env", tmp_path / "lock")
    assert made == ["venv", "venv", "install"]


def test_a_failing_pip_is_a_sentence(portal: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="依赖没有装好"):
        portal.install("/bin/false", tmp_path / "lock")


# Secrets and the environment


def test_secrets_are_made_once_and_only_their_owner_reads_them(portal: ModuleType, tmp_path: Path) -> None:
    first = portal.environment({})
    assert len(first["SECRET_KEY"]) >= 50
    assert len(first["PORTAL_SAMPLE_PASSWORD"]) >= 12
    assert portal.environment({}) == first
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    for name in ("secret_key", "sample_password"):
        assert (tmp_path / "var" / name).stat().st_mode & 0o777 == 0o600


def test_a_torn_secret_is_made_again(portal: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    assert portal.kept(tmp_path / "secret", "new") == "new"
    assert portal.kept(tmp_path / "secret", "other") == "new"


def test_the_callers_environment_wins_and_empty_means_absent(portal: ModuleType, tmp_path: Path) -> None:
    env = portal.environment({"SECRET_KEY": "mine", "DEBUG": "true", "DATABASE_URL": "", "HOME": "/home"})
    assert (env["SECRET_KEY"], env["DEBUG"], env["HOME"]) == ("mine", "true", "/home")
    assert env["DATABASE_URL"] == f"sqlite:///{tmp_path}/var/portal.sqlite3"
    assert not (tmp_path / "var" / "secret_key").exists()


def test_the_sample_password_shown_is_the_one_that_opens(portal: ModuleType) -> None:
    chosen = {"PORTAL_SAMPLE_PASSWORD": "chosen-at-first"}
    assert "见环境变量" in portal.password_hint(portal.environment(chosen), chosen)
    assert "chosen-at-first（" in portal.password_hint(portal.environment({}), {})
    later = {"PORTAL_SAMPLE_PASSWORD": "another-one-later"}
    assert "先前已载入的，仍是 var/sample_password" in portal.password_hint(portal.environment(later), later)


# Children


CHILD = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
SUPERVISE = """
portal.STOP_SECONDS = 1
env = dict(portal.os.environ)
pairs = zip(sys.argv[1::2], sys.argv[2::2])
children = [portal.Child(name, [sys.executable, "-c", code, name], env) for name, code in pairs]
sys.exit(portal.supervise(children, lambda: True, lambda: open(sys.argv[1] + ".up", "w").close()))
"""


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts a supervisor over children that write their process ids into files named after them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**codes: str) -> "subprocess.Popen[bytes]":
        pairs = [part for name, code in codes.items() for part in (str(tmp_path / name), CHILD + code)]
        started.append(drive(SUPERVISE, *pairs))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_dead_child_is_started_again(supervised: Callable[..., Any], tmp_path: Path) -> None:
    supervised(first="time.sleep(60)", second="time.sleep(60)")
    assert until(lambda: lives(tmp_path / "first") and lives(tmp_path / "second"))
    os.kill(lives(tmp_path / "first")[0], signal.SIGKILL)
    assert until(lambda: len(lives(tmp_path / "first")) == 2)
    assert len(lives(tmp_path / "second")) == 1


DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1] + '.deaf', 'w'); time.sleep(60)"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_children(supervised: Callable[..., Any], tmp_path: Path, number: int) -> None:
    process = supervised(polite="time.sleep(60)", deaf=DEAF, reader="sys.stdin.read(); time.sleep(60)")
    there = [tmp_path / "polite.up", tmp_path / "deaf.deaf"]  # announced once its handlers stand
    assert until(
        lambda: all(one.exists() for one in there) and lives(tmp_path / "polite") and lives(tmp_path / "reader")
    )
    process.send_signal(number)
    assert process.wait(60) == 0
    assert not any(alive(pid) for name in ("polite", "deaf", "reader") for pid in lives(tmp_path / name))


def test_a_killed_launcher_takes_its_children_along(supervised: Callable[..., Any], tmp_path: Path) -> None:
    process = supervised(server="time.sleep(60)", work="sys.stdin.read()")
    assert until(lambda: lives(tmp_path / "server") and lives(tmp_path / "work"))
    process.kill()
    assert until(lambda: not alive(lives(tmp_path / "server")[0]) and not alive(lives(tmp_path / "work")[0]))


def test_a_child_that_keeps_dying_waits_ever_longer(portal: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(portal.time, "monotonic", lambda: clock[0])
    child = portal.Child("web", ["/bin/true"], {})
    pauses = []
    for _ in range(7):
        child.process.wait()
        child.tend()
        pauses.append(child.due - clock[0])
        clock[0] = child.due
        child.tend()
    portal.end([child.process])
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


# The tests' own servers


def server(code: str) -> Callable[[int], list[str]]:
    """A command as `served` takes it: Python code that finds its port in sys.argv[1]."""
    return lambda port: [sys.executable, "-c", "import sys, time; " + code, str(port)]


def test_a_server_lives_as_long_as_its_block(portal: ModuleType, tmp_path: Path) -> None:
    listening = "import os; print('Ready to accept connections', os.getpid(), flush=True); time.sleep(60)"
    with portal.served("Redis", server(listening), tmp_path / "log") as port:
        pid = int((tmp_path / "log").read_text().split()[-1])
        assert alive(pid)
        assert port > 1023
    assert not alive(pid)


def test_a_snatched_port_is_given_up_for_another(portal: ModuleType, tmp_path: Path) -> None:
    ports: list[int] = []

    def command(port: int) -> list[str]:
        ports.append(port)
        return server(
            "sys.exit(1)" if len(ports) < 3 else "print('ready to accept connections', flush=True); time.sleep(60)"
        )(port)

    with portal.served("Redis", command, tmp_path / "log") as port:
        assert port == ports[-1]
    assert len(ports) == 3


def test_a_server_that_never_starts_shows_its_log(portal: ModuleType, tmp_path: Path) -> None:
    broken = server("sys.exit('no shared memory')")
    with pytest.raises(SystemExit, match="no shared memory"), portal.served("PostgreSQL", broken, tmp_path / "log"):
        pass


def test_given_addresses_are_used_and_nothing_is_started(portal: ModuleType) -> None:
    given = {"DATABASE_URL": "postgres://me@db/portal", "REDIS_URL": "redis://cache/0", "OTHER": "x"}
    with portal.test_servers("no-python", given) as addresses:
        assert addresses == {"DATABASE_URL": "postgres://me@db/portal", "REDIS_URL": "redis://cache/0"}
