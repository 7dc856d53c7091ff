"""What is written about the code by the code is what the code says today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

from applications.models import ApplicationState
from applications.transitions import TRANSITIONS

DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["lifecycle", "access"])
def test_the_reference_is_what_the_code_says(reference: ModuleType, name: str) -> None:
    written = (DOCS / f"{name}.md").read_text(encoding="utf-8")

    assert written == getattr(reference, name)(), "Run docs/make_reference.py and read what changed"


def test_the_picture_has_every_state_and_the_table_every_transition() -> None:
    text = (DOCS / "lifecycle.md").read_text(encoding="utf-8")

    for state in ApplicationState:
        assert f'state "{state.label}" as {state.value}' in text
    assert len(re.findall(r"^\| [A-ZÅÄÖ]", text, re.MULTILINE)) == len(TRANSITIONS) + 1


def test_every_link_and_picture_of_the_readme_leads_to_a_file() -> None:
    readme = (Path(settings.BASE_DIR) / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)", readme)

    assert len(links) >= 10
    missing = [link for link in links if not (Path(settings.BASE_DIR) / link).exists()]
    assert missing == []


def test_the_pictures_are_light() -> None:
    pictures = sorted((DOCS / "pictures").glob("*.png"))

    assert 6 <= len(pictures) <= 9
    assert [picture.name for picture in pictures if picture.stat().st_size > 200 * 1024] == []
