"""Throwing away what was never handed in, and taking it back within some days.

A draft is the applicant's own space: nobody else learns that it was there, before or after.
Nothing is erased by the click; the draft is only out of the way, and the events are kept.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from applications.drafting import begun_by, lock_for_writing
from applications.ideas import lock_idea
from applications.models import Application, IdeaSketch, IdeaState
from applications.parties import check_speaks_for
from applications.voiding import void_signatures
from finsam import clock, typography
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.events import record_event

KEPT_DAYS = 30


def kept_until(discarded_at: datetime) -> date:
    """The last day on which what was thrown away can be taken back."""
    return clock.stockholm(discarded_at).date() + timedelta(days=KEPT_DAYS)


def kept_since() -> datetime:
    """What was thrown away by this moment can no longer be taken back."""
    return clock.end_of_day(clock.today() - timedelta(days=KEPT_DAYS + 1))


def discard_application(*, application: Application, actor: User) -> Application:
    """Throw a draft away; signatures fall, the sketch it began from is free again.

    Writes `application_discarded`. Only who speaks for the lead party may. Thrown away twice, it
    happens once. Raises NotAllowed, and NotPossible for what has been handed in.
    """
    with transaction.atomic():
        locked = _lock(application, actor)
        if locked.discarded_at is not None:
            return locked
        void_signatures(application=locked, actor=actor, reason="Utkastet slängdes.")
        _free_idea(locked)
        locked.discarded_at = clock.now()
        locked.save(update_fields=["discarded_at", "idea"])
        _event(locked, actor, "application_discarded")
    return locked


def restore_application(*, application: Application, actor: User) -> Application:
    """Take a draft back, within thirty days; writes `application_restored`. Twice is harmless."""
    with transaction.atomic():
        locked = _lock(application, actor)
        if locked.discarded_at is None:
            return locked
        _check_kept(locked.discarded_at)
        lead = locked.parties.get(is_lead=True)
        if locked.round.invited_only and begun_by(locked.round, lead.member).exists():
            raise NotPossible(
                "already_begun",
                f"{lead.name} har börjat på en ny ansökan i {locked.round.name}, och där kan varje "
                "part ha en. Släng den nya först om det är den här ni vill ha.",
            )
        locked.discarded_at = None
        locked.save(update_fields=["discarded_at"])
        _event(locked, actor, "application_restored")
    return locked


def discard_idea(*, idea: IdeaSketch, actor: User) -> IdeaSketch:
    """Throw a sketch away that has not been sent; writes `idea_discarded`. Twice is harmless."""
    with transaction.atomic():
        locked = lock_idea(idea, actor, even_discarded=True)
        if locked.discarded_at is None:
            locked.discarded_at = clock.now()
            locked.save(update_fields=["discarded_at"])
            _event(locked, actor, "idea_discarded")
    return locked


def restore_idea(*, idea: IdeaSketch, actor: User) -> IdeaSketch:
    """Take a sketch back, within thirty days; writes `idea_restored`. Twice is harmless."""
    with transaction.atomic():
        locked = lock_idea(idea, actor, even_discarded=True)
        if locked.discarded_at is not None:
            _check_kept(locked.discarded_at)
            locked.discarded_at = None
            locked.save(update_fields=["discarded_at"])
            _event(locked, actor, "idea_restored")
    return locked


def _lock(application: Application, actor: User) -> Application:
    """The draft, locked; thrown away or not."""
    locked = lock_for_writing(application, actor, even_discarded=True)
    lead = locked.parties.select_related("application__association").get(is_lead=True)
    check_speaks_for(lead, actor, "slänga utkastet eller ta tillbaka det")
    return locked


def _check_kept(discarded_at: datetime) -> None:
    last = kept_until(discarded_at)
    if clock.today() > last:
        raise NotPossible(
            "too_late_to_restore",
            f"Utkastet gick att ta tillbaka till och med {typography.date_long(last)}.",
        )


def _free_idea(application: Application) -> None:
    """The sketch can become another application."""
    idea = application.idea
    if idea is None:
        return
    idea.state = IdeaState.ANSWERED if idea.answered_at else IdeaState.SENT
    idea.save(update_fields=["state"])
    application.idea = None


def _event(thing: Application | IdeaSketch, actor: User, action: str) -> None:
    record_event(
        association=thing.association,
        actor=actor,
        action=action,
        obj=thing,
        payload={"title": thing.title},
    )
