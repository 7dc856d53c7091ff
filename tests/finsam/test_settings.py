"""Settings come from the environment, and with DEBUG off nothing insecure starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

BASE = settings.BASE_DIR
IN_EARNEST = {
    "SECRET_KEY": "9f2c1e7ab05d4836" * 4,
    "ALLOWED_HOSTS": "portal.exempel.se",
    "SITE_URL": "https://portal.exempel.se",
    "EMAIL_URL": "smtp+tls://portal:hemligt@post.exempel.se:587",
}
SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))
"""


def python(*arguments: str, place: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Our code in a process whose environment holds nothing but what the test says."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "finsam.settings",
        "VAR_DIR": str(place),
        **env,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def loaded(*names: str, place: Path, env: dict[str, str]) -> dict[str, Any]:
    done = python("-c", SHOW, *names, place=place, env=env)
    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return values


@pytest.mark.parametrize("name", sorted(IN_EARNEST))
def test_without_a_setting_of_an_installation_in_earnest_nothing_starts(
    name: str, tmp_path: Path
) -> None:
    env = {key: value for key, value in IN_EARNEST.items() if key != name}

    done = python("manage.py", "check", place=tmp_path, env=env)

    assert done.returncode == 1
    assert done.stderr.startswith(f"{name} saknas. Sätt den i miljön")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRET_KEY", "hemligt", "SECRET_KEY är för svag"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY är för svag"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS får inte vara *"),
        ("STORAGE_URL", "ftp://exempel.se/", "STORAGE_URL ska vara"),
    ],
)
def test_an_insecure_value_is_refused(name: str, value: str, told: str, tmp_path: Path) -> None:
    done = python("manage.py", "check", place=tmp_path, env={**IN_EARNEST, name: value})

    assert done.returncode == 1
    assert told in done.stderr


def test_the_web_server_refuses_too(tmp_path: Path) -> None:
    done = python("-c", "import finsam.wsgi", place=tmp_path, env={})

    assert done.returncode != 0
    assert "SECRET_KEY saknas" in done.stderr


def test_check_deploy_has_nothing_to_say(tmp_path: Path) -> None:
    done = python(
        "manage.py", "check", "--deploy", "--fail-level=WARNING", place=tmp_path, env=IN_EARNEST
    )

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_debug_is_off_unless_asked_for_and_takes_the_demo_with_it(tmp_path: Path) -> None:
    asked = {**IN_EARNEST, "DEMO": "1"}

    assert loaded("DEBUG", "DEMO", place=tmp_path, env=asked) == {"DEBUG": False, "DEMO": False}


def test_with_debug_a_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    first = loaded("SECRET_KEY", "DEMO", place=tmp_path, env={"DEBUG": "1"})
    again = loaded("SECRET_KEY", place=tmp_path, env={"DEBUG": "1"})
    elsewhere = loaded("SECRET_KEY", place=tmp_path / "other", env={"DEBUG": "1"})

    assert len(first["SECRET_KEY"]) >= 50
    assert first["SECRET_KEY"] == again["SECRET_KEY"]
    assert first["SECRET_KEY"] != elsewhere["SECRET_KEY"]
    assert first["DEMO"] is True
    assert (tmp_path / "development-secret").stat().st_mode & 0o777 == 0o600


def test_the_start_on_one_machine_writes_below_one_folder(tmp_path: Path) -> None:
    found = loaded(
        "DATABASES", "STORAGES", "CELERY_BROKER_TRANSPORT_OPTIONS", "EMAIL_FILE_PATH",
        place=tmp_path, env={"DEBUG": "1"},
    )  # fmt: skip

    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "portal.sqlite3")
    assert found["STORAGES"]["default"]["OPTIONS"]["location"] == str(tmp_path / "files")
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"]["data_folder_in"].startswith(str(tmp_path))


def test_sqlite_is_opened_so_that_many_can_write(tmp_path: Path) -> None:
    database = loaded("DATABASES", place=tmp_path, env={"DEBUG": "1"})["DATABASES"]["default"]

    assert database["OPTIONS"] == {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    }
    assert not database.get("ATOMIC_REQUESTS")


def test_postgresql_gets_a_pool_and_no_compiled_plans(tmp_path: Path) -> None:
    url = {"DATABASE_URL": "postgres://portal:hemligt@db.exempel.se:5432/portal?sslmode=require"}
    found = loaded("DATABASES", place=tmp_path, env={**IN_EARNEST, **url})["DATABASES"]["default"]

    assert found["CONN_MAX_AGE"] == 0
    assert found["CONN_HEALTH_CHECKS"] is True
    assert found["OPTIONS"]["pool"]["max_size"] == 16
    assert found["OPTIONS"]["options"] == "-c jit=off"
    assert found["OPTIONS"]["sslmode"] == "require"


def test_redis_carries_hints_as_measured(tmp_path: Path) -> None:
    names = (
        "CELERY_BROKER_TRANSPORT_OPTIONS", "CELERY_TASK_ACKS_LATE",
        "CELERY_TASK_REJECT_ON_WORKER_LOST", "CELERY_WORKER_PREFETCH_MULTIPLIER",
        "CELERY_TASK_PUBLISH_RETRY", "CELERY_BEAT_SCHEDULE",
    )  # fmt: skip
    redis = {**IN_EARNEST, "BROKER_URL": "redis://broker:6379/0"}

    found = loaded(*names, place=tmp_path, env=redis)

    options = found["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert (options["visibility_timeout"], options["unacked_restore_interval"]) == (600, 1)
    assert found["CELERY_TASK_ACKS_LATE"] is True
    assert found["CELERY_TASK_REJECT_ON_WORKER_LOST"] is True
    assert found["CELERY_WORKER_PREFETCH_MULTIPLIER"] == 1
    assert found["CELERY_TASK_PUBLISH_RETRY"] is False
    assert found["CELERY_BEAT_SCHEDULE"]["sweep"]["schedule"] == 15.0


def test_files_can_be_kept_in_a_bucket(tmp_path: Path) -> None:
    url = "s3://nyckel:hem%2Flig@handlingar?endpoint_url=https://s3.exempel.se&region_name=se-1"
    found = loaded("STORAGES", place=tmp_path, env={**IN_EARNEST, "STORAGE_URL": url})

    storage = found["STORAGES"]["default"]
    assert storage["BACKEND"] == "storages.backends.s3.S3Storage"
    assert storage["OPTIONS"]["bucket_name"] == "handlingar"
    assert storage["OPTIONS"]["secret_key"] == "hem/lig"
    assert storage["OPTIONS"]["endpoint_url"] == "https://s3.exempel.se"
    assert storage["OPTIONS"]["default_acl"] is None


def test_headers_of_a_proxy_are_believed_only_when_told(tmp_path: Path) -> None:
    names = ("SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT")

    alone = loaded(*names, place=tmp_path, env=IN_EARNEST)
    behind = loaded(*names, place=tmp_path, env={**IN_EARNEST, "BEHIND_PROXY": "1"})

    assert alone == {"SECURE_PROXY_SSL_HEADER": None, "ALLAUTH_TRUSTED_PROXY_COUNT": None}
    assert behind["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert behind["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


def test_passwords_are_kept_with_a_slow_hash(tmp_path: Path) -> None:
    found = loaded("PASSWORD_HASHERS", place=tmp_path, env=IN_EARNEST)

    assert found["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def test_I07_an_event_of_the_log_is_one_line(tmp_path: Path) -> None:
    code = (
        "import django, logging; django.setup();"
        "logging.getLogger('finsam').warning('rad 1\\nrad 2 \\x1b[31m %s', 'å')"
    )
    done = python("-c", code, place=tmp_path, env=IN_EARNEST)

    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["event"] == "rad 1\nrad 2 \x1b[31m å"
    assert "\x1b" not in lines[0]
