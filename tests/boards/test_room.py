"""The room's pages: followed live, run by two secretaries, corrected, adjourned, elections held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boards.adjourning import adjourn
from boards.agenda import add_item
from boards.attendance import arrive, leave, presence
from boards.correcting import correct_item
from boards.decisions import put_motion, record_decision
from boards.models import AgendaItem, Decision, Meeting, Nomination, Outcome, Recusal
from boards.recusals import declare_recusal
from finsam import clock
from finsam.registry.models import Event
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


def room(meeting, name="room", *more):
    return reverse(f"boards:{name}", args=[meeting.association.slug, meeting.pk, *more])


@pytest.fixture
def office(sign_in, director):
    return sign_in(director)


@pytest.fixture
def follower(sign_in, seat_of):
    return sign_in(seat_of("af").user)


def text_of(answer):
    return answer.content.decode()


def follow(client, url):
    """Asked for by the page's script."""
    return client.get(url, headers={"HX-Request": "true"})


# --- followed live ----------------------------------------------------------------------------


def test_nothing_is_sent_while_nothing_happens(follower, meeting):
    pulse = Meeting.objects.get(pk=meeting.pk).pulse
    url = f"{room(meeting, 'live')}?puls={pulse}"
    assert (follow(follower, url).status_code, follow(follower, url).content) == (204, b"")


def test_opened_by_itself_it_leads_to_the_room(follower, meeting):
    answer = follower.get(room(meeting, "live"))
    assert (answer.status_code, answer["Location"]) == (302, room(meeting))


def test_one_whose_session_has_ended_gets_no_sign_in_page_into_the_room(client, meeting):
    assert follow(client, room(meeting, "live")).status_code == 401


def test_a_follower_gets_the_whole_room_when_something_has_happened(
    follower, meeting, item, director, seat_of
):
    pulse = Meeting.objects.get(pk=meeting.pk).pulse
    leave(meeting=meeting, seat=seat_of("kommunen"), actor=director)
    page = text_of(follow(follower, f"{room(meeting, 'live')}?puls={pulse}"))
    for part in ("rum-huvud", "rum-arenden", "rum-narvaro", "rum-nasta", "rum-arende"):
        assert f'id="{part}"' in page
    assert "Beslutsför: 4 av 5" in page
    assert "csrfmiddlewaretoken" not in page


def test_a_members_own_page_leads_to_the_meeting_that_goes_on(follower, meeting, director):
    home = reverse("boards:board_home", args=["sjo"])
    assert f'href="{room(meeting)}">Följ mötet' in text_of(follower.get(home))
    adjourn(meeting=meeting, reason="", actor=director)
    shown = text_of(follower.get(home))
    assert f'href="{room(meeting)}">Följ mötet' in shown
    assert "Just nu är mötet ajournerat." in shown


def test_the_secretarys_form_is_left_alone_and_she_is_told(office, meeting, item, director):
    pulse = Meeting.objects.get(pk=meeting.pk).pulse
    record_decision(item=item, outcome=Outcome.TABLED, actor=director)
    page = text_of(follow(office, f"{room(meeting, 'live')}?puls={pulse}&arende={item.pk}"))
    assert 'id="rum-arende"' not in page
    assert "Någon annan har antecknat något" in page
    assert f"Nu behandlas ärende {item.position + 1}" in page


def test_the_recused_sees_nothing_of_the_item_live(sign_in, meeting, item, director, seat_of):
    declare_recusal(item=item, seat=seat_of("fk"), actor=director)
    page = text_of(follow(sign_in(seat_of("fk").user), f"{room(meeting, 'live')}?puls=0"))
    assert "Du har anmält jäv" in page
    assert "600\u00a0000" not in page


# --- two secretaries, stale pages -------------------------------------------------------------


def test_D02_a_stale_page_of_a_struck_item_is_told_so(office, meeting, item, frame, director):
    record_decision(item=item, outcome=Outcome.TABLED, actor=director)
    correct_item(item=item, reason="Fel", actor=director)
    form = {"outcome": "granted", "amount": "600 000", "frame": frame.pk}
    typed = "Ett långt villkor som är skrivet."
    answer = office.post(room(meeting, "decide", item.pk), {**form, "conditions": typed})
    assert answer.status_code == 409
    assert "har rättats" in text_of(answer)
    assert f"readonly>{typed}</textarea>" in text_of(answer)
    assert office.get(room(meeting, "take_up", item.pk)).status_code == 405


def test_D01_two_secretaries_correct_the_same_item_once(office, meeting, item, director):
    record_decision(item=item, outcome=Outcome.TABLED, actor=director)
    url = room(meeting, "correct_item", item.pk)
    assert "bordlägga ärendet" in text_of(office.get(url))
    assert office.post(url, {"reason": ""}).status_code == 422
    answers = [office.post(url, {"reason": "Fel utfall"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert AgendaItem.everything.filter(meeting=meeting).count() == 7
    assert Event.objects.filter(action="item_corrected").count() == 1
    page = text_of(office.get(room(meeting)))
    assert "Det som stod förut är struket" in page
    assert "Rätta det som antecknats" not in page


# --- the roll, who leads ----------------------------------------------------------------------


def test_the_roll_is_called_in_one_go(office, gathering, seat_of):
    away, other = seat_of("fk"), seat_of("fk", substitute=1)
    form = {f"seat-{seat_of(slug).pk}": "here" for slug in ("kommunen", "regionen", "af")}
    form |= {f"seat-{away.pk}": str(other.pk), f"seat-{seat_of('grannkommunen').pk}": "absent"}
    for _ in range(2):
        assert office.post(room(gathering, "roll"), form).status_code == 302
    found = {one.filled.member.slug: one.seat for one in presence(gathering).serving}
    assert sorted(found) == ["af", "fk", "kommunen", "regionen"]
    assert found["fk"] == other
    assert Event.objects.filter(action="attendance_arrived").count() == 4

    form[f"seat-{away.pk}"] = "here"
    office.post(room(gathering, "roll"), form)
    assert {one.seat for one in presence(gathering).serving} >= {away}
    form[f"seat-{away.pk}"] = "absent"
    office.post(room(gathering, "roll"), form)
    assert len(presence(gathering).serving) == 3
    assert office.post(room(gathering, "roll"), {}).status_code == 422


def test_those_present_choose_who_leads_when_no_chair_has_come(
    office, gathering, director, seat_of
):
    for slug in ("kommunen", "grannkommunen", "af"):
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)
    assert "Vem väljs att leda mötet?" in text_of(office.get(room(gathering)))
    office.post(room(gathering, "open"))
    gathering.refresh_from_db()
    assert gathering.state == "called"
    office.post(room(gathering, "open"), {"chair": seat_of("fk").pk})
    gathering.refresh_from_db()
    assert gathering.state == "called"
    office.post(room(gathering, "open"), {"chair": seat_of("af").pk})
    gathering.refresh_from_db()
    assert (gathering.state, gathering.chair) == ("ongoing", seat_of("af"))


# --- conflicts of interest, motions -----------------------------------------------------------


def test_KL_6_28_the_system_asks_whom_it_may_concern_and_a_substitute_steps_in(
    office, meeting, item, director, seat_of
):
    seat, spare = seat_of("fk"), seat_of("fk", substitute=1)
    lead = item.application.parties.get(is_lead=True)
    lead.contact_email = seat.user.email.upper()
    lead.save(update_fields=["contact_email"])
    arrive(meeting=meeting, seat=spare, actor=director)
    page = text_of(office.get(room(meeting)))
    assert "Fråga om jäv" in page

    form = {"recusal-seat": seat.pk, "recusal-served_by": "next", "recusal-reason": "Kontakt"}
    url = room(meeting, "recuse", item.pk)
    assert office.post(url, form).status_code == 302
    assert Recusal.objects.get().served_by == spare
    assert "Fråga om jäv" not in text_of(office.get(room(meeting)))
    assert office.post(url, {"do": "withdraw", "seat": seat.pk}).status_code == 302
    assert Recusal.objects.count() == 0


def test_a_motion_fills_in_the_decision_and_the_order_of_propositions(
    office, meeting, item, director, seat_of
):
    said = {"item": item, "actor": director, "outcome": Outcome.PARTLY_GRANTED}
    first = put_motion(seat=seat_of("af"), text="Mindre", amount=400_000, **said)
    put_motion(seat=seat_of("fk"), text="Mer", amount=500_000, **said)
    page = text_of(office.get(f"{room(meeting)}?arende={item.pk}&yrkande={first.pk}"))
    assert 'value="400\u00a0000"' in page or "400 000" in page.replace("\u00a0", " ")
    assert "ställer proposition på yrkandet från" in page


def test_KL_6_33_the_votes_are_counted_while_they_are_noted(
    office, meeting, item, frame, board, seat_of
):
    seats = {one.member.slug: one.pk for one in board.seats.exclude(function="substitute")}
    form = {
        "outcome": "granted", "amount": "600 000", "frame": frame.pk, "vote": "on",
        f"vote-{seats['regionen']}": "no", f"vote-{seats['fk']}": "yes",
    }  # fmt: skip
    url = room(meeting, "wording", item.pk)
    assert "1 ja, 1 nej." in text_of(office.get(url, form))
    assert "3 återstår" in text_of(office.get(url, form))
    rest = {"af": "yes", "kommunen": "no", "grannkommunen": "abstain"}
    form |= {f"vote-{seats[slug]}": choice for slug, choice in rest.items()}
    page = text_of(office.get(url, form))
    assert "Lika röster" in page
    assert "som är nej" in page
    assert Decision.objects.filter(item=item).count() == 0


# --- breaks, times, elections, items added ----------------------------------------------------


def test_the_meeting_is_adjourned_and_taken_up_from_the_room(office, follower, meeting, director):
    office.post(room(meeting, "pause"), {"do": "adjourn", "reason": "Lunch"})
    assert "Mötet är ajournerat" in text_of(follower.get(room(meeting)))
    assert "Återuppta mötet" in text_of(office.get(room(meeting)))
    office.post(room(meeting, "pause"), {"do": "resume"})
    meeting.refresh_from_db()
    assert meeting.state == "ongoing"
    adjourn(meeting=meeting, actor=director)
    answer = office.post(room(meeting, "close"))
    assert answer.status_code == 302
    meeting.refresh_from_db()
    assert meeting.state == "adjourned"


def test_wrong_times_are_mended_on_a_page(office, called, director, seat_of):
    now = clock.now()
    with clock.at(now - timedelta(hours=2)):
        make.open_with_all(called, director)
    seat = seat_of("af")
    row = called.attendances.get(seat=seat)
    url = room(called, "correct_attendance", seat.pk)
    assert office.get(url).status_code == 200
    arrived = f"{clock.stockholm(row.arrived_at):%H:%M}"
    wrong = {"row": row.pk, f"row-{row.pk}-arrived": arrived, f"row-{row.pk}-left": "nej"}
    assert office.post(url, wrong).status_code == 422
    left = f"{clock.stockholm(row.arrived_at + timedelta(minutes=5)):%H:%M}"
    assert office.post(url, {**wrong, f"row-{row.pk}-left": left}).status_code == 302
    changed = called.attendances.get(seat=seat)
    assert changed.arrived_at == row.arrived_at
    assert f"{clock.stockholm(changed.left_at):%H:%M}" == left
    assert office.post(url, {"row": row.pk, "do": "strike"}).status_code == 302
    assert not called.attendances.filter(seat=seat).exists()
    assert office.post(url, {"row": row.pk, "do": "strike"}).status_code == 302
    assert "Ingen närvaro är antecknad" in text_of(office.get(url))


def test_an_election_is_held_in_the_room(office, meeting, item, director):
    record_decision(item=item, outcome=Outcome.TABLED, actor=director)
    free = add_item(meeting=meeting, title="Val av revisor", actor=director)
    make.settle_formal(meeting, director)
    office.post(room(meeting, "take_up", free.pk))
    assert "Förrätta val" in text_of(office.get(room(meeting)))
    form = {
        "election-task": "revisor", "election-places": 1,
        "election-name-1": "Ada Ek", "election-votes-1": 2,
        "election-name-2": "Bo Al", "election-votes-2": 2,
    }  # fmt: skip
    url = room(meeting, "election", free.pk)
    answer = office.post(url, form)
    assert answer.status_code == 422
    assert "lottning" in text_of(answer)
    form["election-drawn-2"] = "on"
    assert [office.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert Decision.objects.get(item=free).clauses == ["utse Bo Al till revisor"]
    assert Nomination.objects.filter(is_elected=True, by_lot=True).get().name == "Bo Al"


def test_an_item_is_added_from_the_room_and_leads_back_there(office, meeting):
    url = room(meeting, "add_item")
    assert office.get(url).status_code == 200
    answer = office.post(url, {"title": "Extra", "kind": "decision"})
    assert answer.url == room(meeting)


def test_a_late_item_comes_before_the_closing_which_waits_for_it(office, meeting, item, director):
    make.grant_as_proposed(item, director)
    closing = meeting.items.get(kind="closing")
    assert closing.state == "current"
    office.post(room(meeting, "add_item"), {"title": "Sen fråga", "kind": "decision"})
    assert list(meeting.items.values_list("title", flat=True))[-2:] == ["Sen fråga", closing.title]
    office.post(room(meeting, "formal", closing.pk))
    assert "”Sen fråga” återstår." in text_of(office.get(room(meeting)))
    closing.refresh_from_db()
    assert closing.state == "current"


def test_a_meeting_is_moved_and_cancelled_on_pages(office, called):
    url = room(called, "move_meeting")
    assert office.get(url).status_code == 200
    day = clock.stockholm(called.starts_at + timedelta(days=1)).date().isoformat()
    form = {"day": day, "starts": "10:00", "place": "Ny sal", "mode": "hybrid"}
    assert office.post(url, {**form, "place": ""}).status_code == 422
    assert office.post(url, form).status_code == 302
    called.refresh_from_db()
    assert called.place == "Ny sal"
    url = room(called, "cancel_meeting")
    assert office.get(url).status_code == 200
    assert office.post(url, {"reason": ""}).status_code == 422
    assert office.post(url, {"reason": "Snöstorm"}).status_code == 302
    assert "Snöstorm" in text_of(office.get(room(called, "meeting")))
    assert "Snöstorm" in text_of(office.get(room(called)))


# --- how much is asked of the database --------------------------------------------------------


def asked(client, url):
    follow(client, url)
    with CaptureQueriesContext(connection) as captured:
        follow(client, url)
    return len(captured)


def test_the_rooms_queries_do_not_grow_with_its_agenda(office, follower, meeting, item, director):
    live = f"{room(meeting, 'live')}?puls=0"
    few = [asked(office, room(meeting)), asked(follower, room(meeting)), asked(follower, live)]
    for number in range(3):
        add_item(meeting=meeting, title=f"Ärende {number}", actor=director)
    many = [asked(office, room(meeting)), asked(follower, room(meeting)), asked(follower, live)]
    assert many == few
    pulse = Meeting.objects.get(pk=meeting.pk).pulse
    assert asked(follower, f"{room(meeting, 'live')}?puls={pulse}") <= 6
