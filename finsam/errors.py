"""The domain's own errors: each carries a sentence that tells the user what to do."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the domain refused something.

    `code` is for programs and tests, `message` is the Swedish sentence that the user reads,
    `field` names the form field at fault, if one is.
    """

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The person may not do this."""


class NotPossible(DomainError):
    """The thing is not in a state where this can be done."""


class Conflict(DomainError):
    """Somebody else changed the thing in between."""
