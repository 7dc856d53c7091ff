"""Found at start-up by workers that tests start: the kinds of document that only tests make."""

from __future__ import annotations

from tests.documents import kinds, packet_kind

__all__ = ["kinds", "packet_kind"]
