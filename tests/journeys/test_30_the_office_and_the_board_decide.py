"""From the review to attested minutes: every page well read, by keyboard and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from applications.models import Application
from boards.council import View, record_recommendation
from boards.memos import finish_memo, start_memo
from boards.models import (
    AgendaItem,
    AssessmentVerdict,
    Body,
    Meeting,
    Minutes,
    Outcome,
    RecommendationKind,
)
from boards.recusals import declare_recusal
from finsam.associations.models import Association
from finsam.people.models import User
from tests import factories as make
from tests.journeys.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def board(association: Association) -> Body:
    return make.make_board(association)


@pytest.fixture
def application(association: Association, applicant: User) -> Application:
    frame = make.make_frame(association, amount=1_000_000)
    round_ = make.make_round(association, frame=frame)
    make.make_criteria(round_.programme)
    member = association.members.get(slug="kommunen")
    return make.make_submitted(round_, member, applicant, sought=600_000)


@pytest.fixture
def called(board: Body, application: Application, director: User) -> Meeting:
    ready = make.make_to_board(application, director)
    return make.make_meeting(board, director, applications=[ready])


def seat_user(board: Body, slug: str) -> User:
    user: User = board.seats.exclude(function="substitute").get(member__slug=slug).user
    return user


def test_the_secretary_runs_a_meeting_and_two_attest_without_javascript(
    visit: Visit, called: Meeting, board: Body, director: User, application: Application
) -> None:
    """X-05: presence, items, a vote, a reservation, closing, minutes, attestation."""
    page = visit(director, javascript=False)
    page.goto(f"/sjo/moten/{called.pk}/rum/")
    page.get_by_role("button", name="Alla ledamöter är här").click()
    page.get_by_role("button", name="Öppna mötet").click()
    page.get_by_role("button", name="Fastställ och gå vidare").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Utse och gå vidare").click()
    for _ in range(2):
        page.get_by_role("button", name="Fastställ och gå vidare").click()

    expect(page.get_by_text("Kvar av Individinsatser 2024 efter beslutet")).to_be_visible()
    page.get_by_label("Omröstning har begärts").check()
    for name in page.locator(".ballot fieldset legend").all_inner_texts():
        page.get_by_role("group", name=name, exact=True).get_by_label("Ja").check()
    page.get_by_role("button", name="Fastställ beslutet").click()
    expect(page.get_by_text("är registrerat")).to_be_visible()
    page.get_by_role("button", name="Fastställ och gå vidare").click()
    page.get_by_role("link", name="Avsluta mötet").first.click()
    page.get_by_role("button", name="Avsluta mötet").click()
    page.get_by_role("button", name="Skicka till justerarna").click()

    minutes = Minutes.objects.get()
    for attester in minutes.meeting.attesters.select_related("seat__user"):
        own = visit(attester.seat.user, javascript=False)
        own.goto("/sjo/styrelse/")
        own.get_by_role("link", name="Läs och justera").click()
        own.get_by_label("Ditt lösenord").fill(make.PASSWORD)
        own.get_by_role("button", name="Justera protokollet").click()
        expect(own.get_by_text("Tack, du har justerat protokollet.")).to_be_visible()

    application.refresh_from_db()
    assert (application.state, application.is_outcome_public) == ("granted", True)


def test_a_decision_is_filled_in_and_recorded_by_keyboard(
    visit: Visit, called: Meeting, director: User
) -> None:
    """X-02: the wording follows what is typed; Tab and space are enough."""
    make.open_with_all(called, director)
    make.settle_formal(called, director)
    page = visit(director)
    page.goto(f"/sjo/moten/{called.pk}/rum/")
    page.get_by_role("radio", name="Bifall", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Belopp som beviljas")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("450 000")
    expect(page.locator("#ordalydelse")).to_contain_text("550\u00a0000\u00a0kr")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Fastställ beslutet":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("är registrerat")).to_be_visible()

    decision = AgendaItem.objects.get(kind="decision").decision
    assert (decision.outcome, decision.amount) == (Outcome.PARTLY_GRANTED, 450_000)


Read = Callable[[User | None, str], None]


@pytest.fixture
def read(
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    assert_reflows: Callable[[Page], None],
) -> Read:
    """Open a page wide and narrow, and find no fault with it."""
    pages: dict[tuple[int | None, int], Page] = {}

    def look(user: User | None, address: str) -> None:
        for width in (1280, 320):
            key = (user.pk if user else None, width)
            if key not in pages:
                pages[key] = visit(user, width=width)
            pages[key].goto(f"/sjo/{address}")
            assert_accessible(pages[key])
            assert_reflows(pages[key])

    return look


def test_X01_the_offices_pages_at_every_step(
    read: Read, association: Association, application: Application, director: User
) -> None:
    review = f"kansli/ansokningar/{application.public_id}/"
    memo = f"kansli/underlag/{application.public_id}/"
    for address in ("kansli/", "kansli/ansokningar/", "kansli/ansokningar/?q=finns+inte", review):
        read(director, address)
    make.make_in_review(application, director)
    for address in (
        review,
        f"{review}komplettering/",
        f"{review}avskriv/",
        "moten/",
        "moten/nytt/",
    ):
        read(director, address)
    make.make_in_preparation(application, director)
    council = make.make_council(association)
    meeting = make.make_meeting(council, director, applications=[make.reread(application)])
    item = meeting.items.get(kind="decision")
    member = council.seats.first().user
    for address in ("radet/", f"radet/{item.pk}/", f"moten/{meeting.pk}/"):
        read(member, address)
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    read(director, f"moten/{meeting.pk}/rum/")
    views = {
        one.pk: View(AssessmentVerdict.MET) for one in application.round.programme.criteria.all()
    }
    record_recommendation(
        item=item,
        kind=RecommendationKind.ENDORSE,
        amount=600_000,
        text="",
        views=views,
        actor=director,
    )
    read(director, memo)
    found = start_memo(application=application, actor=director)
    read(director, memo)
    finish_memo(memo=found, actor=director)
    for address in (memo, review, "kansli/", f"moten/{meeting.pk}/rum/?arende={item.pk}"):
        read(director, address)


def test_X01_the_boards_pages_at_every_step(
    read: Read, called: Meeting, board: Body, director: User
) -> None:
    here = f"moten/{called.pk}/"
    member = seat_user(board, "af")
    for address in (here, f"{here}rum/", "styrelse/"):
        read(member, address)
    read(director, here)
    read(director, f"{here}rum/")
    make.open_with_all(called, director)
    read(director, f"{here}rum/")
    make.settle_formal(called, director)
    item = called.items.get(kind="decision")
    declare_recusal(
        item=item, seat=board.seats.get(user=member), actor=director, reason="Egen insats"
    )
    for user in (director, member, seat_user(board, "fk")):
        read(user, f"{here}rum/")
    read(director, f"{here}rum/avsluta/")
    make.grant_as_proposed(item, director)
    read(director, f"{here}rum/?arende={item.pk}")
    make.settle_formal(called, director, closing=True)
    read(director, f"{here}rum/")
    read(director, f"{here}rum/avsluta/")
    from boards.minutes import close_meeting, send_to_attesters

    minutes = close_meeting(meeting=called, actor=director)
    for address in (f"{here}protokoll/", f"{here}protokoll/1/"):
        read(director, address)
    send_to_attesters(minutes=minutes, actor=director)
    chair = seat_user(board, "regionen")
    for address in ("styrelse/", f"{here}protokoll/"):
        read(chair, address)
    read(None, "anslagstavla/")


def test_X04_a_refused_decision_is_told_on_top_and_at_its_field(
    visit: Visit,
    called: Meeting,
    director: User,
    assert_accessible: Callable[[Page], None],
) -> None:
    make.open_with_all(called, director)
    make.settle_formal(called, director)
    page = visit(director)
    page.goto(f"/sjo/moten/{called.pk}/rum/")
    page.get_by_label("Belopp som beviljas").fill("9 900 000")
    page.get_by_role("button", name="Fastställ beslutet").click()
    summary = page.locator("#felsammanfattning")
    expect(summary).to_contain_text("Beloppet är högre än det som söks")
    assert_accessible(page)
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Belopp som beviljas")).to_be_focused()
    expect(page.get_by_label("Belopp som beviljas")).to_have_value("9 900 000")
