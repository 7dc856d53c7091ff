"""What follows by itself when minutes are attested: outcomes shown, letters and mails promised."""

from __future__ import annotations

from boards.models import Decision, Minutes, Paragraph
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event


def set_in_motion(minutes: Minutes, actor: User) -> None:
    """Make outcomes visible to the applicants and promise what is due; in the caller's transaction."""
    promise_minutes(minutes, actor)
    for paragraph in decided_paragraphs(minutes):
        application = paragraph.item.application
        assert application is not None
        application.outcome_public_at = clock.now()
        application.save(update_fields=["outcome_public_at"])
        record_event(
            association=application.association,
            actor=actor,
            action="outcome_published",
            obj=application,
            case=application.case,
            payload={"paragraph": paragraph.number, "outcome": outcome_of(paragraph).outcome},
        )
        promise_letter(paragraph, actor)


def decided_paragraphs(minutes: Minutes) -> list[Paragraph]:
    """The paragraphs that decided an application."""
    return list(
        minutes.paragraphs.filter(item__application__isnull=False, item__decision__isnull=False)
        .select_related(
            "item__application__association",
            "item__application__case",
            "item__decision",
            "minutes__meeting__body",
        )
        .order_by("number")
    )


def outcome_of(paragraph: Paragraph) -> Decision:
    return paragraph.item.decision


def promise_minutes(minutes: Minutes, actor: User) -> None:
    """Promise the attested minutes as a document."""


def promise_letter(paragraph: Paragraph, actor: User) -> None:
    """Promise the decision letter and the mail that brings it."""
