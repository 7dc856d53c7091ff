"""Judges every file of a folder as the portal would, and measures what that took.

Run in a process of its own, so that what it measures is the guard's alone:
`python -m tests.hostile.judge FOLDER` prints JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from finsam.documents.guard import inspect


def judge(folder: Path) -> dict[str, Any]:
    before = memory()
    return {
        "verdicts": {
            file["id"]: judged((folder / file["file"]).read_bytes(), file["upload_name"])
            for file in json.loads((folder / "manifest.json").read_text())["files"]
        },
        "own_growth_megabytes": (memory() - before) / 1024,
        "child_peak_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def judged(data: bytes, name: str) -> dict[str, Any]:
    begun = time.monotonic()
    verdict = inspect(data, name, purpose="annex")
    return {
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "message": verdict.message,
        "accepted": verdict.accepted,
        "media_type": verdict.media_type,
        "warnings": [noted.code for noted in verdict.warnings],
        "care": list(verdict.care),
        "seconds": time.monotonic() - begun,
    }


def memory() -> int:
    """The largest this process has been so far, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1]))))
