"""Jobs for the races: each makes one file and one event, as a document's job does."""

from __future__ import annotations

import ctypes
import hashlib
import os
import random
import time
from pathlib import Path

from django.conf import settings

from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job
from finsam.registry.events import record_event

FOLDER = Path(settings.VAR) / "trial"
KINDS = ("receipt", "memo", "agenda", "packet", "minutes")


def content_of(kind: str, number: int) -> bytes:
    """What the file must hold, for the test to compare with."""
    return f"{kind} {number}\n".encode() * (500 + number)


def make_file(job: Job, report: Report) -> Finish:
    """Write a temporary file, rename it, and promise the event for the last transaction."""
    if job.attempts == 1:
        time.sleep(random.uniform(0.5, 1) * job.arguments["milliseconds"] / 1_000)
    report(50, "Skriver filen")
    data = content_of(job.kind, job.arguments["number"])
    sha256 = hashlib.sha256(data).hexdigest()
    path = FOLDER / sha256
    part = path.with_suffix(f".{os.getpid()}.tmp")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

    def finish() -> None:
        record_event(
            association=job.association,
            actor=None,
            action="made",
            obj=job,
            payload={"sha256": sha256, "path": str(path), "attempt": job.attempts},
        )

    return finish


def raise_always(job: Job, report: Report) -> Finish:
    raise ValueError("always")


def crash_always(job: Job, report: Report) -> Finish:
    ctypes.string_at(0)
    raise AssertionError("not reached")


def take_all_memory(job: Job, report: Report) -> Finish:
    hoard = [bytearray(50_000_000) for _ in range(1_000)]
    raise AssertionError(len(hoard))


for _kind in KINDS:
    handler(_kind)(make_file)
handler("raises")(raise_always)
handler("crashes")(crash_always)
handler("hoards")(take_all_memory)
