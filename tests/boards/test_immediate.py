"""Immediate attestation: fixed, numbered and attested in the meeting, the same in the minutes."""

from __future__ import annotations

import json

import pytest
from django.template.loader import render_to_string

from boards.attestation import attest
from boards.decisions import record_decision
from boards.errors import MeetingRefusal
from boards.immediate import attest_paragraph, attesters_of, fix_paragraph, release_paragraph
from boards.minutes import close_meeting, edit_paragraph, send_to_attesters
from boards.models import (
    AgendaItem,
    Minutes,
    Notice,
    Outcome,
    Paragraph,
    ParagraphAttestation,
)
from boards.notices import legal_force_date, post_notice
from boards.recusals import declare_recusal
from boards.sitting import announce_dissent
from finsam import clock
from finsam.associations.models import NoticeBoard
from finsam.documents.models import DocumentSeries
from finsam.errors import DomainError
from finsam.messages.models import Message
from finsam.registry.canonical import canonical, digest
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def decided(item, director):
    make.grant_as_proposed(item, director)
    item.refresh_from_db()
    return item


@kept
def fixed(decided, director):
    return fix_paragraph(item=decided, actor=director)


def people(paragraph):
    rows = paragraph.attestations.select_related("seat__user")
    return [one.seat.user for one in rows]


def attest_as(user, paragraph, **changes):
    said = {"password": make.PASSWORD, "seen_hash": paragraph.content_hash, **changes}
    return attest_paragraph(paragraph=paragraph, actor=user, **said)


def attest_all(paragraph):
    for user in people(paragraph):
        attest_as(user, paragraph)
    paragraph.refresh_from_db()
    return paragraph


def end(meeting, director):
    make.settle_formal(meeting, director, closing=True)
    return close_meeting(meeting=meeting, actor=director)


# --- numbers ----------------------------------------------------------------------------------


def test_the_paragraph_gets_its_number_in_the_order_taken(fixed, meeting, director):
    """The four formal items before it are numbered with it; the rest follow at the closing."""
    assert fixed.number == 5
    assert list(Paragraph.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    attest_all(fixed)
    minutes = end(meeting, director)
    rows = minutes.paragraphs.values_list("number", "item__taken_order")
    assert list(rows) == [(n, n) for n in range(1, minutes.last_number + 1)]
    assert (minutes.first_number, minutes.last_number) == (1, 6)


def test_numbers_stay_gap_free_when_another_meeting_closes_in_between(
    fixed, meeting, board, director
):
    other = make.make_closed(make.make_meeting(board, director), director)
    attest_all(fixed)
    minutes = end(meeting, director)

    taken = list(minutes.paragraphs.values_list("number", flat=True))
    between = list(other.paragraphs.values_list("number", flat=True))
    assert taken == [1, 2, 3, 4, 5, between[-1] + 1]
    assert sorted(taken + between) == list(range(1, len(taken + between) + 1))


def test_D01_fixed_twice_is_fixed_once(fixed, decided, director):
    events = Event.objects.count()
    assert fix_paragraph(item=decided, actor=director) == fixed
    assert (Event.objects.count(), ParagraphAttestation.objects.count()) == (events, 2)


# --- the text ---------------------------------------------------------------------------------


def test_the_text_is_byte_for_byte_the_same_in_the_full_minutes(fixed, meeting, director):
    attest_all(fixed)
    alone = fixed.content["paragraph"]
    sent = send_to_attesters(minutes=end(meeting, director), actor=director)
    in_minutes = next(one for one in sent.content["paragraphs"] if one["number"] == 5)

    def as_bytes(said):
        return json.dumps(canonical(said), sort_keys=True, ensure_ascii=False).encode()

    def as_html(said):
        template = "documents/components/paragraph.html"
        return render_to_string(template, {"paragraph": said}).encode()

    assert as_bytes(alone) == as_bytes(in_minutes)
    assert as_html(alone) == as_html(in_minutes)
    assert "Paragrafen förklaras omedelbart justerad." in as_html(alone).decode()


def test_only_what_was_attested_at_once_says_so(item, frame, meeting, director):
    """The board decided on it, but nobody did it: then the minutes do not claim it."""
    record_decision(
        item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=director,
        immediate_attestation=True,
    )  # fmt: skip
    minutes = end(meeting, director)
    assert [one.texts["immediate"] for one in minutes.paragraphs.all()] == [False] * 6


def test_a_fixed_text_is_not_edited(fixed, director):
    with pytest.raises(MeetingRefusal) as refusal:
        edit_paragraph(
            paragraph=fixed, texts={"note": "x"}, expected_revision=fixed.revision, actor=director
        )
    assert refusal.value.code == "paragraph_fixed"


def test_released_edited_and_fixed_again_keeps_number_and_hand_edit(fixed, decided, director):
    first = fixed.content_hash
    released = release_paragraph(paragraph=fixed, actor=director)
    edit_paragraph(
        paragraph=released,
        texts={"background": "Kort sagt."},
        expected_revision=released.revision,
        actor=director,
    )
    again = fix_paragraph(item=decided, actor=director)
    assert (again.number, again.content["paragraph"]["background"]) == (5, "Kort sagt.")
    assert again.content_hash != first
    assert again.content_hash == digest(again.content)


def test_KL_4_27_a_reservation_after_the_attestation_stands_at_the_closing(
    fixed, decided, meeting, director, seat_of
):
    attest_all(fixed)
    announce_dissent(item=decided, seat=seat_of("fk"), text="Avslag är rätt.", actor=director)
    minutes = end(meeting, director)
    who = f"{seat_of('fk').user.name} (Försäkringskassan)"
    said = {one.number: one.texts["dissents"] for one in minutes.paragraphs.all()}
    assert said[6] == [f"{who} reserverar sig mot beslutet i §\u00a05. Avslag är rätt."]
    fixed.refresh_from_db()
    assert fixed.content["paragraph"]["dissents"] == []


# --- who attests ------------------------------------------------------------------------------


def test_a_recused_chair_is_replaced_by_the_one_who_led_the_item(item, director, seat_of, board):
    declare_recusal(item=item, seat=seat_of("regionen"), actor=director)
    vice = board.seats.get(function="vice_chair")
    make.grant_as_proposed(item, director)
    item.refresh_from_db()
    assert [(seat.pk, function.value) for seat, function in attesters_of(item)] == [
        (vice.pk, "chair")
    ]
    with pytest.raises(MeetingRefusal) as refusal:
        fix_paragraph(item=item, actor=director)
    assert refusal.value.code == "attester_needed"
    paragraph = fix_paragraph(item=item, actor=director, attester=seat_of("af"))
    assert people(paragraph) == [vice.user, seat_of("af").user]


def test_the_recused_cannot_be_chosen(item, director, seat_of):
    declare_recusal(item=item, seat=seat_of("fk"), actor=director)
    make.grant_as_proposed(item, director)
    item.refresh_from_db()
    with pytest.raises(MeetingRefusal) as refusal:
        fix_paragraph(item=item, actor=director, attester=seat_of("fk"))
    assert refusal.value.code == "attester_needed"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"password": "fel"}, "wrong_password"), ({"seen_hash": "0" * 64}, "content_changed")],
)
def test_attested_with_password_on_what_was_read(fixed, change, code):
    with pytest.raises(DomainError) as refusal:
        attest_as(people(fixed)[0], fixed, **change)
    assert refusal.value.code == code
    assert not ParagraphAttestation.objects.exclude(attested_at=None).exists()


def test_only_those_who_were_asked_attest(fixed, director, seat_of):
    for user in (director, seat_of("af").user):
        with pytest.raises(MeetingRefusal) as refusal:
            attest_as(user, fixed)
        assert refusal.value.code == "not_attester"


def test_P05_a_meeting_is_not_closed_while_a_paragraph_waits(fixed, meeting, director):
    make.settle_formal(meeting, director, closing=True)
    with pytest.raises(MeetingRefusal) as refusal:
        close_meeting(meeting=meeting, actor=director)
    assert refusal.value.code == "attestation_waits"
    release_paragraph(paragraph=fixed, actor=director)
    assert close_meeting(meeting=meeting, actor=director).last_number == 6


def test_nothing_is_taken_back_once_one_has_attested(fixed, director):
    attest_as(people(fixed)[0], fixed)
    with pytest.raises(MeetingRefusal) as refusal:
        release_paragraph(paragraph=fixed, actor=director)
    assert refusal.value.code == "already_attested"


def test_an_item_that_is_not_settled_is_not_fixed(item, director):
    with pytest.raises(MeetingRefusal) as refusal:
        fix_paragraph(item=item, actor=director)
    assert refusal.value.code == "not_decided"
    assert not Minutes.objects.exists()


# --- what follows -----------------------------------------------------------------------------


def test_the_applicant_sees_the_outcome_when_the_paragraph_is_attested(fixed, ready, applicant):
    first, last = people(fixed)
    attest_as(first, fixed)
    ready.refresh_from_db()
    assert not ready.is_outcome_public
    attest_as(last, fixed)
    ready.refresh_from_db()
    assert ready.is_outcome_public
    keys = DocumentSeries.objects.filter(
        kind__in=["attested_paragraph", "minutes_extract", "decision_letter", "minutes"]
    ).values_list("key", flat=True)
    assert set(keys) == {f"paragraph:{fixed.pk}", f"extract:{fixed.pk}", f"letter:{fixed.pk}"}
    told = Message.objects.filter(event_key=f"decision-{fixed.pk}")
    assert [one.recipient for one in told] == [applicant]
    assert Record.objects.filter(subject="Omedelbart justerad § 5").count() == 1


def test_each_notice_board_announces_the_paragraph_and_then_the_minutes(fixed, meeting, director):
    boards = 2
    for member in meeting.association.members.all()[:boards]:
        NoticeBoard.objects.create(association=meeting.association, member=member, name=member.name)
    attest_all(fixed)
    assert Notice.objects.filter(paragraph=fixed).count() == boards
    for notice in Notice.objects.filter(paragraph=fixed):
        post_notice(notice=notice, posted_on=clock.today(), actor=director)
    minutes = end(meeting, director)
    sent = send_to_attesters(minutes=minutes, actor=director)
    for one in sent.meeting.attesters.select_related("seat__user"):
        attest(
            minutes=sent,
            actor=one.seat.user,
            password=make.PASSWORD,
            seen_hash=sent.content_hash,
        )
    assert Notice.objects.filter(minutes=sent, paragraph=None).count() == boards
    assert legal_force_date(sent, fixed) is not None
    assert legal_force_date(sent) is None
    # The letter and the mail went out once, with the paragraph.
    assert DocumentSeries.objects.get(key=f"letter:{fixed.pk}").last_version == 1
    assert Event.objects.filter(action="outcome_published").count() == 1


FIXED = [
    "UPDATE boards_paragraph SET heading = 'x' WHERE id = %s",
    "UPDATE boards_paragraph SET content_hash = 'x' WHERE id = %s",
    "DELETE FROM boards_paragraph WHERE id = %s",
    "UPDATE boards_paragraphattestation SET content_hash = 'x' WHERE paragraph_id = %s",
    "DELETE FROM boards_paragraphattestation WHERE paragraph_id = %s",
]


def test_L03_the_database_refuses_to_change_an_attested_paragraph(fixed):
    attest_all(fixed)
    assert [sql for sql in FIXED if not is_refused(sql, fixed.pk)] == []


# --- pages ------------------------------------------------------------------------------------


def address(item, tail=""):
    meeting = item.meeting
    return f"/{meeting.association.slug}/moten/{meeting.pk}/arende/{item.pk}/omedelbar/{tail}"


@pytest.mark.anywhere
def test_the_secretary_fixes_and_the_attesters_attest_on_their_own_pages(
    decided, sign_in, director
):
    office = sign_in(director)
    assert "Lås texten för justering" in office.get(address(decided)).content.decode()
    office.post(address(decided, "steg/"), {"do": "fix"})
    paragraph = Paragraph.objects.get(item=decided)
    for user in people(paragraph):
        client = sign_in(user)
        home = client.get(f"/{decided.meeting.association.slug}/styrelse/").content.decode()
        assert f"Läs och justera § {paragraph.number}" in home
        said = {"password": make.PASSWORD, "content_hash": paragraph.content_hash}
        page = client.post(address(decided, "justera/"), said, follow=True)
        assert page.status_code == 200
    paragraph.refresh_from_db()
    assert paragraph.attested_at is not None
    notices = sign_in(director).get(f"/{decided.meeting.association.slug}/anslagstavla/")
    assert "Omedelbart justerad" in notices.content.decode()


def test_P05_the_recused_are_refused_the_page_with_a_sentence(item, director, seat_of, sign_in):
    declare_recusal(item=item, seat=seat_of("af"), actor=director)
    make.grant_as_proposed(item, director)
    found = AgendaItem.objects.select_related("meeting__association").get(pk=item.pk)
    fix_paragraph(item=found, actor=director)
    page = sign_in(seat_of("af").user).get(address(found))
    assert page.status_code == 403
    assert "Du har anmält jäv i" in page.content.decode()
