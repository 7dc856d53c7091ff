"""The handlers of this floor's jobs, found at start-up."""

from __future__ import annotations

from finsam.documents import archiving, making, upkeep

__all__ = ["archiving", "making", "upkeep"]
