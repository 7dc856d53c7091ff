"""Attestation of minutes: each on the same exact content; the last sets everything in motion."""

from __future__ import annotations

from django.db import transaction

from boards.after_attestation import set_in_motion
from boards.deadlines import notice_due
from boards.errors import MeetingRefusal
from boards.models import Attestation, Attester, Minutes, MinutesState, Notice
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record


def attest(*, minutes: Minutes, actor: User, password: str, seen_hash: str) -> Minutes:
    """Attest the minutes as one who was chosen, with re-entered credentials (KL 5:69).

    `seen_hash` is the hash of what the person read. Attesting again changes nothing; another
    content is a Conflict. When all have attested the minutes are final: outcomes become visible
    to the applicants, and letters, extracts and notices are promised.
    """
    with transaction.atomic():
        minutes = (
            Minutes.objects.select_for_update(of=("self",))
            .select_related("meeting__association", "meeting__body", "meeting__case")
            .get(pk=minutes.pk)
        )
        attester = _attester_of(minutes, actor)
        earlier = Attestation.objects.filter(attester=attester).first()
        if earlier is not None:
            _require_same_content(earlier.content_hash, seen_hash)
            return minutes
        _require_attestable(minutes, actor, password, seen_hash)
        attestation = Attestation.objects.create(
            minutes=minutes,
            attester=attester,
            user=actor,
            content_hash=minutes.content_hash,
            attested_at=clock.now(),
        )
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="minutes_attested_by",
            obj=attestation,
            case=minutes.meeting.case,
            payload={"content_hash": minutes.content_hash, "function": attester.function},
        )
        if minutes.attestations.count() == minutes.meeting.attesters.count():
            _finish(minutes, actor)
    return minutes


def _attester_of(minutes: Minutes, actor: User) -> Attester:
    found = minutes.meeting.attesters.filter(seat__user=actor).select_related("seat").first()
    if found is None:
        raise MeetingRefusal(
            "not_attester",
            "Bara mötets ordförande och de valda justerarna justerar protokollet.",
        )
    return found


def _require_attestable(minutes: Minutes, actor: User, password: str, seen_hash: str) -> None:
    if minutes.state != MinutesState.WITH_ATTESTERS:
        raise MeetingRefusal(
            "not_with_attesters", "Protokollet är inte skickat för justering än. Fråga kansliet."
        )
    if digest(minutes.content) != minutes.content_hash:
        raise MeetingRefusal(
            "content_broken",
            "Protokollets innehåll stämmer inte med sin kontrollsumma. Justera inte; kontakta "
            "kansliet.",
        )
    _require_same_content(minutes.content_hash, seen_hash)
    if not actor.check_password(password):
        raise MeetingRefusal("wrong_password", "Lösenordet stämmer inte. Försök igen.", "password")


def _require_same_content(content_hash: str, seen_hash: str) -> None:
    if seen_hash != content_hash:
        raise Conflict(
            "content_changed",
            "Det du läste är inte det protokoll som gäller nu. Läs det igen innan du justerar; "
            "inget har ändrats.",
        )


def _finish(minutes: Minutes, actor: User) -> None:
    """All have attested: the minutes are final (the database refuses changes from here on)."""
    minutes.state = MinutesState.ATTESTED
    minutes.attested_at = clock.now()
    minutes.save(update_fields=["state", "attested_at"])
    minutes.paragraphs.update(is_frozen=True)
    meeting = minutes.meeting
    record_event(
        association=meeting.association,
        actor=actor,
        action="minutes_attested",
        obj=minutes,
        case=meeting.case,
        payload={"content_hash": minutes.content_hash},
    )
    if meeting.case:
        register_record(
            case=meeting.case,
            direction=Direction.DRAWN_UP,
            subject=f"Justerat protokoll §§ {minutes.first_number}–{minutes.last_number}",
            actor=actor,
        )
    due = notice_due(clock.today())
    Notice.objects.bulk_create(
        Notice(minutes=minutes, notice_board=board, due_on=due)
        for board in meeting.association.notice_boards.all()
    )
    set_in_motion(minutes, actor)
