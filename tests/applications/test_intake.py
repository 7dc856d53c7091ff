"""When an application has to be in: one day, several days, none; and more time for one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from applications.freezing import content_hash, content_of
from applications.intake import deadline_of, grant_extension, intake_on, taken_up
from applications.models import Extension, Round
from applications.once import new_key
from applications.submission import submit_application
from boards.agenda import add_item
from boards.errors import MeetingRefusal
from finsam import clock
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
DAYS = ("2022-02-04", "2022-05-06", "2022-08-26", "2022-10-21")


@kept
def four(association) -> Round:
    """A round with four last days, as Jämtland has them."""
    dates = [
        {"last_day": day, "decided": f"Styrelsen efter {day}", "board_meeting": None}
        for day in DAYS
    ]
    programme = make.make_programme(association, intake="meeting_dates")
    round_ = make.make_round(
        association,
        programme=programme,
        is_rolling=True,
        opens_at=datetime(2022, 1, 1, tzinfo=UTC),
    )
    rounds = [{"slug": round_.slug, "dates": dates}]
    programme.definition = {**programme.definition, "rounds": rounds}
    programme.save(update_fields=["definition"])
    return round_


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2022, 2, 4, 22, 59, 59, 999_000, tzinfo=UTC), "2022-02-04"),
        (datetime(2022, 2, 4, 23, 0, 0, tzinfo=UTC), "2022-05-06"),
        (datetime(2022, 5, 6, 21, 59, 59, tzinfo=UTC), "2022-05-06"),  # summer time
        (datetime(2022, 5, 6, 22, 0, 0, tzinfo=UTC), "2022-08-26"),
        (datetime(2022, 10, 21, 21, 59, 59, tzinfo=UTC), "2022-10-21"),
        (datetime(2022, 10, 21, 22, 0, 0, tzinfo=UTC), None),
    ],
)
def test_T03_the_last_second_of_each_day_counts_and_late_goes_to_the_next(four, moment, day):
    found = intake_on(four, moment)
    assert (found.last_day.isoformat() if found else None) == day


def test_late_is_never_lost_and_waits_for_its_own_meeting(four, member, applicant, director):
    with clock.at(datetime(2022, 2, 5, 8, tzinfo=UTC)):
        application = make.make_received(four, member, applicant)
    found = taken_up(application)
    assert found is not None
    assert found.last_day == date(2022, 5, 6)
    with clock.at(datetime(2022, 2, 10, 8, tzinfo=UTC)):
        board = make.make_board(four.association)
        type(application).objects.filter(pk=application.pk).update(state="to_board")
        application = make.reread(application)
        march = make.make_meeting(
            board, director, called=False, starts_at=datetime(2022, 3, 1, 8, tzinfo=UTC)
        )
        may = make.make_meeting(
            board, director, called=False, starts_at=datetime(2022, 5, 20, 8, tzinfo=UTC)
        )
        with pytest.raises(MeetingRefusal, match=r"tas upp efter den 6.maj 2022"):
            add_item(meeting=march, title="", application=application, actor=director)
        add_item(meeting=may, title="", application=application, actor=director)


def test_the_applicant_is_told_for_which_day_it_came(four, member, applicant, sign_in):
    with clock.at(datetime(2022, 2, 5, 8, tzinfo=UTC)):
        application = make.make_received(four, member, applicant)
    page = sign_in(applicant).get(application.get_absolute_url()).content.decode()
    assert "Den kom i tid till den 6\u00a0maj 2022" in page


# --- extension --------------------------------------------------------------------------------


@kept
def closed(association, member, applicant):
    """A signed application in a round that closed an hour ago."""
    round_ = make.make_round(association)
    application = make.make_signed(round_, member, applicant)
    Round.objects.filter(pk=round_.pk).update(closes_at=clock.now() - timedelta(hours=1))
    return make.reread(application)


def submit(application, actor):
    return submit_application(
        application=application, actor=actor, key=new_key(),
        seen_hash=content_hash(content_of(application)),
    )  # fmt: skip


def extend(application, actor, *, days=3, reason="Sjukdom hos projektledaren", member=None):
    lead = application.parties.get(is_lead=True).member
    return grant_extension(
        round=application.round, member=member or lead, reason=reason, actor=actor,
        last_day=clock.today() + timedelta(days=days),
    )  # fmt: skip


def test_with_an_extension_one_hands_in_and_the_others_do_not(
    closed, applicant, officer, other_member
):
    extend(closed, officer, member=other_member)
    with pytest.raises(NotPossible, match="Sista tid var"):
        submit(closed, applicant)
    made = extend(closed, officer)
    assert extend(closed, officer) == made
    closed = make.reread(closed)
    assert deadline_of(closed) == clock.end_of_day(made.last_day)
    after = clock.end_of_day(made.last_day) + timedelta(seconds=1)
    with clock.at(after), pytest.raises(NotPossible, match="Sista tid var"):
        submit(closed, applicant)
    with clock.at(clock.end_of_day(made.last_day)):
        submit(closed, applicant)
    assert Event.objects.filter(action="extension_granted").count() == 2
    assert Message.objects.filter(event_key=f"extension-{made.pk}").count() == 1


def test_an_extension_needs_a_reason_a_later_day_and_the_office(closed, officer, applicant, four):
    with pytest.raises(NotAllowed):
        extend(closed, applicant)
    with pytest.raises(DomainError, match="varför"):
        extend(closed, officer, reason=" ")
    with pytest.raises(DomainError, match="senare dag"):
        extend(closed, officer, days=-5)
    closed.round = four
    with pytest.raises(DomainError, match="ingen enda sista dag"):
        extend(closed, officer)
    assert not Extension.objects.exists()


def test_the_office_gives_it_on_the_page(closed, officer, member, sign_in, foreign_director):
    path = reverse("applications:extensions", args=["sjo", closed.round.slug])
    client = sign_in(officer)
    assert client.post(path, {"member": member.pk, "last_day": "", "reason": ""}).status_code == 422
    day = (clock.today() + timedelta(days=4)).isoformat()
    told = {"member": member.pk, "last_day": day, "reason": "Strömavbrott"}
    assert client.post(path, told).status_code == 302
    assert "Strömavbrott" in client.get(path).content.decode()
    assert sign_in(foreign_director).get(path).status_code in (403, 404)
