"""Announcing attested minutes on each notice board, and when decisions gain legal force."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from boards.announcements import legal_force_of, promise_proof
from boards.deadlines import appeal_ends
from boards.errors import MeetingRefusal
from boards.masked_minutes import promise_masked_copies
from boards.models import Minutes, Notice, Paragraph
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import date_long

AROUND = (
    "minutes__meeting__association",
    "minutes__meeting__case",
    "minutes__meeting__body",
    "paragraph",
    "notice_board",
)


def post_notice(*, notice: Notice, posted_on: date, actor: User) -> Notice:
    """Note the day a notice board announced the attestation (KL 8:12); twice it is one."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",)).select_related(*AROUND).get(pk=notice.pk)
        )
        if notice.posted_on == posted_on:
            return notice
        if notice.posted_on is not None:
            raise MeetingRefusal(
                "already_posted",
                f"{notice.notice_board} har redan anslagit den {date_long(notice.posted_on)}.",
            )
        attested = notice.attested_at
        if (
            attested is None
            or posted_on < clock.stockholm(attested).date()
            or posted_on > clock.today()
        ):
            raise MeetingRefusal(
                "posting_day",
                "Dagen ska ligga mellan justeringen och i dag.",
                "posted_on",
            )
        notice.posted_on = posted_on
        notice.remove_after = appeal_ends(posted_on)
        notice.recorded_by = actor
        notice.save(update_fields=["posted_on", "remove_after", "recorded_by"])
        _record(notice, actor, "notice_posted", on=posted_on.isoformat())
        promise_proof(notice, actor)
        promise_masked_copies(notice.minutes, actor)
    return notice


def remove_notice(*, notice: Notice, removed_on: date, actor: User) -> Notice:
    """Note the day a notice was taken down: after the appeal time, never before (KL 8:12)."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",)).select_related(*AROUND).get(pk=notice.pk)
        )
        if notice.removed_on == removed_on:
            return notice
        if (
            notice.remove_after is None
            or removed_on <= notice.remove_after
            or removed_on > clock.today()
        ):
            until = (
                f" till och med den {date_long(notice.remove_after)}" if notice.remove_after else ""
            )
            raise MeetingRefusal(
                "removed_too_early",
                f"Anslaget ska sitta uppe hela överklagandetiden{until} (8 kap. 12 § "
                "kommunallagen).",
                "removed_on",
            )
        notice.removed_on = removed_on
        notice.recorded_by = actor
        notice.save(update_fields=["removed_on", "recorded_by"])
        _record(notice, actor, "notice_removed", on=removed_on.isoformat())
        promise_proof(notice, actor)
    return notice


def legal_force_date(minutes: Minutes, paragraph: Paragraph | None = None) -> date | None:
    """The day the decisions have legal force, from the latest posting; None until all are up.

    A paragraph that was attested by itself has its own postings and so its own day.
    """
    return legal_force_of(list(minutes.notices.filter(paragraph=paragraph)))


def _record(notice: Notice, actor: User, action: str, **payload: object) -> None:
    meeting = notice.minutes.meeting
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=notice,
        case=meeting.case,
        payload={"board": notice.notice_board.name, **payload},
    )
