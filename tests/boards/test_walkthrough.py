"""The whole way of the five applications, by the command, with a real worker and real files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

STEPS = (
    "Programmet läses in",
    "Mallen föreslås",
    "Ägarna kommenterar",
    "Mallen fastställs",
    "En idéskiss skrivs",
    "Kansliet svarar",
    "Parterna skriver under",
    "Kansliet granskar",
    "återsänds för komplettering",
    "Styrelsen kallas",
    "Beslutspaketet",
    "Styrelsen sammanträder",
    "Protokollet justeras",
    "anslås",
    "De sökande har fått sina beslut",
)
KINDS = ("Kvittens", "Beslutsunderlag", "Kallelse", "Beslutspaket", "Protokoll")


@pytest.mark.slow
def test_the_walkthrough_takes_all_five_to_attested_minutes(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "VAR_DIR": str(tmp_path / "own"),
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    for name in ("STORAGE_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "SITE_URL"):
        environment.pop(name, None)
    out = tmp_path / "out"

    done = subprocess.run(
        [sys.executable, "manage.py", "walkthrough", "--json", "--out", str(out)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["ok"], told["broken"]) == (True, "")
    assert told["checks"] == {
        "verify_ledger": True, "verify_events": True, "verify_documents": True,
    }  # fmt: skip
    names = [step["step"] for step in told["steps"]]
    assert [start for start in STEPS if not any(start in name for name in names)] == []
    assert_within_the_frame(told["steps"])
    made = [name for step in told["steps"] for name in step["documents"]]
    assert [kind for kind in KINDS if not any(name.startswith(kind) for name in made)] == []
    assert len(list((out / "files").rglob("*"))) > len(made)


def assert_within_the_frame(steps: list[dict[str, Any]]) -> None:
    """What was sought is refused with what is left; what was granted is not above the frame."""
    notes = [note.replace("\u00a0", " ") for step in steps for note in step["notes"]]
    sought = [int(kronor(note)) for note in notes if re.search(r", sökt [\d ]+kr$", note)]
    assert len(sought) == 5
    assert sum(sought) == 9_450_000
    (granted,) = [note for note in notes if note.startswith("Beviljat ")]
    amount, frame = (int(found.replace(" ", "")) for found in re.findall(r"([\d ]+) kr", granted))
    assert (frame, amount <= frame, amount > 0) == (9_000_000, True, True)
    assert any(note.startswith("Att bevilja allt vägras") for note in notes)


def kronor(note: str) -> str:
    return str(re.findall(r"sökt ([\d ]+)kr", note)[0].replace(" ", ""))
