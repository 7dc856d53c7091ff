"""Reminders of deadlines: to whoever has the ball, once each, and never a burst (Q-10)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from applications.models import Milestone
from applications.payments import last_claimers, start_payment_request
from boards.deadlines import (
    attestation_due,
    dispatch_day,
    material_freeze_day,
    removal_day,
)
from boards.minutes import send_to_attesters
from boards.models import MinutesState
from boards.notices import post_notice, remove_notice
from boards.reminders import remind, remind_everyone
from boards.timetable import deadlines_of, next_deadline
from budgets.models import Grant
from finsam import clock
from finsam.associations.models import Member, NoticeBoard
from finsam.messages.models import Message
from finsam.people.models import RoleKind
from tests import factories as make
from tests.kept import kept

DAY = date(2023, 9, 25)

# --- rows -------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 8):
    return clock.at(clock.from_wall_clock(day, time(hour)))


def mails(prefix: str) -> Counter[str]:
    found = Message.objects.filter(event_key__startswith=f"deadline-{prefix}")
    return Counter(f"{one.event_key.rsplit('-', 1)[1]} {one.address}" for one in found)


@kept
def planned(board, director, ready):
    return make.make_meeting(
        board, director, applications=[ready], called=False,
        starts_at=clock.now() + timedelta(days=60),
    )  # fmt: skip


def day_of(meeting):
    return clock.stockholm(meeting.starts_at).date()


def test_the_first_deadline_that_is_not_met_has_the_ball(planned, director):
    found = deadlines_of(planned)
    assert [one.key for one in found] == [
        "freeze", "notice", "dispatch", "meeting", "attestation",
    ]  # fmt: skip
    assert next_deadline(found).whose == "Förbundschefen"
    assert [one.on for one in found] == [
        material_freeze_day(day_of(planned), 7),
        dispatch_day(day_of(planned), 7),
        dispatch_day(day_of(planned), 7),
        day_of(planned),
        attestation_due(day_of(planned)),
    ]


def test_Q10_each_reminder_once_however_often_and_by_two_at_once(planned, director, association):
    freeze = material_freeze_day(day_of(planned), 7)
    for days in (9, 3, 2, 1, 0):
        for hour in (6, 8, 8, 15):
            with at(freeze - timedelta(days=days), hour):
                remind_everyone()
    assert mails("freeze") == {f"before {director.email}": 1, f"today {director.email}": 1}


def test_Q10_after_three_days_without_scheduler_only_what_holds_now(planned, director):
    freeze = material_freeze_day(day_of(planned), 7)
    with at(freeze + timedelta(days=3)):
        remind_everyone()
        remind_everyone()
    assert mails("freeze") == {f"late {director.email}": 1}
    with at(freeze + timedelta(days=30)):
        remind_everyone()
    assert mails("freeze") == {f"late {director.email}": 1}


def test_nothing_is_sent_before_seven(planned):
    with at(material_freeze_day(day_of(planned), 7), 6):
        assert remind_everyone() == 0
    assert mails("") == {}


def test_a_moved_meeting_reminds_of_its_new_days(planned, director, association):
    with at(material_freeze_day(day_of(planned), 7)):
        remind(association)
    planned.starts_at += timedelta(days=14)
    planned.save(update_fields=["starts_at"])
    with at(material_freeze_day(day_of(planned), 7)):
        remind(association)
    assert mails("freeze") == {f"today {director.email}": 2}


def test_KL_5_69_those_who_have_not_attested_are_reminded(called, director, association):
    minutes = make.make_closed(called, director)
    due = attestation_due(day_of(called))
    with at(due - timedelta(days=3)):
        remind(association)
    assert mails("attestation") == {f"before {director.email}": 1}
    send_to_attesters(minutes=minutes, actor=director)
    with at(due):
        remind(association)
    people = [one.seat.user.email for one in called.attesters.all()]
    assert mails("attestation") == {
        f"before {director.email}": 1, **{f"today {email}": 1 for email in people},
    }  # fmt: skip


def test_KL_8_12_posting_and_removal_are_reminded_of(called, director, association):
    NoticeBoard.objects.create(
        association=association, member=association.members.first(), name="Ekbys anslagstavla"
    )
    minutes = make.make_attested(make.make_closed(called, director), director)
    assert minutes.state == MinutesState.ATTESTED
    notice = minutes.notices.get()
    with at(notice.due_on - timedelta(days=1)):
        remind(association)
    assert mails("posting") == {f"before {director.email}": 1}
    with at(notice.due_on, 10):
        post_notice(notice=notice, posted_on=clock.today(), actor=director)
        remind(association)
    notice.refresh_from_db()
    gone = notice.remove_after + timedelta(days=1)
    with at(notice.remove_after):
        remind(association)
    assert mails("removal") == {}
    with at(gone, 10):
        remind(association)
        remove_notice(notice=notice, removed_on=clock.today(), actor=director)
        remind(association)
    assert mails("removal") == {f"today {director.email}": 1}
    assert mails("posting") == {f"before {director.email}": 1}


def test_KL_13_5_the_days_after_attestation_follow_from_the_latest_posting(
    called, director, association
):
    for slug in ("kommunen", "grannkommunen"):
        member = association.members.get(slug=slug)
        NoticeBoard.objects.create(association=association, member=member, name=member.name)
    minutes = make.make_attested(make.make_closed(called, director), director)
    attested = clock.stockholm(minutes.attested_at).date()
    first, second = minutes.notices.order_by("pk")
    post_notice(notice=first, posted_on=attested, actor=director)
    called = type(called).objects.get(pk=called.pk)
    assert [one.key for one in deadlines_of(called)][-1] == "posting"
    latest = attested + timedelta(days=2)
    with at(latest):
        post_notice(notice=second, posted_on=latest, actor=director)
    called = type(called).objects.get(pk=called.pk)
    found = {one.key: one.on for one in deadlines_of(called)}
    from boards.deadlines import appeal_ends, legal_force_day

    assert found["appeal"] == appeal_ends(latest)
    assert found["legal_force"] == legal_force_day(latest)
    assert found["removal"] == removal_day(latest)


def test_the_last_day_is_told_to_those_with_a_draft(round_, member, applicant, director):
    draft = make.make_draft(round_, member, applicant)
    on = clock.today() + timedelta(days=30)
    Milestone.objects.create(
        round=round_, key="last_day", title="Sista dag", on=on, remind_days_before=7
    )
    with at(on - timedelta(days=7)):
        remind(round_.association)
    assert mails("draft") == {f"before {applicant.email}": 1}
    assert mails("milestone") == {f"before {director.email}": 1}
    assert draft.title in Message.objects.get(event_key__startswith="deadline-draft").body


def test_a_cancelled_meeting_reminds_nobody(planned, association):
    planned.state = "cancelled"
    planned.save(update_fields=["state"])
    with at(material_freeze_day(day_of(planned), 7)):
        remind(association)
    assert mails("") == {}
    assert isinstance(planned.starts_at, datetime)


def test_the_last_day_to_claim_is_told_a_month_and_a_week_before_until_the_final_claim(
    called, director, applicant, association, sign_in
):
    effort = make.make_told(called, director)
    make.make_agreed(effort, director)
    effort = make.reread(effort)
    last = clock.today() + timedelta(days=60)
    Grant.objects.filter(pk=effort.grant_id or 0).update(claims_until=last)
    lead = effort.parties.get(is_lead=True)
    mine = effort.parties.exclude(member=None).values("member")
    other = Member.objects.filter(association=association).exclude(pk__in=mine)[0]
    outsider = make.make_person(RoleKind.APPLICANT, association, other)
    for days in (31, 30, 12, 7, 3):
        with at(last - timedelta(days=days)):
            remind(association)
            remind(association)
    found = mails("last-claim")
    assert found[f"before {applicant.email}"] == 2, "a month before and a week before"
    assert not any(outsider.email in key for key in found)
    page = reverse("applications:payments", args=[association.slug, effort.public_id])
    assert "Lämna slutrekvisitionen" in sign_in(applicant).get(page).content.decode()
    claim = start_payment_request(
        application=effort,
        party=lead,
        period_from=clock.today() - timedelta(days=30),
        period_to=clock.today(),
        is_final=True,
        key="final",
        actor=applicant,
    )
    assert last_claimers(effort).filter(pk=applicant.pk).exists(), "a draft is no claim"
    claim.state = "submitted"
    claim.save(update_fields=["state"])
    assert not last_claimers(effort).exists(), "the grant has one final claim"
    assert "Lämna slutrekvisitionen" not in sign_in(applicant).get(page).content.decode()
    with at(last):
        remind(association)
    assert mails("last-claim") == found
