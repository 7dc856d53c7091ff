"""Immediate attestation: one paragraph is fixed, numbered and attested while the meeting goes on.

The paragraph then has its own document, notices and letters, and stands in the full minutes with
exactly the same text.
"""

from __future__ import annotations

from django.db import transaction

from boards.after_attestation import (
    announce,
    ask_to_attest,
    outcome_becomes_public,
    promise_paragraph,
)
from boards.attendance import presence
from boards.attestation import require_same_content
from boards.errors import MeetingRefusal
from boards.figures import note_paragraph, require_paragraph_current
from boards.locking import lock_meeting, require_ongoing
from boards.masked_minutes import promise_masked_copies
from boards.minutes import fresh_texts
from boards.minutes_content import fixed_content
from boards.models import (
    AgendaItem,
    AttestationFunction,
    BodyKind,
    ItemState,
    Meeting,
    Paragraph,
    ParagraphAttestation,
    Seat,
)
from boards.numbering import number_settled
from boards.quorum import Presence, presiding
from finsam import clock
from finsam.people.models import User
from finsam.people.password_again import confirm_password
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record


def attesters_of(
    item: AgendaItem, taken: Presence | None = None
) -> list[tuple[Seat, AttestationFunction]]:
    """Who attests an item at once: the one who led it, and the elected who took part in it.

    Somebody with a conflict of interest took no part, and so does not attest it alone. `taken` is
    given by one who has read who took part.
    """
    taken = taken or presence(item.meeting, item)
    leader = presiding(item.meeting, taken)
    if leader is None:
        return []
    elected = item.meeting.attesters.filter(function=AttestationFunction.ATTESTER)
    seats = [one.seat for one in elected.select_related("seat__user", "seat__member")]
    others = [seat for seat in seats if taken.serves(seat) and seat.pk != leader.pk]
    return [
        (leader, AttestationFunction.CHAIR),
        *((seat, AttestationFunction.ATTESTER) for seat in others),
    ]


def fix_paragraph(*, item: AgendaItem, actor: User, attester: Seat | None = None) -> Paragraph:
    """Fix the text of a settled item and hand it to those who attest it at once.

    It gets its §: the numbers of all that is settled so far are given, in the order taken.
    `attester` is chosen when none of the elected took part in the item. Fixed again nothing
    happens. Raises MeetingRefusal, and OutdatedFigures when its text was written by hand with a
    sum that is another now.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        found = Paragraph.objects.filter(item=item).select_related("minutes").first()
        if found is not None and found.is_fixed:
            return found
        meeting = require_ongoing(meeting, "Omedelbar justering görs medan mötet pågår.")
        item = AgendaItem.objects.select_related("application").get(pk=item.pk, meeting=meeting)
        item.meeting = meeting
        _require_settled(item)
        people = _with_chosen(item, attesters_of(item), attester)
        number_settled(meeting, actor)
        paragraph = (
            Paragraph.objects.select_for_update(of=("self",))
            .select_related("item__application__case", "minutes")
            .get(item=item)
        )
        paragraph.item = item
        if paragraph.is_edited:
            require_paragraph_current(paragraph)
        else:
            note_paragraph(paragraph)
        paragraph.texts = {**fresh_texts(paragraph), "immediate": True}
        paragraph.content = fixed_content(paragraph, people)
        paragraph.content_hash = digest(paragraph.content)
        paragraph.revision += 1
        paragraph.save(update_fields=["content", "texts", "content_hash", "revision"])
        ParagraphAttestation.objects.bulk_create(
            ParagraphAttestation(paragraph=paragraph, seat=seat, function=function)
            for seat, function in people
        )
        _record(paragraph, meeting, actor, "paragraph_fixed")
        for seat, _function in people:
            ask_to_attest(
                meeting=meeting,
                user=seat.user,
                event_key=f"attest-paragraph-{paragraph.pk}-{paragraph.content_hash[:16]}",
                what=f"§\u00a0{paragraph.number} {paragraph.heading}",
                path=f"/{meeting.association.slug}/moten/{meeting.pk}/arende/{item.pk}/omedelbar/",
            )
    return paragraph


def release_paragraph(*, paragraph: Paragraph, actor: User) -> Paragraph:
    """Open a fixed text again, to mend something, while nobody has attested it.

    The number stays. A paragraph that is never attested at once is attested with the minutes.
    """
    with transaction.atomic():
        meeting = lock_meeting(paragraph.minutes.meeting)
        paragraph = Paragraph.objects.select_for_update(of=("self",)).get(pk=paragraph.pk)
        if not paragraph.is_fixed:
            return paragraph
        if paragraph.attestations.exclude(attested_at=None).exists():
            raise MeetingRefusal(
                "already_attested",
                f"Någon har redan justerat §\u00a0{paragraph.number}. Skriv rättelsen som en egen "
                "paragraf.",
            )
        paragraph.attestations.all().delete()
        paragraph.content, paragraph.content_hash = None, ""
        paragraph.texts = {**paragraph.texts, "immediate": False}
        paragraph.revision += 1
        paragraph.save(update_fields=["content", "content_hash", "texts", "revision"])
        _record(paragraph, meeting, actor, "paragraph_released")
    return paragraph


def attest_paragraph(
    *, paragraph: Paragraph, actor: User, password: str, seen_hash: str
) -> Paragraph:
    """Attest one paragraph with re-entered credentials, on exactly what was read.

    When all have attested it is final: the outcome is visible, letters and notices are promised.
    Attested again nothing changes; another content is a Conflict. Raises OutdatedFigures when it
    shows a sum that has changed since.
    """
    with transaction.atomic():
        meeting = lock_meeting(paragraph.minutes.meeting)
        paragraph = (
            Paragraph.objects.select_for_update(of=("self",))
            .select_related("minutes", "item__application__case", "item__application__association")
            .get(pk=paragraph.pk)
        )
        paragraph.minutes.meeting = paragraph.item.meeting = meeting
        mine = paragraph.attestations.filter(seat__user=actor).first()
        if mine is None:
            raise MeetingRefusal(
                "not_attester",
                "Bara den som ledde ärendet och de valda justerarna justerar paragrafen.",
            )
        require_same_content(paragraph.content_hash, seen_hash)
        if mine.attested_at is not None:
            return paragraph
        require_paragraph_current(paragraph)
        confirm_password(person=actor, password=password)
        mine.user, mine.attested_at = actor, clock.now()
        mine.content_hash = paragraph.content_hash
        mine.save(update_fields=["user", "attested_at", "content_hash"])
        _record(paragraph, meeting, actor, "paragraph_attested_by", function=mine.function)
        if not paragraph.attestations.filter(attested_at=None).exists():
            _finish(paragraph, meeting, actor)
    return paragraph


def _finish(paragraph: Paragraph, meeting: Meeting, actor: User) -> None:
    """All have attested: the database refuses changes of the paragraph from here on."""
    paragraph.is_frozen, paragraph.attested_at = True, clock.now()
    paragraph.save(update_fields=["is_frozen", "attested_at"])
    _record(paragraph, meeting, actor, "paragraph_attested")
    if meeting.case:
        register_record(
            case=meeting.case,
            direction=Direction.DRAWN_UP,
            subject=f"Omedelbart justerad § {paragraph.number}",
            actor=actor,
        )
    announce(paragraph.minutes, paragraph)
    promise_paragraph(paragraph, actor)
    promise_masked_copies(paragraph.minutes, actor)
    if paragraph.item.concerns is not None:
        outcome_becomes_public(paragraph, actor)


def _require_settled(item: AgendaItem) -> None:
    if item.meeting.body.kind != BodyKind.BOARD:
        raise MeetingRefusal("only_the_board", "Bara styrelsens paragrafer justeras omedelbart.")
    if item.state != ItemState.DONE:
        raise MeetingRefusal(
            "not_decided", f"Fatta beslut i ”{item.title}” först; sedan kan paragrafen justeras."
        )


def _with_chosen(
    item: AgendaItem, people: list[tuple[Seat, AttestationFunction]], chosen: Seat | None
) -> list[tuple[Seat, AttestationFunction]]:
    """The attesters with the one who was chosen for this item alone, where that is needed."""
    if not item.meeting.attesters.exists():
        raise MeetingRefusal("no_attesters", "Välj justerare på mötet först.")
    if len(people) > 1:
        return people
    taken = presence(item.meeting, item)
    leader = people[0][0] if people else None
    if leader is None or chosen is None or chosen.pk == leader.pk or not taken.serves(chosen):
        raise MeetingRefusal(
            "attester_needed",
            "Ingen av de valda justerarna deltog i ärendet. Välj en annan av dem som deltog.",
            "attester",
        )
    return [*people, (chosen, AttestationFunction.ATTESTER)]


def _record(
    paragraph: Paragraph, meeting: Meeting, actor: User, action: str, **payload: object
) -> None:
    application = paragraph.item.concerns
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=paragraph,
        case=application.case if application else meeting.case,
        payload={
            "number": paragraph.number,
            "content_hash": paragraph.content_hash,
            **payload,
        },
    )
