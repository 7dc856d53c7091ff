"""Around attestation: sent back with a remark, corrected later, extracts, and proof of posting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boards.after_attestation import promise_extract
from boards.announcements import announcement_of, proof_source
from boards.attestation import attest, hand_to_attesters, send_back
from boards.corrections import propose_correction
from boards.decisions import record_decision
from boards.dispatch import send_notice
from boards.errors import MeetingRefusal
from boards.minutes import close_meeting, edit_paragraph, send_to_attesters
from boards.models import (
    AgendaItem,
    Attestation,
    AttestationRemark,
    Correction,
    Minutes,
    MinutesState,
    Outcome,
    Paragraph,
)
from boards.notices import post_notice
from finsam import clock
from finsam.associations.models import NoticeBoard
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict
from finsam.messages.models import Message
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def minutes(called, director):
    return make.make_closed(called, director)


@kept
def sent(minutes, director):
    return send_to_attesters(minutes=minutes, actor=director)


@kept
def attested(minutes, association, director):
    member = association.members.get(slug="kommunen")
    NoticeBoard.objects.create(association=association, member=member, name=member.name)
    return make.make_attested(minutes, director)


@kept
def coming(board, director):
    starts_at = clock.now() + timedelta(days=60)
    return make.make_meeting(board, director, starts_at=starts_at, called=False)


def attesters(minutes):
    rows = minutes.meeting.attesters.select_related("seat__user").order_by("function")
    return [one.seat.user for one in rows]


def attest_as(user, minutes, **changes):
    said = {"password": make.PASSWORD, "seen_hash": minutes.content_hash, **changes}
    return attest(minutes=minutes, actor=user, **said)


# --- sent back --------------------------------------------------------------------------------


def test_an_attester_sends_back_and_all_attest_the_new_text(sent, director):
    chair, other = attesters(sent)
    attest_as(chair, sent)
    back = send_back(
        minutes=sent, actor=other, remark="Fel dag i § 1.", seen_hash=sent.content_hash
    )
    assert back.state == MinutesState.DRAFT
    paragraph = back.paragraphs.first()
    edit_paragraph(paragraph=paragraph, texts={"note": "x"}, expected_revision=0, actor=director)
    again = send_to_attesters(minutes=back, actor=director)
    assert again.content_hash != sent.content_hash
    attest_as(other, again)
    assert Minutes.objects.get().state == MinutesState.WITH_ATTESTERS
    assert attest_as(chair, again).state == MinutesState.ATTESTED
    hashes = Attestation.objects.order_by("pk").values_list("content_hash", flat=True)
    assert list(hashes) == [sent.content_hash, again.content_hash, again.content_hash]


def test_D01_sent_back_twice_is_one_remark(sent):
    _, other = attesters(sent)
    for _turn in range(2):
        send_back(minutes=sent, actor=other, remark="Fel dag.", seen_hash=sent.content_hash)
    assert AttestationRemark.objects.count() == 1
    assert Event.objects.filter(action="minutes_sent_back").count() == 1
    told = Message.objects.filter(event_key__startswith="remark-")
    assert [one.recipient for one in told] == [sent.meeting.secretary]
    assert "Fel dag." in told[0].body


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"remark": "  "}, "remark_empty"), ({"seen_hash": "0" * 64}, "content_changed")],
)
def test_sent_back_only_with_a_remark_on_what_was_read(sent, changes, code):
    said = {"remark": "Fel", "seen_hash": sent.content_hash, **changes}
    with pytest.raises((MeetingRefusal, Conflict)) as refusal:
        send_back(minutes=sent, actor=attesters(sent)[0], **said)
    assert refusal.value.code == code
    assert Minutes.objects.get().state == MinutesState.WITH_ATTESTERS


def test_those_who_attest_are_asked_once_for_each_content(minutes, director):
    for _turn in range(2):
        hand_to_attesters(minutes=minutes, actor=director)
    asked = Message.objects.filter(event_key__startswith="attest-")
    assert sorted(one.address for one in asked) == sorted(one.email for one in attesters(minutes))


# --- corrections ------------------------------------------------------------------------------


def test_a_correction_is_a_new_paragraph_and_both_point_at_each_other(
    attested, coming, director, sign_in
):
    old = attested.paragraphs.get(item__kind="decision")
    text = "Beloppet i § 5 ska vara 600 000 kronor."
    for _turn in range(2):
        propose_correction(paragraph=old, meeting=coming, text=text, actor=director)
    correction = Correction.objects.get()
    assert f"§\u00a0{old.number}" in correction.item.title
    assert "behöver" in correction.item.background
    assert AgendaItem.objects.filter(meeting=coming, kind="decision").count() == 1

    address = f"/{coming.association.slug}/moten/{attested.meeting_id}/protokoll/"
    page = sign_in(director).get(address).content.decode()
    assert "En rättelse är föreslagen till" in page
    make.open_with_all(send_notice(meeting=coming, actor=director), director)
    make.settle_formal(coming, director)
    record_decision(item=correction.item, outcome=Outcome.APPROVED, reason=text, actor=director)
    make.settle_formal(coming, director, closing=True)
    new = make.make_attested(close_meeting(meeting=coming, actor=director), director)
    paragraph = new.paragraphs.get(item=correction.item)
    page = sign_in(director).get(address).content.decode()
    assert f"§ {paragraph.number}," in page
    assert "<b>Rättad</b> genom" in page
    address = f"/{coming.association.slug}/moten/{new.meeting_id}/protokoll/"
    assert "Rättar <a" in sign_in(director).get(address).content.decode()
    assert Minutes.objects.get(pk=attested.pk).content == attested.content


def test_only_attested_paragraphs_are_corrected_and_only_in_the_same_body(
    minutes, coming, council, director
):
    paragraph = minutes.paragraphs.first()
    with pytest.raises(MeetingRefusal) as refusal:
        propose_correction(paragraph=paragraph, meeting=coming, text="x", actor=director)
    assert refusal.value.code == "not_attested"
    make.make_attested(minutes, director)
    other = make.make_meeting(council, director, called=False)
    with pytest.raises(MeetingRefusal) as refusal:
        propose_correction(paragraph=paragraph, meeting=other, text="x", actor=director)
    assert refusal.value.code == "wrong_meeting"


# --- extracts and proofs ----------------------------------------------------------------------


def test_an_extract_of_any_attested_paragraph_is_made_once(attested, director):
    paragraph = attested.paragraphs.get(item__kind="agenda")
    assert promise_extract(paragraph, director) == promise_extract(paragraph, director)
    assert DocumentSeries.objects.get(key=f"extract:{paragraph.pk}").last_version == 1


def test_no_extract_of_what_is_not_attested(minutes, director):
    with pytest.raises(MeetingRefusal) as refusal:
        promise_extract(minutes.paragraphs.first(), director)
    assert refusal.value.code == "not_attested"


def test_the_proof_of_posting_has_one_line_a_board_and_a_new_version_each_time(attested, director):
    (notice,) = attested.notices.all()
    before = proof_source(announcement_of(attested))
    assert (before["rows"][0][1], before["legal_force"]) == ("", "")
    post_notice(notice=notice, posted_on=clock.today(), actor=director)
    after = proof_source(announcement_of(attested))
    assert after["rows"][0][1] != ""
    assert after["legal_force"] != ""
    assert after["signed_by"] == [director.name]
    key = f"notice_proof:minutes:{attested.pk}"
    assert DocumentSeries.objects.get(key=key).last_version == 1


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.anywhere
def test_the_page_of_overdue_minutes_says_so(minutes, director, sign_in):
    address = f"/{minutes.meeting.association.slug}/moten/{minutes.meeting_id}/protokoll/"
    assert "Försenat." not in sign_in(director).get(address).content.decode()
    Minutes.objects.update()
    meeting = minutes.meeting
    meeting.starts_at = clock.now() - timedelta(days=20)
    meeting.save(update_fields=["starts_at"])
    assert "Försenat." in sign_in(director).get(address).content.decode()


@pytest.mark.anywhere
def test_the_office_proposes_a_correction_on_its_page(attested, coming, director, sign_in):
    number = attested.paragraphs.first().number
    address = f"/{coming.association.slug}/moten/{attested.meeting_id}/protokoll/{number}/ratta/"
    client = sign_in(director)
    assert client.get(address).status_code == 200
    assert client.post(address, {"meeting": str(coming.pk), "text": ""}).status_code == 422
    assert client.post(address, {"meeting": str(coming.pk), "text": "Så här."}).status_code == 302
    assert Correction.objects.get().paragraph == Paragraph.objects.get(
        minutes=attested, number=number
    )


@pytest.mark.anywhere
def test_the_minutes_page_asks_the_same_with_one_and_with_three_corrections(
    attested, coming, director, sign_in, django_assert_max_num_queries
):
    client = sign_in(director)
    address = f"/{coming.association.slug}/moten/{attested.meeting_id}/protokoll/"
    rows = list(attested.paragraphs.all())
    counts = []
    for wanted in (1, 3):
        for row in rows[:wanted]:
            said = f"Rättelse av {row.number}"
            propose_correction(paragraph=row, meeting=coming, text=said, actor=director)
        with django_assert_max_num_queries(15) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked.captured_queries))
    assert counts[0] == counts[1]
