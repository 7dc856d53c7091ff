"""What two at the office see one after the other: who may, who is another, and what came again."""

from __future__ import annotations

from finsam.associations.models import Association
from finsam.errors import Conflict, NotAllowed
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User


def require_office(association: Association, actor: User, sentence: str) -> None:
    """Raises NotAllowed, saying `sentence`, for who is not of the office."""
    if not visitor_for(association, actor).has(*OFFICE):
        raise NotAllowed("role_missing", sentence)


def require_another(first: int | None, actor: User, sentence: str) -> None:
    """Raises NotAllowed, saying `sentence`, when the second pair of eyes is the first's own."""
    if first == actor.pk:
        raise NotAllowed("same_person", sentence)


def require_same(there: object, said: object, what: str) -> None:
    """Raises Conflict when a form that was sent before comes again with other content."""
    if there != said:
        raise Conflict(
            "reused_key",
            f"{what} från det här formuläret, med andra uppgifter. Öppna sidan på nytt.",
        )
