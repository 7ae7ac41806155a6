"""The image, the services, the locks and the list of variables, read as files: there need not be a Docker."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = ["migrate", "web", "worker", "beat"]
SERVING = [name for name in SERVICES if name != "migrate"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, argument), with continued lines joined and comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line)]


def example() -> dict[str, str]:
    """The variables of .env.example with their values."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def locked(name: str) -> dict[str, str]:
    """The packages of a lock file with their versions."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), flags=re.MULTILINE))


# The services


def test_every_part_of_the_portal_is_a_service() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "postgres", "redis"}


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_on_a_file_system_they_cannot_change(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service  # the image's own, see below
    assert "privileged" not in service


@pytest.mark.parametrize("name", SERVING)
def test_every_lasting_service_is_watched_and_comes_back(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries"} <= set(SERVICES[name]["healthcheck"])


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("web", "http://127.0.0.1:8000/readyz"),
        ("worker", "celery -A parkportal inspect ping"),
        ("beat", "beat-schedule*"),
        ("postgres", "pg_isready"),
        ("redis", "redis-cli ping"),
    ],
)
def test_health_is_asked_of_the_service_itself(name: str, question: str) -> None:
    assert question in " ".join(SERVICES[name]["healthcheck"]["test"])


def test_the_health_check_of_web_is_a_program_that_compiles() -> None:
    kind, program, flag, code = SERVICES["web"]["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    compile(code, "healthcheck", "exec")


def test_migrations_run_once_before_anything_serves() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[name]["depends_on"]["redis"] == {"condition": "service_healthy"}


def test_only_web_is_published_and_only_on_the_loopback_address() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORTAL_PORT:-8000}:8000"]}
    assert yaml.safe_load(COMPOSE)["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"web"}


def test_redis_keeps_every_job_and_asks_for_a_password() -> None:
    command = SERVICES["redis"]["command"][-1]
    assert "--appendonly yes" in command
    assert "--appendfsync always" in command
    assert '--requirepass "$$REDIS_PASSWORD"' in command
    assert "noeviction" in command


def test_data_outlives_the_containers() -> None:
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert set(yaml.safe_load(COMPOSE)["volumes"]) == {"files", "postgres", "redis"}


def test_no_secret_stands_in_the_file() -> None:
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert f"${{{name}:?" in COMPOSE  # without it the start stops with a sentence
    for service in SERVICES.values():
        secrets = [value for key, value in service.get("environment", {}).items() if re.search("PASSWORD|KEY", key)]
        assert all(value.startswith("${") for value in secrets)


# The image


def test_the_image_runs_as_a_user_without_rights() -> None:
    steps = instructions()
    users = [rest for word, rest in steps if word == "USER"]
    assert users == ["portal"]
    assert any("useradd --system" in rest for word, rest in steps if word == "RUN")
    assert steps.index(("USER", "portal")) > max(
        index for index, (word, _) in enumerate(steps) if word in {"RUN", "COPY"}
    )


def test_the_image_installs_the_hash_locked_run_time_only() -> None:
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert installs == ["pip install --no-cache-dir --require-hashes -r requirements.txt"]
    assert ("ARG", "PYTHON_IMAGE=python:3.11-slim") in instructions()


def test_the_image_holds_collected_static_files_and_no_key() -> None:
    steps = instructions()
    assert any("manage.py collectstatic --noinput" in rest for word, rest in steps if word == "RUN")
    assert not any("SECRET_KEY" in rest for word, rest in steps if word in {"ENV", "ARG"})


def test_the_image_serves_with_gunicorn() -> None:
    command = json.loads(next(rest for word, rest in instructions() if word == "CMD"))
    assert command[:4] == ["gunicorn", "parkportal.wsgi:application", "--bind", "0.0.0.0:8000"]


@pytest.mark.parametrize("name", [".env", ".git", "var", ".venv", ".venv-test"])
def test_secrets_and_local_data_stay_out_of_image_and_repository(name: str) -> None:
    assert name in (ROOT / ".dockerignore").read_text().splitlines()
    assert name == ".git" or name in (ROOT / ".gitignore").read_text().replace("/", "").splitlines()


# The variables


def test_every_variable_that_is_read_is_listed() -> None:
    settings = (ROOT / "parkportal" / "settings.py").read_text()
    read = set(re.findall(r'env(?:_\w+)?\("([A-Z_]+)"', settings)) | set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert {"SECRET_KEY", "DATABASE_URL", "POSTGRES_PASSWORD"} <= read
    assert read <= set(example())


def test_every_listed_variable_is_explained_and_no_secret_is_given() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    for before, line in zip(lines, lines[1:], strict=False):
        assert line.startswith("#") or not line or before.startswith("# "), line
    assert {name: value for name, value in example().items() if value} == {
        "DEBUG": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PORTAL_HTTPS": "false",
        "PORTAL_PORT": "8000",
        "PORTAL_EMBEDDED": "false",
    }


# The locks


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.findall(
        r"^[a-z0-9-]+==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", text, flags=re.MULTILINE
    )
    assert len(entries) == len(locked(name)) > 30
    assert not re.search(r"://|index|find-links|@ ", text)


def test_the_tests_run_on_the_versions_that_serve() -> None:
    assert locked("requirements.txt").items() <= locked("requirements-test.txt").items()


@pytest.mark.parametrize("name", ["requirements", "requirements-test"])
def test_the_lock_holds_what_is_asked_for(name: str) -> None:
    asked = re.findall(r"^([\w-]+)(?:\[\w+\])?==([\w.]+)", (ROOT / f"{name}.in").read_text(), flags=re.MULTILINE)
    lock = locked(f"{name}.txt")
    assert asked
    assert all(lock[package.lower()] == version for package, version in asked)
