"""What a member reads: the item with private notes that follow the text, and nothing if recused."""

from __future__ import annotations

import pytest

from boards.dispatch import send_packet
from boards.errors import MeetingRefusal
from boards.models import DecisionMemo, MeetingPacket, PacketDownload, PrivateNote, Recusal
from boards.packet import make_packet
from boards.packet_extracts import item_key, promise_item
from boards.queries import final_memo, may_read_at_meeting
from boards.reading import notes_on, passages_of, save_note
from boards.recusals import declare_own_recusal, declare_recusal
from finsam.documents.documents import document_for, may_read
from finsam.jobs.work import run_waiting
from finsam.people.access import visitor_for
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def case(called):
    """The application's item on the called meeting's agenda."""
    return called.items.select_related("meeting__association", "application").get(kind="decision")


@pytest.fixture
def reader(seat_of):
    return seat_of("af").user


@kept
def packet(called, director):
    made = make_packet(meeting=called, actor=director)
    run_waiting()
    return send_packet(packet=made, actor=director)


def address(item, tail=""):
    meeting = item.meeting
    return f"/{meeting.association.slug}/moten/{meeting.pk}/arende/{item.pk}/{tail}"


def passages(item, reader):
    """The item as its page reads it."""
    return passages_of(item, final_memo(item.application), notes_on(item, reader))


# --- notes ------------------------------------------------------------------------------------


def test_a_note_follows_its_passage_into_the_next_version(case, reader, ready):
    save_note(item=case, place="memo-summary", text="Fråga om siffran", user=reader)
    found = {one.place: one for one in passages(case, reader)}
    assert found["memo-summary"].note.text == "Fråga om siffran"
    assert not found["memo-summary"].has_changed
    memo = ready.memos.get()
    snapshot = {**memo.snapshot, "texts": {**memo.snapshot["texts"], "summary": "Ny text."}}
    DecisionMemo.objects.filter(pk=memo.pk).update(snapshot=snapshot)
    changed = {one.place: one for one in passages(case, reader)}["memo-summary"]
    assert changed.has_changed
    assert changed.text == "Ny text."
    assert {kind for kind, _ in changed.pieces} >= {"ins", "del"}


def test_a_note_on_text_that_is_gone_is_kept_last(case, reader, ready):
    save_note(item=case, place="memo-follow_up", text="Minns", user=reader)
    memo = ready.memos.get()
    texts = {**memo.snapshot["texts"], "follow_up": ""}
    DecisionMemo.objects.filter(pk=memo.pk).update(snapshot={**memo.snapshot, "texts": texts})
    last = passages(case, reader)[-1]
    assert (last.place, last.text, last.note.text) == ("memo-follow_up", "", "Minns")
    assert last.has_changed


def test_nobody_else_sees_a_note(case, reader, seat_of, sign_in):
    sign_in(reader).post(
        address(case, "anteckning/"), {"place": "memo-summary", "text": "Hemligt ord"}
    )
    assert PrivateNote.objects.get().user == reader
    assert "Hemligt ord" in sign_in(reader).get(address(case)).content.decode()
    for user in (seat_of("fk").user, make.make_person("director", case.meeting.association)):
        assert "Hemligt ord" not in sign_in(user).get(address(case)).content.decode()


# --- the packet -------------------------------------------------------------------------------


def test_what_is_new_since_the_last_download(called, packet, reader, director, sign_in):
    home = f"/{called.association.slug}/styrelse/"
    client = sign_in(reader)
    assert "Handlingarna har kommit." in client.get(home).content.decode()
    client.post(f"/{called.association.slug}/moten/{called.pk}/paket/hamta/")
    assert "Du har hämtat den senaste versionen." in client.get(home).content.decode()
    second = MeetingPacket.objects.create(
        meeting=called,
        version=2,
        source=packet.source,
        changes=["5 Ärendet: handlingarna har ändrats."],
        job=_job_like(packet),
        created_by=director,
        sent_at=packet.sent_at,
    )
    page = client.get(home).content.decode()
    assert "5 Ärendet: handlingarna har ändrats." in page
    assert PacketDownload.objects.filter(packet=second).count() == 0


def _job_like(packet):
    from finsam.jobs.models import Job

    job = Job.objects.get(pk=packet.job_id)
    job.pk, job.key = None, f"{job.key}:2"
    job.save(force_insert=True)
    return job


# --- recused ----------------------------------------------------------------------------------


def test_P05_the_recused_are_refused_pages_and_documents(
    case, packet, ready, reader, seat_of, association, director, sign_in
):
    visitor = visitor_for(association, reader)
    memo = document_for(f"memo:{ready.memos.get().pk}")
    promise_item(packet=packet, item=case.pk, actor=director)
    run_waiting()
    part = document_for(item_key(packet, case.pk))
    whole = document_for(f"packet:{packet.meeting_id}")
    client = sign_in(reader)
    papers = [memo, part, whole]
    assert [may_read(visitor, one) for one in papers] == [True] * 3
    assert client.get(address(case)).status_code == 200

    declare_recusal(item=case, seat=seat_of("af"), actor=director)

    assert [may_read(visitor, one) for one in papers] == [False] * 3
    for one in papers:
        assert client.get(one.get_absolute_url()).status_code in (403, 404), one
    page = client.get(address(case))
    assert page.status_code == 403
    assert "Du har anmält jäv i" in page.content.decode()
    assert client.post(address(case, "anteckning/"), {"text": "x"}).status_code == 403
    home = client.get(f"/{association.slug}/styrelse/").content.decode()
    assert "Du har anmält jäv och ser inte ärendets handlingar." in home


def test_P05_who_declares_a_conflict_of_interest_by_himself_loses_the_documents_at_once(
    case, packet, ready, reader, seat_of, association, director, sign_in
):
    """On the phone, twice; what the office notes of it, with a stand-in, stands."""
    visitor = visitor_for(association, reader)
    papers = [
        document_for(f"memo:{ready.memos.get().pk}"),
        document_for(f"packet:{case.meeting_id}"),
    ]
    client = sign_in(reader)
    assert [may_read(visitor, one) for one in papers] == [True, True]
    assert address(case, "jav/eget/") in client.get(address(case)).content.decode()

    sent = [client.post(address(case, "jav/eget/"), {"reason": " Granne "}) for _ in range(2)]

    assert [answer.url for answer in sent] == [f"/{association.slug}/styrelse/"] * 2
    recusal = Recusal.objects.get()
    assert (recusal.item, recusal.seat, recusal.reason) == (case, seat_of("af"), "Granne")
    assert recusal.declared_by == reader
    assert [may_read(visitor, one) for one in papers] == [False, False]
    assert client.get(address(case)).status_code == 403
    spare = seat_of("af", substitute=1)
    declare_recusal(item=case, seat=seat_of("af"), served_by=spare, actor=director)
    assert client.post(address(case, "jav/eget/")).status_code == 302
    assert Recusal.objects.get().served_by == spare


def test_nobody_declares_a_conflict_of_interest_without_a_seat_or_after_the_decision(
    case, reader, director, association, sign_in
):
    client, text = sign_in(reader), "Anmäl jäv"
    with pytest.raises(MeetingRefusal) as refusal:
        declare_own_recusal(item=case, actor=director)
    assert (refusal.value.code, refusal.value.message) == (
        "no_seat",
        "Du har ingen plats i styrelsen.",
    )
    assert text not in sign_in(director).get(address(case)).content.decode()
    type(case).objects.filter(pk=case.pk).update(state="done")
    assert text not in client.get(address(case)).content.decode()
    answer = client.post(address(case, "jav/eget/"), follow=True)
    assert "Jäv måste anmälas innan beslutet fattas" in answer.content.decode()
    assert Recusal.objects.count() == 0


def test_P05_a_recused_council_member_is_refused_too(
    council, prepared, association, director, sign_in
):
    meeting = make.make_meeting(council, director, applications=[prepared])
    item = meeting.items.get(application=prepared)
    seat = council.seats.first()
    visitor = visitor_for(association, seat.user)
    client = sign_in(seat.user)
    assert may_read_at_meeting(visitor, prepared.case_id)
    assert client.get(address(item)).status_code == 200
    declare_recusal(item=item, seat=seat, actor=director)
    assert not may_read_at_meeting(visitor, prepared.case_id)
    assert client.get(address(item)).status_code == 403
