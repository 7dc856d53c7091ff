"""The guard: what a file that somebody sends really is, and whether the portal takes it.

`inspect` is the door. What must open the file runs in a child process (`content`), which does
without Django; the rest are pure functions over bytes and names.
"""

from __future__ import annotations

from finsam.documents.guard.inspection import inspect
from finsam.documents.guard.purposes import PURPOSES, Purpose
from finsam.documents.guard.verdict import Decision, Remark, Verdict

__all__ = ["PURPOSES", "Decision", "Purpose", "Remark", "Verdict", "inspect"]
