"""Lets a test kill the process at a named step of a job, as a power cut would."""

from __future__ import annotations

import os
import signal

from django.conf import settings


def fault(step: str) -> None:
    """Die here if the environment says FINSAM_FAULT=step; never outside development and tests."""
    allowed = getattr(settings, "FAULT_INJECTION", settings.DEBUG)
    if allowed and os.environ.get("FINSAM_FAULT") == step:
        os.kill(os.getpid(), signal.SIGKILL)
