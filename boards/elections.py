"""Elections: by acclamation or closed ballot, and by lot when the votes are equal (KL 5:53–56)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from boards.attendance import require_quorum
from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting, require_ongoing
from boards.models import AgendaItem, BodyKind, Decision, ItemKind, Nomination, Outcome
from boards.quorum import Presence
from boards.sitting import settle, settled_before
from finsam.people.models import User
from finsam.typography import enumerate_words


@dataclass(frozen=True)
class Nominee:
    """One who is proposed; `votes` is None when nobody asked for a ballot."""

    name: str
    votes: int | None = None
    drawn: bool = False


@dataclass(frozen=True)
class Result:
    """Who is elected to the places, and who of them by lot."""

    elected: tuple[str, ...]
    by_lot: tuple[str, ...]


def elect(
    *, item: AgendaItem, task: str, nominees: Sequence[Nominee], places: int, actor: User
) -> Decision:
    """Record an election to `task`; pressed twice it happens once.

    Without votes there are as many proposed as places. With votes the most votes win; where they
    are equal at the last place a lot decides, and `drawn` says on whom it fell: the chair has no
    casting vote in elections (KL 5:55). Raises NotQuorate and MeetingRefusal.
    """
    nominees = [Nominee(" ".join(n.name.split()), n.votes, n.drawn) for n in nominees]
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        item = lock_item(item)
        result = _result_of(task, nominees, places)
        clauses = [f"utse {enumerate_words(list(result.elected))} till {task.strip().rstrip('.')}"]
        earlier = settled_before(item, Outcome.ELECTED, clauses)
        if earlier is not None:
            return earlier
        meeting = require_ongoing(meeting)
        if meeting.body.kind != BodyKind.BOARD or item.kind != ItemKind.DECISION:
            raise MeetingRefusal("not_an_election", "I det här ärendet förrättas inget val.")
        if item.concerns is not None:
            raise MeetingRefusal("not_an_election", "En ansökan avgörs med beslut, inte med val.")
        present = require_quorum(meeting, item)
        _require_ballot(present, nominees)
        Nomination.objects.bulk_create(
            Nomination(
                item=item,
                name=one.name[:120],
                votes=one.votes,
                is_elected=one.name in result.elected,
                by_lot=one.name in result.by_lot,
            )
            for one in nominees
        )
        return settle(
            item=item,
            actor=actor,
            present=present,
            outcome=Outcome.ELECTED,
            clauses=clauses,
            proposition_order=_told(nominees, result),
        )


def result(nominees: Sequence[Nominee], places: int) -> Result:
    """Who is elected: the most votes, and by lot among equals at the last place.

    Raises MeetingRefusal when a lot is needed and does not say enough, or says too much.
    """
    ranked = sorted(nominees, key=lambda one: -(one.votes or 0))
    last = ranked[places - 1].votes or 0
    safe = tuple(one.name for one in ranked if (one.votes or 0) > last)
    equal = [one for one in ranked if (one.votes or 0) == last]
    left = places - len(safe)
    if left == len(equal):
        if any(one.drawn for one in nominees):
            raise MeetingRefusal("no_lot_needed", "Rösterna avgör, så ingen lott behövs.")
        return Result((*safe, *(one.name for one in equal)), ())
    drawn = tuple(one.name for one in equal if one.drawn)
    if len(drawn) != left or any(one.drawn for one in nominees if one not in equal):
        names = enumerate_words([one.name for one in equal])
        raise MeetingRefusal(
            "lot_needed",
            f"{names} har lika många röster. Valet avgörs genom lottning (5 kap. 55 § "
            f"kommunallagen): markera {left} som lotten föll på.",
        )
    return Result((*safe, *drawn), drawn)


def _result_of(task: str, nominees: Sequence[Nominee], places: int) -> Result:
    if not task.strip():
        raise MeetingRefusal("task_missing", "Skriv vad valet gäller.", "task")
    names = [one.name for one in nominees]
    if not names or not all(names):
        raise MeetingRefusal("nobody_proposed", "Skriv vem som föreslås.")
    if len({name.casefold() for name in names}) < len(names):
        raise MeetingRefusal("proposed_twice", "Samma namn står två gånger.")
    if not 1 <= places <= len(names):
        raise MeetingRefusal(
            "too_many_places", "Fler ska väljas än de som är föreslagna.", "places"
        )
    if any((one.votes is None) != (nominees[0].votes is None) for one in nominees):
        raise MeetingRefusal("votes_missing", "Skriv rösterna för alla som är föreslagna.")
    if nominees[0].votes is None and len(names) != places:
        raise MeetingRefusal(
            "ballot_needed",
            "Fler är föreslagna än som ska väljas. Skriv hur många röster var och en fick.",
        )
    return result(nominees, places)


def _require_ballot(present: Presence, nominees: Sequence[Nominee]) -> None:
    given = sum(one.votes or 0 for one in nominees)
    if given > len(present.serving):
        raise MeetingRefusal(
            "too_many_votes",
            f"{given} röster är fler än de {len(present.serving)} som tjänstgör.",
        )


def _told(nominees: Sequence[Nominee], found: Result) -> str:
    """How it went, for the minutes."""
    if nominees[0].votes is None:
        return ""
    votes = enumerate_words([f"{one.name} {one.votes}" for one in nominees])
    text = f"Valet sker med slutna sedlar. Röster: {votes}."
    if found.by_lot:
        text += f" Rösterna är lika och lotten faller på {enumerate_words(list(found.by_lot))}."
    return text
