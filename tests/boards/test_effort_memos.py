"""The memo of a change or an early termination: made of the item, in the packet and the agenda."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.changing import submit_change
from applications.models import Application, ChangeKind, TerminationGround
from boards.changes import put_change_on_agenda
from boards.dispatch import send_packet
from boards.document_sources import notice_source
from boards.documents import build_effort_memo
from boards.effort_memo_texts import save_effort_memo, texts_of
from boards.effort_memos import effort_memo_source, make_effort_memo, memo_key
from boards.errors import MeetingRefusal
from boards.figures import require_packet_current
from boards.models import AgendaItem, Body, EffortMemo, Meeting, MeetingState
from boards.packet import make_packet
from boards.packet_extracts import cases_of
from boards.terminations import change_proposal, propose_to_board
from budgets.figures import OutdatedFigures
from budgets.frames import change_grant
from finsam import clock
from finsam.documents.documents import job_for
from finsam.documents.models import DocumentSeries
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.errors import Conflict, NotAllowed
from finsam.jobs.work import run_job
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.typography import kronor
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def effort(called: Meeting, director: User) -> Application:
    application = make.make_told(called, director)
    make.make_agreed(application, director)
    return make.reread(application)


def versions(key: str) -> int:
    return DocumentSeries.objects.get(key=key).last_version


def test_a_change_has_its_memo_in_the_packet_made_anew_only_when_something_changed(
    effort: Application, board: Body, applicant: User, director: User
) -> None:
    change = submit_change(
        application=effort,
        kind=ChangeKind.GOALS,
        reason="Målgruppen är större.",
        goals="40 i arbete.",
        actor=applicant,
    )
    meeting = make.make_meeting(board, director, called=False)
    item = put_change_on_agenda(change=change, meeting=meeting, actor=director)
    assert put_change_on_agenda(change=change, meeting=meeting, actor=director) == item
    source = effort_memo_source(item)
    assert source["clauses"][0].startswith("godkänna ändrade mål")
    assert ("Beviljat", kronor(600_000)) in source["facts"]
    packet = make_packet(meeting=meeting, actor=director)
    (shown,) = [one for one in packet.source["items"] if one["pk"] == item.pk]
    assert shown["documents"] == [
        {"title": "Tjänsteskrivelse", "key": memo_key(item), "version": 1}
    ]
    assert cases_of(packet.source) == [effort.case_id], (
        "who has declared a conflict gets none of it"
    )
    (called,) = [one for one in notice_source(meeting)["items"] if one["position"] == item.position]
    assert called["papers"] == ["Tjänsteskrivelse"]
    item.background = "Kansliet har talat med parterna."
    item.save(update_fields=["background"])
    assert make_packet(meeting=meeting, actor=director).version == 2
    assert versions(memo_key(item)) == 2
    change_grant(grant=effort.grant, amount=500_000, key="lowered", actor=director)
    with pytest.raises(OutdatedFigures):
        require_packet_current(meeting.packets.first())


def test_the_meeting_says_that_a_changed_memo_needs_a_new_packet(
    item: AgendaItem, director: User, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    meeting, client = item.meeting, sign_in(director)
    Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.CALLED)
    meeting.refresh_from_db()

    def says() -> bool:
        with django_assert_max_num_queries(15):
            page = client.get(reverse("boards:meeting", args=["sjo", meeting.pk]))
        return "Tjänsteskrivelsen har ändrats" in page.content.decode()

    make_packet(meeting=meeting, actor=director)
    assert not says()
    write(item, director, 0, assessment="Rimligt.")
    assert says()
    make_packet(meeting=meeting, actor=director)
    assert not says()
    write(item, director, 1, assessment="")
    make_effort_memo(item=item, actor=director)
    assert says(), "made anew, and not in the packet"


@kept
def item(effort: Application, board: Body, applicant: User, director: User) -> AgendaItem:
    """A change of goals on the agenda of a planned meeting of the board."""
    change = submit_change(
        application=effort,
        kind=ChangeKind.GOALS,
        reason="Målgruppen är större.",
        goals="40 i arbete.",
        actor=applicant,
    )
    meeting = make.make_meeting(board, director, called=False)
    return put_change_on_agenda(change=change, meeting=meeting, actor=director)


def write(item: AgendaItem, actor: User, revision: int, **said: str) -> EffortMemo:
    texts = {**texts_of(item), **said}
    return save_effort_memo(item=item, texts=texts, expected_revision=revision, actor=actor)


def test_what_is_written_by_hand_stands_and_the_rest_follows_what_holds(
    item: AgendaItem, director: User
) -> None:
    memo = write(item, director, 0, matter="Parterna och kansliet är överens.")
    assert memo.texts == {"matter": "Parterna och kansliet är överens."}
    item.background = "Parterna begär en annan ändring."
    item.save(update_fields=["background"])
    make_packet(meeting=item.meeting, actor=director)
    assert effort_memo_source(item)["matter"] == "Parterna och kansliet är överens."
    assert effort_memo_source(item)["sent_to"] == "Parterna i insatsen."
    write(item, director, 1, matter="")
    assert effort_memo_source(item)["matter"] == "Parterna begär en annan ändring."


def test_two_who_write_at_once_are_told_and_the_same_again_is_nothing(
    item: AgendaItem, director: User, officer: User, applicant: User
) -> None:
    write(item, director, 0, assessment="Rimligt.")
    assert write(item, officer, 0).revision == 1
    with pytest.raises(Conflict):
        write(item, officer, 0, assessment="Orimligt.")
    assert write(item, officer, 1, assessment="Orimligt.").revision == 2
    with pytest.raises(NotAllowed):
        write(item, applicant, 2, assessment="Vårt.")
    with pytest.raises(NotAllowed):
        make_effort_memo(item=item, actor=applicant)
    assert Event.objects.filter(action="effort_memo_saved").count() == 2


def test_it_is_written_until_the_meeting_begins(item: AgendaItem, director: User) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(state=MeetingState.ONGOING)
    item.refresh_from_db()
    with pytest.raises(MeetingRefusal, match="ändras inte längre"):
        write(item, director, 0, assessment="För sent.")
    with pytest.raises(MeetingRefusal, match="ändras inte längre"):
        make_effort_memo(item=item, actor=director)
    assert not EffortMemo.objects.exclude(texts={}).exists()


def test_OSL_5_1_it_is_registered_once_when_the_packet_is_sent(
    item: AgendaItem, director: User
) -> None:
    case = item.treated_application.registered_case
    before = case.records.count()
    for version in (1, 2):
        write(item, director, version - 1, assessment=f"Rimligt, {version}.")
        packet = make_packet(meeting=item.meeting, actor=director)
        for job in (job_for(memo_key(item)).pk, packet.job_id):
            assert run_job(job)
        send_packet(packet=packet, actor=director)
        send_packet(packet=packet, actor=director)
    assert packet.version == 2
    assert case.records.count() == before + 1
    record = EffortMemo.objects.get().record
    assert record is not None
    assert record.subject == f"Tjänsteskrivelse: {item.title}"


def test_the_office_finds_it_and_writes_it_on_its_page(
    item: AgendaItem, director: User, board_member: User, sign_in: Any
) -> None:
    client, effort = sign_in(director), item.treated_application
    page = reverse("boards:effort_memo", args=["sjo", item.meeting_id, item.pk])
    for name, args in (
        ("office_changes", [effort.public_id]),
        ("meeting", [item.meeting_id]),
        ("item", [item.meeting_id, item.pk]),
    ):
        shown = client.get(reverse(f"boards:{name}", args=["sjo", *args])).content.decode()
        assert page in shown, name
    said = {f"text-{key}": text for key, text in texts_of(item).items()}
    said |= {"version": "0", "text-assessment": "Ändringen ryms i beslutet."}
    assert client.post(page, said, headers={"x-autosave": "1"}).json()["version"] == 1
    again = {**said, "text-assessment": "En annan bedömning."}
    assert client.post(page, again, headers={"x-autosave": "1"}).status_code == 409
    assert "Ändringen ryms i beslutet." in client.post(page, again).content.decode()
    assert client.post(page, {**again, "keep": "1"}).status_code == 302
    assert EffortMemo.objects.get().texts == {"assessment": "En annan bedömning."}
    client.post(f"{page}gor/")
    assert versions(memo_key(item)) == 2
    built = build_effort_memo(dict(job_for(memo_key(item)).arguments["source"]), effort.association)
    assert (own_faults(built.pdf), validator_faults(built.pdf, UA)) == ([], [])
    assert sign_in(board_member).get(page).status_code == 403
    opening = item.meeting.items.exclude(pk=item.pk).first()
    other = reverse("boards:effort_memo", args=["sjo", item.meeting_id, opening.pk])
    assert sign_in(director).get(other).status_code == 404


def test_an_early_termination_has_one_too_as_pdf_and_word(
    effort: Application, board: Body, director: User
) -> None:
    stop = clock.today() + timedelta(days=60)
    said = {
        "ground": TerminationGround.CONTRIBUTIONS,
        "reason": "Regionens bidrag halveras.",
        "stops_on": stop,
        "claims_until": stop + timedelta(days=30),
    }
    meeting = make.make_meeting(board, director, called=False)
    end = propose_to_board(application=effort, meeting=meeting, actor=director, **said)
    item = end.agenda_items.get()
    assert any("i förtid avsluta" in one for one in effort_memo_source(item)["clauses"])
    change_proposal(
        termination=end,
        expected_revision=end.revision,
        actor=director,
        **{**said, "reason": "Regionen lämnar."},
    )
    assert versions(memo_key(item)) == 2
    job = job_for(memo_key(item))
    assert "Regionen lämnar." in job.arguments["source"]["matter"]
    made = build_effort_memo(dict(job.arguments["source"]), effort.association)
    assert (own_faults(made.pdf), (made.docx or b"")[:2]) == ([], b"PK")
    assert (validator_faults(made.pdf, UA), validator_faults(made.pdf, A)) == ([], [])
