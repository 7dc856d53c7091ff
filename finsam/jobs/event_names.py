"""What the list of events calls what is done to background work."""

from __future__ import annotations

from finsam.registry.wording import name_actions

name_actions({"job_retried": "Bakgrundsarbete försökt igen"})
