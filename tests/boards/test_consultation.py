"""Consultation: who is asked, what its members answer, and where the statements go from there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.drafting import start_application
from applications.ideas import save_idea, send_idea, start_idea
from boards import consultation as service
from boards.errors import MeetingRefusal
from boards.memos import finish_memo, start_memo
from boards.models import Body, BodyKind, Consultation, Position, SeatFunction, Statement
from boards.packet import make_packet
from boards.recusals import declare_recusal
from boards.reminders import due_reminders
from finsam import clock
from finsam.documents.documents import document_for, job_for
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.storage import open_file
from finsam.jobs.work import run_job
from finsam.messages.models import Message
from finsam.people.models import Role, RoleKind
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def group(association, member):
    """A local group of two, for the applicant's municipality."""
    body = Body.objects.create(
        association=association, kind=BodyKind.CONSULTATION, slug="lokal", name="LOKSAM Ekby",
        municipality=member,
    )  # fmt: skip
    make.make_seat(body, SeatFunction.CHAIR, member, order=1)
    make.make_seat(body, SeatFunction.MEMBER, association.members.get(slug="fk"), order=2)
    return body


@kept
def seats(group):
    return list(group.seats.order_by("order"))


@kept
def sketch(round_, member, applicant):
    made = start_idea(programme=round_.programme, member=member, actor=applicant)
    texts = {"working_title": "Grön väg", "background": "Många köer."}
    made = save_idea(sketch=made, texts=texts, expected_revision=0, actor=applicant)
    return send_idea(sketch=made, actor=applicant)


def ask(matter, bodies, actor, days=5):
    due_on = clock.today() + timedelta(days=days)
    return service.ask_for_statements(matter=matter, bodies=bodies, due_on=due_on, actor=actor)


def answer(asked, seat, position=Position.SUPPORT, text=""):
    return service.give_statement(
        consultation=asked, seat=seat, position=position, text=text, actor=seat.user
    )


def events(action):
    return Event.objects.filter(action=action).count()


def test_each_member_is_asked_once_and_it_is_registered(prepared, group, officer):
    (asked,) = ask(prepared, [group], officer)
    assert ask(prepared, [group], officer, days=9) == [asked]
    assert Message.objects.filter(event_key=f"consultation-{asked.pk}-asked").count() == 2
    sent = Record.objects.filter(case=prepared.case, subject__startswith="Begäran om yttrande")
    assert [one.correspondent for one in sent] == ["LOKSAM Ekby"]
    assert events("consultation_asked") == 1


def test_who_cannot_be_asked_is_refused_with_what_to_do(prepared, council, board, officer):
    empty = Body.objects.create(
        association=prepared.association, kind="consultation", slug="tom", name="LOKSAM Tom"
    )
    for body, code in ((empty, "body_empty"), (council, "meets"), (board, "meets")):
        with pytest.raises(MeetingRefusal) as refused:
            ask(prepared, [body], officer)
        assert refused.value.code == code
    with pytest.raises(MeetingRefusal, match="minst en grupp"):
        ask(prepared, [], officer)
    with pytest.raises(MeetingRefusal, match="inte har varit"):
        ask(prepared, [empty], officer, days=-1)
    assert not Consultation.objects.exists()


def test_a_draft_is_not_consulted_on(round_, member, applicant, group, officer):
    draft = make.make_draft(round_, member, applicant)
    with pytest.raises(MeetingRefusal, match="Utkast"):
        ask(draft, [group], officer)


def test_a_changed_statement_is_kept_beside_the_new_one(prepared, group, seats, officer):
    (asked,) = ask(prepared, [group], officer)
    first = answer(asked, seats[0])
    assert answer(asked, seats[0]) == first
    answer(asked, seats[0], Position.NO_SUPPORT, "Vi saknar en plan.")
    kept = Statement.objects.filter(seat=seats[0]).order_by("given_at")
    assert [(one.position, one.replaced_at is None) for one in kept] == [
        ("support", False), ("no_support", True),
    ]  # fmt: skip
    assert events("statement_given") == 2
    subjects = Record.objects.filter(case=prepared.case, direction="in").values_list("subject")
    assert [subject.partition(" i ")[0] for (subject,) in subjects] == [
        "Yttrande", "Ändrat yttrande",
    ]  # fmt: skip


def test_remarks_need_words_and_only_on_ones_own_seat(prepared, group, seats, officer):
    (asked,) = ask(prepared, [group], officer)
    with pytest.raises(MeetingRefusal, match="Skriv vilka synpunkter"):
        answer(asked, seats[0], Position.WITH_REMARKS, " \n ")
    with pytest.raises(MeetingRefusal, match="egen plats"):
        service.give_statement(
            consultation=asked, seat=seats[0], position=Position.SUPPORT, text="",
            actor=seats[1].user,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.create(consultation=asked, seat=seats[0], position="no_support")


def test_the_office_is_told_once_when_all_have_answered(prepared, group, seats, officer):
    (asked,) = ask(prepared, [group], officer)
    answer(asked, seats[0])
    told = Message.objects.filter(event_key=f"consultation-{asked.pk}-all")
    assert not told.exists()
    answer(asked, seats[1])
    answer(asked, seats[1], Position.WITH_REMARKS, "Förtydliga.")
    assert officer.pk in set(told.values_list("recipient", flat=True))
    assert told.filter(recipient=officer).count() == 1


def test_after_the_end_nobody_answers(prepared, group, seats, officer):
    (asked,) = ask(prepared, [group], officer)
    service.close_consultation(consultation=asked, actor=officer)
    service.close_consultation(consultation=asked, actor=officer)
    assert events("consultation_closed") == 1
    with pytest.raises(MeetingRefusal, match="avslutades"):
        answer(asked, seats[0])
    assert document_for(service.statements_key(prepared)) is None


def test_the_last_day_is_moved_and_only_the_silent_are_told(prepared, group, seats, officer):
    (asked,) = ask(prepared, [group], officer)
    answer(asked, seats[0])
    later = clock.today() + timedelta(days=12)
    for _ in range(2):
        service.move_last_day(consultation=asked, due_on=later, actor=officer)
    told = Message.objects.filter(event_key__contains="-moved-")
    assert [one.recipient for one in told] == [seats[1].user]
    assert events("consultation_moved") == 1


def test_reminders_go_to_those_who_have_not_answered_and_late_to_the_office(
    prepared, group, seats, officer
):
    (asked,) = ask(prepared, [group], officer)
    answer(asked, seats[0])

    def due(day):
        found = [one for one in due_reminders(prepared.association, day) if "ttrande" in one.text]
        return [(one.stage, set(one.to)) for one in found]

    assert due(asked.due_on - timedelta(days=4)) == []
    assert due(asked.due_on) == [("today", {seats[1].user})]
    late = due(asked.due_on + timedelta(days=1))
    assert [stage for stage, _ in late] == ["late", "late"]
    assert officer in late[1][1]


def test_the_memo_waits_for_the_consultation_and_then_says_it(
    prepared, group, seats, officer, director
):
    programme = prepared.round.programme
    steps = {"consultation": {"use": "mandatory"}}
    programme.definition = {**programme.definition, "steps": steps}
    programme.save(update_fields=["definition"])
    with pytest.raises(MeetingRefusal, match="Parterna ska få yttra sig"):
        finish_memo(memo=start_memo(application=prepared, actor=director), actor=director)
    (asked,) = ask(prepared, [group], officer)
    answer(asked, seats[0], Position.WITH_REMARKS, "Mer tid i Föllinge & <byarna>.")
    with pytest.raises(MeetingRefusal, match="Avsluta samrådet"):
        finish_memo(memo=start_memo(application=prepared, actor=director), actor=director)
    service.close_consultation(consultation=asked, actor=officer)
    memo = finish_memo(memo=start_memo(application=prepared, actor=director), actor=director)
    assert [row["position"] for row in memo.snapshot["statements"]] == ["Stöder med synpunkter"]


def test_the_statements_lie_in_the_packet_as_a_document_of_their_own(
    submitted, board, group, seats, officer, director
):
    application = make.make_in_preparation(submitted, director)
    (asked,) = ask(application, [group], officer)
    answer(asked, seats[0], Position.WITH_REMARKS, "Mer tid i Föllinge & <byarna>.")
    service.close_consultation(consultation=asked, actor=officer)
    application = make.make_to_board(application, director)
    assert "har yttrat sig i samråd" in application.memos.get().texts["preparation"]
    meeting = make.make_meeting(board, director, applications=[application])
    packet = make_packet(meeting=meeting, actor=director)
    job = job_for(service.statements_key(application))
    assert job is not None
    run_job(job.pk)
    made = document_for(service.statements_key(application))
    assert made is not None
    data = open_file(made.pdf)
    assert validator_faults(data, UA) == []
    assert validator_faults(data, A) == []
    assert own_faults(data) == []
    item = next(one for one in packet.source["items"] if one.get("documents"))
    assert item["documents"][-1]["title"] == "Yttranden från samråd"


def test_the_statements_on_the_idea_follow_the_application(
    sketch, council, group, seats, officer, round_, member, applicant
):
    asked = ask(sketch, [group, council], officer)
    answer(asked[0], seats[0])
    for one in asked:
        service.close_consultation(consultation=one, actor=officer)
    application = start_application(round=round_, member=member, actor=applicant, idea=sketch)
    rows = service.statements_of(application)
    assert [(row["body"], row["about"], len(row["answers"])) for row in rows] == [
        ("LOKSAM Ekby", "idén", 1), ("Utvecklingsrådet", "idén", 0),
    ]  # fmt: skip


def test_one_who_is_recused_neither_reads_nor_answers(
    prepared, council, group, officer, director, sign_in
):
    meeting = make.make_meeting(council, director, applications=[prepared])
    item = meeting.items.get(application=prepared)
    own = council.seats.order_by("order")[0]
    declare_recusal(item=item, seat=own, actor=own.user, reason="släkt")
    seat = make.make_seat(group, SeatFunction.MEMBER, own.member, order=3)
    type(seat).objects.filter(pk=seat.pk).update(user=own.user)
    (asked,) = ask(prepared, [group], officer)
    with pytest.raises(MeetingRefusal, match="jäv"):
        service.give_statement(
            consultation=asked, seat=seat, position=Position.SUPPORT, text="", actor=own.user
        )
    page = sign_in(own.user).get(url("state", asked.pk)).content.decode()
    assert "Du har anmält jäv" in page
    assert "Parter</dt>" not in page


# --- the pages --------------------------------------------------------------------------------


def url(name, *args):
    return reverse(f"boards:{name}", args=["sjo", *args])


def test_the_office_asks_and_the_member_answers_through_the_pages(
    prepared, group, seats, officer, sign_in
):
    office = sign_in(officer)
    page = office.get(url("consultations", prepared.public_id)).content.decode()
    (box,) = re.findall(rf'<input[^>]*name="bodies"[^>]*value="{group.pk}"[^>]*>', page)
    assert "checked" in box, "the municipality's own group is chosen beforehand"
    assert office.post(url("consultations", prepared.public_id), {"due_on": ""}).status_code == 422
    day = (clock.today() + timedelta(days=5)).isoformat()
    told = {"bodies": [group.pk], "due_on": day, "question": "Räcker tiden?"}
    assert office.post(url("consultations", prepared.public_id), told).status_code == 302
    asked = Consultation.objects.get()
    mine = sign_in(seats[0].user)
    home = mine.get(url("consultation_home")).content.decode().replace("\u00a0", " ")
    assert "1 ärende väntar" in home
    assert mine.post(url("state", asked.pk), {"position": "no_support"}).status_code == 422
    assert mine.post(url("state", asked.pk), {"position": "support"}).status_code == 302
    assert "Ditt yttrande är lämnat" in mine.get(url("state", asked.pk)).content.decode()
    assert "Räcker tiden?" in office.get(url("consultations", prepared.public_id)).content.decode()
    assert office.post(url("close_consultation", asked.pk)).status_code == 302
    assert "Samrådet är avslutat" in mine.get(url("state", asked.pk)).content.decode()


def test_strangers_find_nothing(prepared, group, officer, sign_in, consultant, foreign_director):
    (asked,) = ask(prepared, [group], officer)
    assert sign_in(consultant).get(url("state", asked.pk)).status_code == 404
    assert sign_in(consultant).get(url("consultations", prepared.public_id)).status_code == 403
    stranger = sign_in(foreign_director)
    assert stranger.get(url("consultations", prepared.public_id)).status_code in (403, 404)
    assert stranger.post(url("close_consultation", asked.pk)).status_code in (403, 404)


def test_the_pages_ask_as_much_however_many_have_answered(prepared, group, seats, officer, sign_in):
    (asked,) = ask(prepared, [group], officer)
    client, mine = sign_in(officer), sign_in(seats[0].user)
    paths = [
        (client, url("consultations", prepared.public_id)),
        (client, url("dashboard")),
        (mine, url("consultation_home")),
        (mine, url("state", asked.pk)),
    ]
    counts = []
    for round_of in range(2):
        for who, path in paths:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert who.get(path).status_code == 200
            counts.append(len(queries))
        if not round_of:
            for seat in seats:
                answer(asked, seat, Position.WITH_REMARKS, "Bra.")
            extra = Body.objects.create(
                association=prepared.association, kind="consultation", slug="b", name="LOKSAM Alby"
            )
            made = make.make_seat(extra, SeatFunction.CHAIR, seats[0].member, order=1)
            type(made).objects.filter(pk=made.pk).update(user=seats[0].user)
            ask(prepared, [extra], officer)
    assert counts[:4] == counts[4:]
    assert max(counts[0], *counts[2:4]) <= 15
    assert counts[1] <= 25
    assert Role.objects.filter(kind=RoleKind.CONSULTATION).exists()
