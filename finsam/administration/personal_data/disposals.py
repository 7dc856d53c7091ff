"""What may be erased: notices, private notes and the like. The public record is no part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from finsam.associations.models import Association
from finsam.messages.models import Message, Participant
from finsam.people.models import User

Rows = Callable[[Association], "QuerySet[Any]"]
Act = Callable[["QuerySet[Any]"], int]


@dataclass(frozen=True)
class Disposal:
    """A kind of row that is no public record: which, whose, how old, and what is done with it."""

    label: str
    measure: str
    rows: Rows
    owner: str
    day: str
    act: Act

    def of_person(self, association: Association, user: User) -> QuerySet[Any]:
        """The association's rows that are the person's."""
        return self.rows(association).filter(**{self.owner: user})

    def before(self, association: Association, moment: datetime) -> QuerySet[Any]:
        """The association's rows from before a moment; none of a kind that has no day."""
        if not self.day:
            return self.rows(association).none()
        return self.rows(association).filter(**{f"{self.day}__lt": moment})


_disposals: list[Disposal] = []


def dispose_of(disposal: Disposal) -> None:
    """Let an upper floor say what of its own may be erased."""
    if disposal not in _disposals:
        _disposals.append(disposal)


def disposals() -> list[Disposal]:
    return list(_disposals)


def delete_rows(rows: QuerySet[Any]) -> int:
    """Delete the rows; how many they were."""
    return rows.delete()[0]


def _notices(association: Association) -> QuerySet[Message]:
    """Mail that was sent about no case: what belongs to one is kept with it."""
    sent = Message.objects.filter(association=association, case=None, sent_at__isnull=False)
    return sent.exclude(body="")


def _empty_notices(rows: QuerySet[Message]) -> int:
    """Take out what the mail said, not that it was sent: one that is gone could be sent again."""
    return rows.update(subject="Gallrat", body="", calendar=None)


def _reading(association: Association) -> QuerySet[Participant]:
    return Participant.objects.filter(thread__association=association, seen_post__isnull=False)


dispose_of(Disposal("Aviseringar", "Tömda", _notices, "recipient", "sent_at", _empty_notices))
dispose_of(
    Disposal(
        "Hur långt konversationer har lästs", "Borttaget", _reading, "user", "",
        lambda rows: rows.update(seen_post=None),
    )
)  # fmt: skip
