"""Minutes: numbered without gaps, edited as a draft, attested on one exact content, then fixed."""

from __future__ import annotations

import pytest

from boards.attendance import arrive, leave
from boards.attestation import attest
from boards.decisions import put_motion, record_decision
from boards.errors import MeetingRefusal
from boards.minutes import (
    close_meeting,
    compose_anew,
    edit_paragraph,
    frozen_content,
    send_to_attesters,
    take_back_from_attesters,
)
from boards.minutes_content import paragraph_interval
from boards.models import Attestation, Minutes, MinutesState, Notice, Outcome, VoteChoice
from boards.recusals import declare_recusal
from boards.sitting import announce_dissent, elect_attesters, finish_formal_item
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict, DomainError
from finsam.messages.models import Message
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def minutes(called, director):
    return make.make_closed(called, director)


@kept
def sent(minutes, director):
    return send_to_attesters(minutes=minutes, actor=director)


def attesters(minutes):
    rows = minutes.meeting.attesters.select_related("seat__user").order_by("function")
    return [one.seat.user for one in rows]


def attest_as(user, minutes, **changes):
    said = {"password": make.PASSWORD, "seen_hash": minutes.content_hash, **changes}
    return attest(minutes=minutes, actor=user, **said)


# --- closing ----------------------------------------------------------------------------------


def test_closing_is_refused_with_the_names_of_what_is_left(meeting, director):
    with pytest.raises(MeetingRefusal) as refusal:
        close_meeting(meeting=meeting, actor=director)
    assert refusal.value.code == "items_left"
    assert "”Vägen vidare”" in refusal.value.message or "”Mötet avslutas”" in refusal.value.message
    assert Minutes.objects.count() == 0


def test_D01_closing_twice_gives_the_same_minutes(minutes, called, director):
    events = Event.objects.count()
    assert close_meeting(meeting=called, actor=director) == minutes
    assert (Minutes.objects.count(), Event.objects.count()) == (1, events)


def test_a_bad_contact_address_does_not_stop_the_attestation(sent, ready, applicant):
    ready.parties.filter(is_lead=False).update(contact_email="ingen adress")
    ready.parties.filter(is_lead=True).update(contact_email="Lotta@Ekby.exempel.se")
    for user in attesters(sent):
        attest_as(user, sent)
    told = Message.objects.filter(event_key__startswith="decision-").values_list(
        "address", flat=True
    )
    assert set(told) == {applicant.email, "lotta@ekby.exempel.se"}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""), ([31], "§\u00a031"), ([31, 32, 33], "§§\u00a031–33"),
        ([31, 32, 36, 34, 33], "§§\u00a031–34, 36"), ([1, 3, 5], "§§\u00a01, 3, 5"),
    ],
)  # fmt: skip
def test_the_interval_of_paragraphs(numbers, text):
    assert paragraph_interval(numbers) == text


# --- what they say ----------------------------------------------------------------------------


def test_KL_5_65_who_served_for_which_paragraphs(called, director, board, seat_of):
    """One comes late, one is replaced, one is recused: each with the paragraphs served."""
    for slug in ("kommunen", "regionen", "fk"):
        arrive(meeting=called, seat=seat_of(slug), actor=director)
    substitute = seat_of("af", substitute=1)
    arrive(meeting=called, seat=substitute, serves_for=seat_of("af"), actor=director)
    from boards.sitting import open_meeting

    open_meeting(meeting=called, actor=director)
    finish_formal_item(item=called.items.get(kind="opening"), actor=director)
    vice = called.body.seats.get(function="vice_chair")
    elect_attesters(item=called.items.get(kind="attesters"), seats=[vice], actor=director)
    arrive(meeting=called, seat=seat_of("af"), actor=director)
    for kind in ("agenda", "previous_minutes"):
        finish_formal_item(item=called.items.get(kind=kind), actor=director)
    item = called.items.get(kind="decision")
    declare_recusal(item=item, seat=seat_of("kommunen"), actor=director)
    make.grant_as_proposed(item, director)
    leave(meeting=called, seat=seat_of("fk"), actor=director)
    finish_formal_item(item=called.items.get(kind="closing"), actor=director)

    content = frozen_content(close_meeting(meeting=called, actor=director))

    rows = {(row["name"], row["for"]): row["interval"] for row in content["serving"]}
    names = {slug: seat_of(slug).user.name for slug in ("kommunen", "regionen", "fk", "af")}
    assert rows == {
        (names["regionen"], ""): "§§\u00a01–6",
        (names["fk"], ""): "§§\u00a01–5",
        (names["kommunen"], ""): "§§\u00a01–4, 6",
        (names["af"], ""): "§§\u00a03–6",
        (substitute.user.name, names["af"]): "§§\u00a01–2",
    }


def test_KL_5_66_a_paragraph_says_all_that_happened(meeting, item, frame, board, director, seat_of):
    put_motion(
        item=item, seat=seat_of("fk"), text="Avslag på förslaget", outcome=Outcome.REJECTED,
        amount=None, actor=director,
    )  # fmt: skip
    declare_recusal(item=item, seat=seat_of("kommunen"), reason="Egen insats", actor=director)
    seats = board.seats.exclude(function="substitute").exclude(member__slug="kommunen")
    votes = {
        seat.pk: VoteChoice.NO if seat.member.slug == "fk" else VoteChoice.YES for seat in seats
    }
    record_decision(
        item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, votes=votes,
        proposition_order="Ordföranden ställer bifall mot avslag.", conditions="Rapport i maj.",
        actor=director,
    )  # fmt: skip
    announce_dissent(item=item, seat=seat_of("fk"), text="Avslag är rätt.", actor=director)
    make.settle_formal(meeting, director, closing=True)
    minutes = close_meeting(meeting=meeting, actor=director)

    paragraph = minutes.paragraphs.get(item=item)
    texts = paragraph.texts
    who = f"{seat_of('fk').user.name} (Försäkringskassan)"
    assert texts["motions"] == f"{who}: Avslag på förslaget"
    assert texts["proposition_order"] == "Ordföranden ställer bifall mot avslag."
    assert texts["votes"]["no"] == [who]
    assert len(texts["votes"]["yes"]) == 3
    (recusal,) = texts["recusals"]
    assert recusal == (
        f"{seat_of('kommunen').user.name} (Ekby kommun) anmäler jäv och deltar inte i "
        f"handläggningen av §\u00a0{paragraph.number}."
    )
    assert texts["dissents"] == [f"{who} reserverar sig mot beslutet. Avslag är rätt."]
    assert texts["conditions"] == "Rapport i maj."
    assert texts["source"] == "Ram: Individinsatser 2024"
    assert texts["sent_to"] == "Ekby kommun, Region Sjö"


# --- the draft --------------------------------------------------------------------------------


def test_an_edited_paragraph_survives_composing_anew(minutes, director):
    first, second = minutes.paragraphs.all()[:2]
    edit_paragraph(
        paragraph=first, texts={"note": "Solen sken."}, expected_revision=0, actor=director
    )
    second.texts = {**second.texts, "background": "Fel"}
    second.save()

    assert compose_anew(minutes=minutes, actor=director) == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.texts["note"], first.is_edited) == ("Solen sken.", True)
    assert second.texts["background"] == ""


def test_the_decision_itself_is_never_edited(minutes, director):
    paragraph = minutes.paragraphs.get(item__kind="decision")
    before = paragraph.texts["clauses"]
    edit_paragraph(
        paragraph=paragraph,
        texts={"clauses": "bevilja mer", "background": "Kort"},
        expected_revision=0,
        actor=director,
    )
    paragraph.refresh_from_db()
    assert (paragraph.texts["clauses"], paragraph.texts["background"]) == (before, "Kort")


def test_O01_two_who_edit_the_same_paragraph(minutes, director, officer):
    paragraph = minutes.paragraphs.first()
    edit_paragraph(
        paragraph=paragraph, texts={"note": "Först"}, expected_revision=0, actor=director
    )
    with pytest.raises(Conflict):
        edit_paragraph(
            paragraph=paragraph, texts={"note": "Sedan"}, expected_revision=0, actor=officer
        )
    paragraph.refresh_from_db()
    assert paragraph.texts["note"] == "Först"


def test_what_is_with_the_attesters_is_not_edited(sent, director):
    paragraph = sent.paragraphs.first()
    for change in (
        lambda: edit_paragraph(
            paragraph=paragraph, texts={"note": "x"}, expected_revision=0, actor=director
        ),
        lambda: compose_anew(minutes=sent, actor=director),
    ):
        with pytest.raises(MeetingRefusal) as refusal:
            change()
        assert refusal.value.code == "minutes_not_draft"


def test_taken_back_edited_and_sent_again_is_another_content(sent, director):
    first = sent.content_hash
    taken = take_back_from_attesters(minutes=sent, actor=director)
    paragraph = taken.paragraphs.first()
    edit_paragraph(paragraph=paragraph, texts={"note": "x"}, expected_revision=0, actor=director)
    again = send_to_attesters(minutes=taken, actor=director)
    assert again.content_hash != first


def test_D01_sent_twice_is_sent_once(sent, director):
    events = Event.objects.count()
    again = send_to_attesters(minutes=sent, actor=director)
    assert (again.content_hash, Event.objects.count()) == (sent.content_hash, events)


# --- attestation ------------------------------------------------------------------------------


def test_KL_5_69_all_attesters_on_the_same_content(sent, director):
    chair, other = attesters(sent)
    attest_as(chair, sent)
    assert Minutes.objects.get().state == MinutesState.WITH_ATTESTERS
    final = attest_as(other, sent)

    assert final.state == MinutesState.ATTESTED
    rows = Attestation.objects.values_list("content_hash", flat=True)
    assert list(rows) == [sent.content_hash] * 2


@pytest.mark.parametrize(
    ("change", "code"), [({"password": "fel"}, "wrong_password"), ({"seen_hash": "0"}, None)]
)
def test_attested_with_password_on_what_was_read(sent, change, code):
    (chair, _) = attesters(sent)
    if code is None:
        with pytest.raises(Conflict) as conflict:
            attest_as(chair, sent, **change)
        assert conflict.value.code == "content_changed"
    else:
        with pytest.raises(DomainError) as refusal:
            attest_as(chair, sent, **change)
        assert refusal.value.code == code
    assert Attestation.objects.count() == 0


def test_only_those_who_were_chosen_attest(sent, director, seat_of):
    for user in (director, seat_of("af").user):
        with pytest.raises(MeetingRefusal) as refusal:
            attest_as(user, sent)
        assert refusal.value.code == "not_attester"


def test_a_draft_is_not_attested(minutes):
    (chair, _) = attesters(minutes)
    with pytest.raises(MeetingRefusal) as refusal:
        attest_as(chair, minutes)
    assert refusal.value.code == "not_with_attesters"


def test_content_that_does_not_match_its_hash_is_not_attested(sent):
    (chair, _) = attesters(sent)
    Minutes.objects.update(content={**sent.content, "place": "En annan plats"})
    with pytest.raises(MeetingRefusal) as refusal:
        attest_as(chair, sent)
    assert refusal.value.code == "content_broken"


def test_nothing_is_taken_back_once_somebody_has_attested(sent, director):
    attest_as(attesters(sent)[0], sent)
    with pytest.raises(MeetingRefusal) as refusal:
        take_back_from_attesters(minutes=sent, actor=director)
    assert refusal.value.code == "already_attested"


def test_D01_attested_twice_is_one_attestation_and_the_same_answer(sent):
    chair, other = attesters(sent)
    first = attest_as(chair, sent)
    events = Event.objects.count()
    assert attest_as(chair, sent) == first
    assert (Attestation.objects.count(), Event.objects.count()) == (1, events)
    final = attest_as(other, sent)
    models = (Attestation, Event, Message, DocumentSeries, Record, Notice)
    counts = [model.objects.count() for model in models]
    again = attest_as(other, sent, password="fel")
    assert (again.state, again.attested_at) == (final.state, final.attested_at)
    assert [model.objects.count() for model in models] == counts


def test_D02_attested_on_another_content_is_a_conflict(sent):
    chair = attesters(sent)[0]
    attest_as(chair, sent)
    with pytest.raises(Conflict):
        attest_as(chair, sent, seen_hash="f" * 64)
    assert Attestation.objects.count() == 1


# --- what follows -----------------------------------------------------------------------------


def test_P05_the_outcome_is_hidden_until_all_have_attested(sent, ready):
    chair, other = attesters(sent)
    attest_as(chair, sent)
    ready.refresh_from_db()
    assert (ready.state, ready.is_outcome_public) == ("granted", False)
    assert Message.objects.filter(event_key__startswith="decision-").count() == 0
    assert DocumentSeries.objects.filter(kind="decision_letter").count() == 0

    attest_as(other, sent)
    ready.refresh_from_db()
    assert ready.is_outcome_public


def test_letters_extracts_and_mails_are_promised_once(sent, ready, applicant):
    paragraph = sent.paragraphs.get(item__application=ready)
    for user in attesters(sent):
        attest_as(user, sent)
        attest_as(user, sent)

    series = dict(
        DocumentSeries.objects.filter(
            kind__in=["minutes", "minutes_extract", "decision_letter"]
        ).values_list("key", "last_version")
    )
    assert series == {
        f"minutes:{sent.pk}": 1,
        f"extract:{paragraph.pk}": 1,
        f"letter:{paragraph.pk}": 1,
    }
    told = Message.objects.filter(event_key=f"decision-{paragraph.pk}")
    assert [message.recipient for message in told] == [applicant]
    assert Event.objects.filter(action="outcome_published").count() == 1
    subjects = Record.objects.filter(case=ready.case).values_list("subject", flat=True)
    assert sum(subject.startswith("Protokollsutdrag") for subject in subjects) == 1
    assert sum(subject.startswith("Beslut om") for subject in subjects) == 1


RAW = [
    "UPDATE boards_minutes SET content_hash = 'x' WHERE id = %s",
    "UPDATE boards_minutes SET state = 'draft' WHERE id = %s",
    "DELETE FROM boards_minutes WHERE id = %s",
    "UPDATE boards_paragraph SET heading = 'x' WHERE minutes_id = %s",
    "UPDATE boards_paragraph SET is_frozen = NOT is_frozen WHERE minutes_id = %s",
    "DELETE FROM boards_paragraph WHERE minutes_id = %s",
    "UPDATE boards_attestation SET content_hash = 'x' WHERE minutes_id = %s",
    "DELETE FROM boards_attestation WHERE minutes_id = %s",
]


def test_attested_minutes_are_refused_by_the_database_on_raw_sql(sent):
    for user in attesters(sent):
        attest_as(user, sent)
    assert [sql for sql in RAW if not is_refused(sql, sent.pk)] == []


DECIDED = [
    "UPDATE boards_decision SET amount = 1 WHERE amount IS NOT NULL",
    "UPDATE boards_decision SET outcome = 'rejected'",
    "DELETE FROM boards_decision",
    "UPDATE boards_participation SET is_remote = NOT is_remote",
    "DELETE FROM boards_participation",
]


def test_decisions_are_refused_by_the_database_from_the_first_moment(item, frame, director):
    record_decision(item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=director)
    assert [sql for sql in DECIDED if not is_refused(sql)] == []


def test_votes_are_refused_by_the_database(item, board, frame, director):
    seats = board.seats.exclude(function="substitute")
    votes = {seat.pk: VoteChoice.YES for seat in seats}
    record_decision(
        item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, votes=votes, actor=director
    )
    for sql in ("UPDATE boards_vote SET choice = 'no'", "DELETE FROM boards_vote"):
        assert is_refused(sql), sql
