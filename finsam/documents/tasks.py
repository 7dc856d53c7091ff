"""The handlers of this floor's jobs, found at start-up."""

from __future__ import annotations

from finsam.documents import archiving, making, previews, upkeep
from finsam.documents.external_signing import looking

__all__ = ["archiving", "looking", "making", "previews", "upkeep"]
