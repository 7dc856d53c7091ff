"""The packet's versions, what they say has changed, and the parts that are had on their own."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.freezing import latest_received
from applications.sending import application_key
from boards.agenda import add_item
from boards.dispatch import packet_key, send_packet
from boards.models import ItemKind
from boards.packet import make_packet, packet_source
from boards.packet_changes import new_documents, packet_changes, sentence
from boards.packet_extracts import (
    delta_key,
    item_key,
    promise_item,
    promise_without,
    without_key,
)
from boards.recusals import declare_recusal
from finsam import clock
from finsam.documents.documents import document_for, promise_document
from finsam.documents.kinds import may_read
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.pdf_text import page_text
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_job, run_waiting
from finsam.people.access import visitor_for
from tests.kept import kept

pytestmark = pytest.mark.django_db


def texts_of(document) -> list[str]:
    with pikepdf.open(io.BytesIO(open_file(document.pdf))) as pdf:
        return [page_text(page).replace("\u00a0", " ") for page in pdf.pages]


def bookmarks_of(document, position) -> list[str]:
    """What the reader sees under the item of that number."""
    pdf = pikepdf.open(io.BytesIO(open_file(document.pdf)))
    with pdf, pdf.open_outline() as outline:
        item = next(one for one in outline.root if one.title.startswith(f"{position} "))
        return [child.title for child in item.children]


def test_the_same_packet_twice_is_one_version_and_a_change_another(called, director):
    first = make_packet(meeting=called, actor=director)
    assert make_packet(meeting=called, actor=director) == first
    assert document_for(delta_key(first)) is None
    add_item(meeting=called, title="Läget", kind=ItemKind.INFORMATION, actor=director)
    second = make_packet(meeting=called, actor=director)
    assert (second.version, second.changes) == (
        2,
        ["6 Läget: Nytt ärende.", "7 Mötet avslutas: Ärendet har flyttats från nummer 6."],
    )
    source = second.job.arguments["source"]
    assert (source["since"], len(source["changes"])) == (1, 2)


def test_changes_are_counted_from_the_version_that_the_board_has(called, director):
    """A version that was never sent is nothing that a reader could compare with."""
    first = make_packet(meeting=called, actor=director)
    first.sent_at = clock.now()
    first.save(update_fields=["sent_at"])
    add_item(meeting=called, title="Läget", kind=ItemKind.INFORMATION, actor=director)
    make_packet(meeting=called, actor=director)
    add_item(meeting=called, title="Budgeten", kind=ItemKind.INFORMATION, actor=director)
    third = make_packet(meeting=called, actor=director)
    assert third.job.arguments["source"]["since"] == 1
    assert [change.split(":")[0] for change in third.changes] == [
        "6 Läget", "7 Budgeten", "8 Mötet avslutas",
    ]  # fmt: skip


def test_the_changes_name_what_was_changed(called):
    old, new = packet_source(called), packet_source(called)
    item = new["items"][4]
    item["annexes"] = [{"title": "Avtal", "sha256": "a" * 64, "name": "avtal.pdf"}]
    item["documents"][0]["version"] = 2
    del new["items"][5]
    new["notice"]["facts"][1] = ("Plats", "Ronneby")
    assert [sentence(change) for change in packet_changes(old, new)] == [
        f"5 {item['title']}: Ny version: Beslutsunderlag. Ny bilaga: Avtal.",
        "6 Mötet avslutas: Ärendet har utgått.",
        "Kallelsen: Tid, plats eller form är ändrad.",
    ]
    assert new_documents(old, new) == {item["pk"]: [f"{item['documents'][0]['key']}@2", "a" * 64]}


def test_another_presenter_is_a_change_of_its_item(called):
    old, new = packet_source(called), packet_source(called)
    new["notice"]["items"][4]["presenter"] = "Någon annan"
    [change] = packet_changes(old, new)
    assert change["text"] == "Föredragande eller förslag till beslut är ändrat."
    assert new_documents(old, new) == {old["items"][4]["pk"]: []}


def test_a_packet_waits_for_documents_that_are_still_being_made(called, director):
    packet = make_packet(meeting=called, actor=director)
    Job.objects.filter(kind="document").exclude(pk=packet.job_id).update(state=JobState.FAILED)
    run_job(packet.job_id)
    job = Job.objects.get(pk=packet.job_id)
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert job.error == "”Beslutsunderlag” är inte klart än."
    assert job.paused_until is not None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_version_two_tells_what_changed_and_the_new_is_had_on_its_own(
    called, director, seat_of, ready
):
    promise_document(
        association=called.association,
        kind="application",
        key=application_key(ready),
        title="Ansökan",
        source={"about": None, "content": latest_received(ready).content},
        case=ready.case,
        requested_by=director,
    )
    first = make_packet(meeting=called, actor=director)
    run_waiting(100)
    send_packet(packet=first, actor=director)
    add_item(
        meeting=called, title="Läget", kind=ItemKind.INFORMATION, actor=director,
        background="Så här står det till.",
    )  # fmt: skip
    second = make_packet(meeting=called, actor=director)
    effort = next(one for one in second.source["items"] if one.get("documents"))
    promise_item(packet=second, item=effort["pk"], actor=director)
    promise_without(packet=second, items=[effort["pk"]], actor=director)
    run_waiting(100)
    send_packet(packet=second, actor=director)

    whole = document_for(packet_key(called))
    delta = document_for(delta_key(second))
    one = document_for(item_key(second, effort["pk"]))
    rest = document_for(without_key(second, [effort["pk"]]))
    for document in (whole, delta, one, rest):
        pdf = open_file(document.pdf)
        assert validator_faults(pdf, UA) == [], document.title
        assert validator_faults(pdf, A) == [], document.title
        assert own_faults(pdf) == [], document.title

    assert bookmarks_of(whole, effort["position"]) == [
        "Beslutsunderlag", "Ansökan", "Budget",
    ]  # fmt: skip
    texts = texts_of(whole)
    assert "Ändrat sedan version 1" in texts[1]
    assert "Nytt ärende." in texts[1]
    assert whole.version == 2
    news = texts_of(delta)
    assert len(news) == 4, "cover, changes, agenda and the new item"
    assert "Så här står det till." in news[3]
    assert "Oförändrat sedan version 1." in news[2]
    assert any("Beslutsunderlag" in text for text in texts_of(one)[3:])
    assert not any("Så här står det till." in text for text in texts_of(one))
    without = "\n".join(texts_of(rest))
    assert "Du har anmält jäv." in without
    assert "600 000" in "\n".join(texts_of(whole))
    assert "600 000" not in without

    seat = seat_of("kommunen")
    item = called.items.get(pk=effort["pk"])
    declare_recusal(item=item, seat=seat, actor=director)
    recused = visitor_for(called.association, seat.user)
    others = visitor_for(called.association, seat_of("af").user)
    assert [may_read(recused, found) for found in (whole, delta, one, rest)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert all(may_read(others, found) for found in (whole, delta, one, rest))


# --- the page ----------------------------------------------------------------------------------


def page_of(meeting, name="packet_documents", *more):
    return reverse(f"boards:{name}", args=[meeting.association.slug, meeting.pk, *more])


@kept
def sent(called, director):
    packet = make_packet(meeting=called, actor=director)
    packet.sent_at = clock.now()
    packet.save(update_fields=["sent_at"])
    return packet


def effort_of(packet):
    return next(one["pk"] for one in packet.source["items"] if one.get("documents"))


def test_a_member_has_one_item_made_once_however_often_it_is_asked_for(
    sign_in, called, sent, seat_of
):
    member = sign_in(seat_of("af").user)
    url = page_of(called, "packet_item", effort_of(sent))
    assert "Hämta ärendet" in member.get(page_of(called)).content.decode()
    for _ in range(2):
        assert member.post(url).status_code == 302
    assert Job.objects.filter(arguments__kind="packet_extract").count() == 1
    page = member.get(page_of(called)).content.decode()
    assert "Arbetet står i kö." in page
    assert "Arbetet står i kö." in member.get(url, headers={"HX-Request": "true"}).content.decode()
    assert member.get(url).url == page_of(called)


def test_one_with_a_conflict_of_interest_is_offered_the_rest(
    sign_in, called, sent, director, seat_of
):
    seat = seat_of("kommunen")
    item = called.items.get(pk=effort_of(sent))
    declare_recusal(item=item, seat=seat, actor=director)
    member, other = sign_in(seat.user), sign_in(seat_of("af").user)
    page = member.get(page_of(called)).content.decode()
    assert "Hämta paketet utan dina jäv" in page
    assert "Hämta ärendet" not in page
    assert member.post(page_of(called, "packet_item", item.pk)).status_code == 404
    assert member.post(page_of(called, "packet_without")).status_code == 302
    assert Job.objects.filter(arguments__kind="packet_extract").count() == 1
    assert other.post(page_of(called, "packet_without")).status_code == 404


def test_nothing_of_a_packet_is_shown_before_it_is_sent(sign_in, called, director, seat_of):
    packet = make_packet(meeting=called, actor=director)
    member = sign_in(seat_of("af").user)
    assert "när kansliet har skickat dem" in member.get(page_of(called)).content.decode()
    assert member.post(page_of(called, "packet_item", effort_of(packet))).status_code == 404


@pytest.mark.anywhere
def test_the_page_asks_as_much_for_many_items_as_for_few(sign_in, called, sent, director, seat_of):
    member = sign_in(seat_of("af").user)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert member.get(page_of(called)).status_code == 200
        return len(counted)

    queries()
    few = queries()
    for number in range(4):
        add_item(
            meeting=called, title=f"Läget {number}", kind=ItemKind.INFORMATION,
            background="Så.", actor=director,
        )  # fmt: skip
    packet = make_packet(meeting=called, actor=director)
    packet.sent_at = clock.now()
    packet.save(update_fields=["sent_at"])
    for item in packet.source["items"]:
        if item["background"]:
            promise_item(packet=packet, item=item["pk"], actor=director)
    assert queries() == few <= 15
