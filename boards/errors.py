"""Refusals of the boards' rules; each names the section of law where there is one."""

from __future__ import annotations

from finsam.errors import DomainError


class MeetingRefusal(DomainError):
    """A rule of meetings refused something."""


class NotQuorate(MeetingRefusal):
    """Too few are present for the item (KL 6:27)."""
