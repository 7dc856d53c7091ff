"""The lists of packages are compiled from pyproject.toml: pinned, with hashes, and in step."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BASE = settings.BASE_DIR
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^ ;]+)(?: ;[^\\]+)? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    text = (BASE / name).read_text(encoding="utf-8")
    found = dict(PIN.findall(text))
    lines = [line for line in text.splitlines() if line and line[0] not in "# "]
    assert len(lines) == len(found), "a line that is no pin"
    return found


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    text = (BASE / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)["project"]
    return found


def assert_pinned(wanted: list[str], found: dict[str, str]) -> None:
    for line in wanted:
        requirement = Requirement(line)
        version = found.get(canonicalize_name(requirement.name))
        assert version is not None, f"{line}: run make lock"
        assert requirement.specifier.contains(version), f"{line}, but {version}: run make lock"


def test_what_the_portal_needs_is_pinned(project: dict[str, Any]) -> None:
    assert_pinned(project["dependencies"], pins("requirements.txt"))


def test_what_the_tests_need_is_pinned(project: dict[str, Any]) -> None:
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]

    assert_pinned(wanted, pins("requirements-dev.txt"))


def test_the_tests_run_on_the_very_packages_of_the_portal() -> None:
    runtime, tests = pins("requirements.txt"), pins("requirements-dev.txt")

    assert {name: tests.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_known_by_its_hash(name: str) -> None:
    text = (BASE / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(blocks) == len(pins(name))
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_npm_packages_are_locked_with_their_hashes() -> None:
    lock = json.loads((BASE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert len(packages) >= 5
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
