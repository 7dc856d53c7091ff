"""The corpus of hostile files and a real virus scanner, each started once per run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT.parent / "shared" / "hostile"
SAMPLES = ROOT.parent / "shared" / "samples"
START_SECONDS = 20


def needed(path: Path) -> Path:
    """A path outside the repository; without it the test is skipped, in CI it fails."""
    if path.exists():
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{path} is needed in CI")
    pytest.skip(f"{path} is not here")


@dataclass(frozen=True)
class Corpus:
    """The files with the verdicts they must get."""

    folder: Path
    files: list[dict[str, Any]]

    def data(self, file: dict[str, Any]) -> bytes:
        return Path(self.folder, file["file"]).read_bytes()

    def of(self, name: str) -> bytes:
        return next(self.data(file) for file in self.files if file["id"] == name)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    script = needed(HOSTILE / "make_corpus.py")
    folder = tmp_path_factory.mktemp("corpus")
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    return Corpus(folder, json.loads((folder / "manifest.json").read_text())["files"])


@pytest.fixture(scope="session")
def judged(corpus: Corpus) -> dict[str, Any]:
    """What the guard says of the whole corpus, and what that took (see judge.py)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.judge", str(corpus.folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real clamd that knows one signature of ours; needs no internet."""
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("clamd is not installed (Debian package clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    shutil.copy(needed(HOSTILE / "clamav-test.ndb"), folder)
    settings = folder / "clamd.conf"
    settings.write_text(
        f"Foreground yes\nLocalSocket {folder}/socket\nDatabaseDirectory {folder}\n"
        f"TemporaryDirectory {folder}\nLogFile {folder}/log\n"
    )
    with subprocess.Popen(
        [program, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until = time.monotonic() + START_SECONDS
        while not (folder / "socket").exists():
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                pytest.fail((folder / "log").read_text()[-2_000:])
            time.sleep(0.1)
        yield f"unix://{folder}/socket"
        process.terminate()
