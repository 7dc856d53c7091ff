"""The grown-up installation, as far as it can be looked at where no engine runs containers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from finsam.machine import RUN
from tests.finsam.test_settings import SHOW

BASE = settings.BASE_DIR
OURS = ("migrate", "web", "worker", "beat")
GIVEN = {
    "SECRET_KEY": "9f2c1e7ab05d4836" * 4,
    "ALLOWED_HOSTS": "portal.exempel.se,www.exempel.se",
    "SITE_URL": "https://portal.exempel.se",
    "EMAIL_URL": "smtp+tls://portal:hemligt@post.exempel.se:587",
    "DEFAULT_FROM_EMAIL": "Portalen <portal@exempel.se>",
    "POSTGRES_PASSWORD": "enhemlighet",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text("utf-8"))
    return found


def filled_in(text: str) -> str:
    """The text as compose would read it with the given answers."""

    def value(match: re.Match[str]) -> str:
        name, kind, other = match.groups()
        return GIVEN.get(name, other if kind == "-" else "")

    return VARIABLE.sub(value, text)


def test_the_parts_of_the_installation(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, "database", "broker"}
    assert set(compose["volumes"]) == {"database", "broker", "files"}


def test_every_part_that_stays_is_watched_and_comes_back(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert {"interval", "timeout"} <= set(service["healthcheck"]), name


def test_what_must_survive_lies_on_volumes(compose: dict[str, Any]) -> None:
    services = compose["services"]
    used = {mount.split(":")[0] for service in services.values() for mount in service["volumes"]}

    assert used == set(compose["volumes"])
    for name in OURS:
        assert "files:/var/portal" in services[name]["volumes"]
    command = services["broker"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"


def test_parts_wait_for_what_they_stand_on(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
        assert waits["broker"]["condition"] == "service_healthy"


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    text = (BASE / "docker-compose.yml").read_text("utf-8")
    required = {match[1] for match in VARIABLE.finditer(text) if match[2] == "?"}
    optional = {match[1] for match in VARIABLE.finditer(text) if match[2] != "?"}

    assert required == set(GIVEN)
    assert optional == {"STORAGE_URL", "CLAMD_ADDRESS"}
    for service in compose["services"].values():
        for name, value in service["environment"].items() if "environment" in service else ():
            if "PASSWORD" in name or "SECRET" in name:
                assert value.startswith("${"), name
    dockerfile = (BASE / "Dockerfile").read_text("utf-8")
    assert not re.search(r"^(ENV|ARG).*(SECRET|PASSWORD)", dockerfile, re.MULTILINE)
    ignored = (BASE / ".dockerignore").read_text("utf-8").split()
    assert {".git", ".env", "var", "node_modules"} <= set(ignored)


def test_only_what_ends_tls_on_the_host_reaches_the_portal(compose: dict[str, Any]) -> None:
    open_ports = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert open_ports == {"web": ["127.0.0.1:8000:8000"]}


def test_our_processes_are_not_root_and_can_become_nothing_more(compose: dict[str, Any]) -> None:
    dockerfile = (BASE / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["portal"]
    assert dockerfile.index("\nUSER portal") > dockerfile.rindex("\nRUN")
    for name in OURS:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_image_has_what_sets_text_and_draws_foreign_pages() -> None:
    """What the machine needs to run, and what documents use where it is there, and nothing else.

    Without Poppler a masked copy of a foreign PDF would be its text alone, and without DejaVu
    letters that Inter lacks would be written as �. Node and venv are for the other stages.
    """
    dockerfile = (BASE / "Dockerfile").read_text("utf-8")
    installed = re.search(r"apt-get install (.*?)&&", dockerfile, re.DOTALL)
    assert installed is not None
    libraries = {one for need in RUN for one in need.packages if one.startswith("lib")}
    packages = set(installed[1].replace("\\", " ").split()) - {"-y", "--no-install-recommends"}
    assert packages == {*libraries, "poppler-utils", "fonts-dejavu-core"}
    sheet = (BASE / "templates/documents/documents.css").read_text("utf-8")
    assert '"DejaVu Sans"' in sheet
    told = (BASE / "docs/documents.md").read_text("utf-8")
    assert [name for name in ("poppler-utils", "fonts-dejavu-core") if name not in told] == []


def test_the_image_is_built_from_the_locks(compose: dict[str, Any]) -> None:
    dockerfile = (BASE / "Dockerfile").read_text("utf-8")
    for part in ("--require-hashes -r requirements.txt", "npm ci", "manage.py collectstatic"):
        assert part in dockerfile
    for source in re.findall(r"^COPY ([^-].*?) \S+$", dockerfile, re.MULTILINE):
        for name in source.split():
            assert (BASE / name).exists(), name
    assert compose["services"]["web"]["build"] == "."


def test_the_environment_of_the_file_is_one_that_the_portal_starts_with(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    stated = compose["services"]["web"]["environment"]
    environment = {name: filled_in(value) for name, value in stated.items()}
    names = ("DEBUG", "DATABASES", "CELERY_BROKER_URL", "CACHES", "STORAGES", "ALLOWED_HOSTS")

    done = subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        cwd=BASE,
        env={**environment, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "finsam.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    found = json.loads(done.stdout)
    assert found["DEBUG"] is False
    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert found["DATABASES"]["default"]["HOST"] == "database"
    assert found["CELERY_BROKER_URL"] == "redis://broker:6379/0"
    assert found["CACHES"]["default"]["LOCATION"] == "redis://broker:6379/1"
    assert found["STORAGES"]["default"]["OPTIONS"]["location"] == "/var/portal/files"
    assert found["ALLOWED_HOSTS"] == ["portal.exempel.se", "www.exempel.se"]


def test_every_variable_of_the_file_is_one_that_is_read(compose: dict[str, Any]) -> None:
    sources = [BASE / "finsam" / name for name in ("settings.py", "gunicorn.py")]
    read = "".join(source.read_text("utf-8") for source in sources)

    for name in compose["services"]["web"]["environment"]:
        assert f'"{name}"' in read, name
