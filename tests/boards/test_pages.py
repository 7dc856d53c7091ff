"""The pages of meetings: who sees what, what is answered when things go wrong, the queries."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Round
from boards.agenda import add_item, plan_meeting
from boards.decisions import record_decision
from boards.documents import packet_readers
from boards.models import (
    Attestation,
    Decision,
    DecisionMemo,
    Meeting,
    Motion,
    Outcome,
    SeatFunction,
)
from boards.recusals import declare_recusal
from finsam import clock
from finsam.people.access import visitor_for
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


def room(meeting, name="room", *more):
    return reverse(f"boards:{name}", args=[meeting.association.slug, meeting.pk, *more])


@pytest.fixture
def office(sign_in, director):
    return sign_in(director)


@kept
def decision(frame):
    return {"outcome": "granted", "amount": "600 000 kr", "frame": frame.pk}


# --- the same form again ----------------------------------------------------------------------


def test_D01_the_decision_sent_again_by_the_back_button(office, meeting, item, decision):
    url = room(meeting, "decide", item.pk)
    answers = [office.post(url, decision) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert Decision.objects.filter(item=item).count() == 1


def test_D02_another_decision_on_the_same_item_is_answered_409(office, meeting, item, decision):
    url = room(meeting, "decide", item.pk)
    office.post(url, decision)
    answer = office.post(url, {"outcome": "rejected"})
    assert answer.status_code == 409
    assert "redan avgjort: bifall" in answer.content.decode()


def test_D01_D02_attested_again_and_on_other_content(sign_in, called, director):
    from boards.minutes import send_to_attesters

    sent = send_to_attesters(minutes=make.make_closed(called, director), actor=director)
    chair = sign_in(sent.meeting.attesters.get(function="chair").seat.user)
    url = room(called, "attest")
    form = {"password": make.PASSWORD, "content_hash": sent.content_hash}
    answers = [chair.post(url, form) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, room(called, "minutes"))
    ] * 2
    assert chair.post(url, {**form, "content_hash": "f" * 64}).status_code == 409
    assert Attestation.objects.count() == 1


# --- nothing typed is lost --------------------------------------------------------------------


def test_X04_a_refused_decision_shows_the_reason_and_keeps_what_was_typed(
    office, meeting, item, decision
):
    wrong = {**decision, "amount": "900 000", "conditions": "Rapport i maj", "vote": "on"}
    answer = office.post(room(meeting, "decide", item.pk), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Beloppet är högre än det som söks" in page
    assert "Rapport i maj" in page
    assert "900" in page
    assert Decision.objects.filter(item=item).count() == 0


def test_X04_a_motion_without_text_is_shown_again(office, meeting, item, seat_of):
    form = {"motion-seat": seat_of("fk").pk, "motion-outcome": "rejected", "motion-text": ""}
    answer = office.post(room(meeting, "motion", item.pk), form)
    assert answer.status_code == 422
    assert Motion.objects.count() == 0


def test_O01_two_who_edit_a_paragraph_both_see_both_texts(
    office, sign_in, called, director, officer
):
    minutes = make.make_closed(called, director)
    url = room(called, "paragraph", minutes.first_number)
    same = {"version": "0", "sent_to": "Rad ett\r\nrad två"}
    office.post(url, {**same, "note": "Min text"})
    answer = sign_in(officer).post(url, {**same, "note": "En annan text"})
    page = answer.content.decode()
    assert (answer.status_code, page.count("Sparat av någon annan")) == (409, 1)
    assert "Min text" in page
    assert "En annan text" in page
    assert 'name="version" value="1"' in page


def test_O01_two_who_write_the_memo_both_see_both_texts(office, prepared, director):
    from boards.memos import save_memo, start_memo

    memo = start_memo(application=prepared, actor=director)
    save_memo(
        memo=memo, texts={"economy": "Sparat av någon"}, proposed_outcome="granted",
        proposed_amount=600_000, conditions="", expected_revision=0, actor=director,
    )  # fmt: skip
    url = reverse("boards:memo", args=["sjo", prepared.public_id])
    mine = {"version": "0", "proposed_outcome": "granted", "text-economy": "Min ekonomi"}
    answer = office.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Sparat av någon" in page
    assert "Min ekonomi" in page
    kept = office.post(url, {**mine, "keep": "1"})
    assert kept.status_code == 302
    memo.refresh_from_db()
    assert memo.texts["economy"] == "Min ekonomi"


@pytest.mark.parametrize("said", ["", "²", "x", "999999999999999999999", "-1"])
def test_nonsense_in_a_form_is_no_fault_of_the_server(office, meeting, item, said):
    for url, form in (
        (room(meeting, "attendance"), {"seat": said}),
        (room(meeting, "decide", item.pk), {"outcome": said, "amount": said, "frame": said}),
        (room(meeting, "withdraw_motion", item.pk), {"motion": said}),
        (room(meeting, "add_application"), {"application": said}),
        (room(meeting, "guest"), {"do": "remove", "guest": said}),
    ):
        assert office.post(url, form).status_code in (302, 404, 422), url
    assert office.get(room(meeting), {"arende": said}).status_code == 200


# --- who sees what ----------------------------------------------------------------------------


def test_followers_see_the_room_without_the_offices_buttons(sign_in, meeting, item, seat_of):
    page = sign_in(seat_of("af").user).get(room(meeting)).content.decode()
    assert item.title in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert "Avsluta mötet" not in page


def test_KL_6_28_a_recused_member_sees_nothing_of_the_item(
    sign_in, meeting, item, ready, director, seat_of
):
    seat = seat_of("kommunen")
    client = sign_in(seat.user)
    assert "600\u00a0000\u00a0kr" in client.get(room(meeting)).content.decode()

    declare_recusal(item=item, seat=seat, actor=director)

    page = client.get(room(meeting), {"arende": item.pk}).content.decode()
    assert "Du har anmält jäv" in page
    assert "600\u00a0000" not in page
    other = sign_in(seat_of("af").user).get(room(meeting)).content.decode()
    assert "600\u00a0000\u00a0kr" in other


def test_a_planned_meeting_is_the_offices_alone(sign_in, office, board, director, seat_of):
    meeting = make.make_meeting(board, director, called=False)
    assert office.get(room(meeting, "meeting")).status_code == 200
    assert sign_in(seat_of("af").user).get(room(meeting, "meeting")).status_code == 404


def test_a_packet_is_the_boards_when_it_is_sent(called, director, seat_of):
    from types import SimpleNamespace

    from boards.packet import make_packet

    packet = make_packet(meeting=called, actor=director)
    visitor = visitor_for(called.association, seat_of("af").user)
    document = SimpleNamespace(job_id=packet.job_id, job=packet.job)
    assert not packet_readers(visitor, document)
    packet.sent_at = clock.now()
    packet.save(update_fields=["sent_at"])
    assert packet_readers(visitor, document)


def test_a_private_note_is_read_by_its_writer_alone(sign_in, called, ready, seat_of):
    item = called.items.get(kind="decision")
    writer, other = sign_in(seat_of("af").user), sign_in(seat_of("fk").user)
    writer.post(room(called, "note", item.pk), {"text": "Fråga om lokalen"})
    page = reverse("boards:item", args=["sjo", called.pk, item.pk])
    assert "Fråga om lokalen" in writer.get(page).content.decode()
    assert "Fråga om lokalen" not in other.get(page).content.decode()


# --- what waits for the office ------------------------------------------------------------------


@pytest.mark.parametrize("is_held", [False, True])
def test_a_memo_is_to_be_written_at_once_where_no_council_prepares(office, prepared, is_held):
    def tasks() -> list[str]:
        page = office.get(reverse("boards:dashboard", args=["sjo"]))
        return [task.text for task in page.context["tasks"]]

    wanted = f"Skriv beslutsunderlag för {prepared.title}"
    assert wanted not in tasks()
    definition = prepared.round.definition
    steps = definition.get("steps", {}) | {"council": {"use": "absent"}}
    if is_held:
        Round.objects.filter(pk=prepared.round_id).update(
            held_definition=definition | {"steps": steps}
        )
    else:
        programme = prepared.round.programme
        programme.definition = definition | {"steps": steps}
        programme.save(update_fields=["definition"])
    assert wanted in tasks()


# --- how much is asked of the database --------------------------------------------------------


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


@pytest.mark.slow
def test_the_overview_and_the_list_ask_the_same_with_ten_and_a_thousand(office, submitted):
    pages = {
        reverse("boards:dashboard", args=["sjo"]): 25,
        reverse("applications:office_list", args=["sjo"]): 15,
    }
    copies(submitted, 9)
    few = {url: queries(office, url) for url in pages}
    copies(submitted, 990)
    many = {url: queries(office, url) for url in pages}

    assert Application.objects.count() == 1_000
    assert many == few
    for url, most in pages.items():
        assert many[url] <= most, url


def copies(application: Application, count: int) -> None:
    """More received applications, as rows alone."""
    from applications.models import ApplicationParty, ApplicationVersion
    from budgets.models import Budget
    from finsam.registry.models import Case

    case, budget = application.case, application.budget
    version, parties = application.versions.first(), list(application.parties.all())
    first = Case.objects.order_by("-running_number").first().running_number + 1
    cases = Case.objects.bulk_create(
        [_copy(case, running_number=first + n, number=f"X {first + n}") for n in range(count)]
    )
    budgets = Budget.objects.bulk_create([_copy(budget) for _ in range(count)])
    copied = Application.objects.bulk_create(
        [
            _copy(application, public_id=uuid.uuid4(), case=one, budget=two)
            for one, two in zip(cases, budgets, strict=True)
        ]
    )
    ApplicationVersion.objects.bulk_create([_copy(version, application=one) for one in copied])
    ApplicationParty.objects.bulk_create(
        [_copy(party, application=one) for one in copied for party in parties]
    )


def _copy(row, **values):
    copy = type(row)(**{field.attname: getattr(row, field.attname) for field in row._meta.fields})
    copy.pk = None
    for name, value in values.items():
        setattr(copy, name, value)
    return copy


def test_the_room_and_the_meeting_ask_the_same_with_more_items_and_seats(
    office, sign_in, meeting, item, frame, board, director, seat_of
):
    held = item.application.round
    clauses = {"granted": ["att finansieringen sker inom {frame}, {sources}"]}
    held.held_definition = {**held.definition, "documents": clauses}
    held.save(update_fields=["held_definition"])
    member = sign_in(seat_of("af").user)
    pages = [
        (office, room(meeting)),
        (office, room(meeting, "meeting")),
        (member, room(meeting)),
        (member, room(meeting, "meeting")),
        (member, reverse("boards:board_home", args=["sjo"])),
    ]
    few = [queries(client, url) for client, url in pages]
    for number in range(19):
        add_item(meeting=meeting, title=f"Fråga {number}", actor=director)
    for order, one in enumerate(board.association.members.all()[:3], start=9):
        make.make_seat(board, SeatFunction.MEMBER, one, order=order)
        make.make_seat(board, SeatFunction.SUBSTITUTE, one, order=order)
    many = [queries(client, url) for client, url in pages]
    assert many == few
    assert (many[0], many[2]) == (14, 12)
    assert all(count <= 15 for count in many)
    record_decision(item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=director)
    decided = f"{room(meeting)}?arende={item.pk}"
    assert [queries(who, decided) for who in (office, member)] == [14, 14]


def test_the_list_of_meetings_and_the_notice_board_ask_the_same(
    office, client, board, called, director
):
    minutes = make.make_closed(called, director)
    make.make_attested(minutes, director)
    pages = [
        (office, reverse("boards:meetings", args=["sjo"])),
        (client, reverse("boards:notice_board", args=["sjo"])),
    ]
    few = [queries(who, url) for who, url in pages]
    for number in range(3):
        starts_at = called.starts_at.replace(minute=number)
        again = plan_meeting(body=board, starts_at=starts_at, place=f"{number}", actor=director)
        from boards.dispatch import send_notice

        send_notice(meeting=again, actor=director)
        make.make_attested(make.make_closed(again, director), director)
    assert Meeting.objects.count() == 4
    assert DecisionMemo.objects.count() == 1
    many = [queries(who, url) for who, url in pages]
    assert many == few
    assert all(count <= 15 for count in many)
