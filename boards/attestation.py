"""Attestation of minutes: each on the same exact content; the last sets everything in motion."""

from __future__ import annotations

from django.db import transaction

from boards.after_attestation import (
    announce,
    ask_to_attest,
    promise_minutes,
    set_in_motion,
    tell_secretary,
)
from boards.errors import MeetingRefusal
from boards.figures import require_minutes_current
from boards.minutes import send_to_attesters
from boards.models import Attestation, AttestationRemark, Attester, Minutes, MinutesState
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.people.password_again import confirm_password
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import storable


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
        if attester.attestations.filter(content_hash=minutes.content_hash).exists():
            require_same_content(minutes.content_hash, seen_hash)
            return minutes
        _require_attestable(minutes, actor, password, seen_hash)
        require_minutes_current(minutes)
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
        valid = minutes.attestations.filter(content_hash=minutes.content_hash)
        if valid.count() == minutes.meeting.attesters.count():
            _finish(minutes, actor)
    return minutes


def hand_to_attesters(*, minutes: Minutes, actor: User) -> Minutes:
    """Send the minutes to those who attest: frozen, made as a document, and a mail to each."""
    with transaction.atomic():
        sent = send_to_attesters(minutes=minutes, actor=actor)
        promise_minutes(sent, actor)
        meeting = sent.meeting
        for one in meeting.attesters.select_related("seat__user"):
            ask_to_attest(
                meeting=meeting,
                user=one.seat.user,
                event_key=f"attest-{sent.pk}-{sent.revision}-{sent.content_hash[:16]}",
                what="protokollet",
                path=f"/{meeting.association.slug}/moten/{meeting.pk}/protokoll/",
            )
    return sent


def send_back(*, minutes: Minutes, actor: User, remark: str, seen_hash: str) -> Minutes:
    """An attester sends the minutes back with what should be mended; they are a draft again.

    Attestations of the old content then count no longer. Sent back again with the same words
    nothing happens; when the content has changed it is a Conflict.
    """
    said = storable(remark)
    if not said:
        raise MeetingRefusal("remark_empty", "Skriv vad som behöver ändras.", "remark")
    with transaction.atomic():
        minutes = (
            Minutes.objects.select_for_update(of=("self",))
            .select_related("meeting__association", "meeting__body", "meeting__case")
            .select_related("meeting__secretary")
            .get(pk=minutes.pk)
        )
        attester = _attester_of(minutes, actor)
        about = {"minutes": minutes, "attester": attester, "content_hash": seen_hash}
        if AttestationRemark.objects.filter(**about, text=said).exists():
            return minutes
        if minutes.state != MinutesState.WITH_ATTESTERS:
            raise MeetingRefusal(
                "not_with_attesters",
                f"Protokollet har läget ”{minutes.get_state_display()}” och kan inte skickas "
                "tillbaka.",
            )
        require_same_content(minutes.content_hash, seen_hash)
        note = AttestationRemark.objects.create(
            **about, user=actor, text=said, sent_back_at=clock.now()
        )
        minutes.state = MinutesState.DRAFT
        minutes.revision += 1
        minutes.save(update_fields=["state", "revision"])
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="minutes_sent_back",
            obj=note,
            case=minutes.meeting.case,
            payload={"content_hash": seen_hash, "remark": said},
        )
        tell_secretary(minutes, note)
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
    require_same_content(minutes.content_hash, seen_hash)
    confirm_password(person=actor, password=password)


def require_same_content(content_hash: str, seen_hash: str) -> None:
    """Raise Conflict unless what was read is what stands now."""
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
    minutes.paragraphs.filter(is_frozen=False).update(is_frozen=True)
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
    announce(minutes)
    set_in_motion(minutes, actor)
