"""The time plan: both sides agree on the days, and both tick every check-point."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications import time_plan as plans
from applications.drafting import start_application
from applications.ideas import answer_idea, save_idea, send_idea, start_idea
from applications.submission import what_blocks
from boards.reminders import due_reminders
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
TEXTS = ["Målgruppen avstämd", "Utfallet avstämt"]


@kept
def round_(association):
    steps = {"time_plan": {"use": "mandatory", "checkpoints": TEXTS}}
    programme = make.make_programme(association, definition={**make.DEFINITION, "steps": steps})
    return make.make_round(association, programme=programme)


@kept
def idea(round_, member, applicant, officer):
    made = start_idea(programme=round_.programme, member=member, actor=applicant)
    texts = {"working_title": "Grön väg", "background": "Många köer."}
    made = save_idea(sketch=made, texts=texts, expected_revision=0, actor=applicant)
    made = send_idea(sketch=made, actor=applicant)
    return answer_idea(sketch=made, assessment="suitable", text="Kom vidare.", actor=officer)


def days(*after):
    return [clock.today() + timedelta(days=one) for one in after]


def test_one_proposes_and_the_other_agrees_to_what_it_saw(idea, officer, applicant):
    plan = plans.propose_time_plan(idea=idea, days=days(7, 14), actor=officer)
    assert plans.propose_time_plan(idea=idea, days=days(7, 14), actor=officer) == plan
    with pytest.raises(NotPossible, match="andra sidan"):
        plans.agree_time_plan(idea=idea, seen=1, actor=officer)
    again = plans.propose_time_plan(idea=idea, days=days(9, 16), actor=applicant)
    with pytest.raises(Conflict, match="ändrats"):
        plans.agree_time_plan(idea=idea, seen=plan.revision, actor=officer)
    for _ in range(2):
        agreed = plans.agree_time_plan(idea=idea, seen=again.revision, actor=officer)
    assert agreed.agreed_at is not None
    actions = Event.objects.filter(action__startswith="time_plan").values_list("action", flat=True)
    assert sorted(actions) == ["time_plan_agreed", "time_plan_proposed", "time_plan_proposed"]
    told = Message.objects.filter(event_key__startswith="time-plan-")
    assert {one.recipient for one in told} >= {officer, applicant}


def test_wrong_days_strangers_and_unanswered_ideas(
    idea, officer, other_applicant, round_, member, applicant
):
    for wrong in (days(7), days(14, 7), []):
        with pytest.raises(DomainError, match="tidsordning"):
            plans.propose_time_plan(idea=idea, days=wrong, actor=officer)
    with pytest.raises(NotAllowed):
        plans.propose_time_plan(idea=idea, days=days(7, 14), actor=other_applicant)
    fresh = start_idea(programme=round_.programme, member=member, actor=applicant)
    with pytest.raises(NotPossible, match="besvarad"):
        plans.propose_time_plan(idea=fresh, days=days(7, 14), actor=applicant)
    with pytest.raises(NotPossible, match="Ingen har föreslagit"):
        plans.tick_checkpoint(idea=idea, position=1, actor=applicant)


def test_the_application_begins_when_agreed_and_is_handed_in_when_both_have_ticked(
    idea, officer, applicant, round_, member
):
    def begin():
        return start_application(round=round_, member=member, actor=applicant, idea=idea)

    with pytest.raises(NotPossible, match="tidplan"):
        begin()
    plan = plans.propose_time_plan(idea=idea, days=days(7, 14), actor=applicant)
    with pytest.raises(NotPossible, match="överens"):
        plans.tick_checkpoint(idea=idea, position=1, actor=applicant)
    plans.agree_time_plan(idea=idea, seen=plan.revision, actor=officer)
    idea.refresh_from_db()
    application = make.reread(begin())
    visitor = visitor_for(application.association, applicant)

    def blocks():
        found = what_blocks(make.reread(application), visitor, clock.now())
        return [one for one in found if "stämt av" in one]

    plans.tick_checkpoint(idea=idea, position=1, actor=applicant)
    assert TEXTS[0] in blocks()[0]
    for _ in range(2):
        plans.tick_checkpoint(idea=idea, position=1, actor=officer)
    assert TEXTS[1] in blocks()[0]
    for who in (officer, applicant):
        plans.tick_checkpoint(idea=idea, position=2, actor=who)
    assert blocks() == []
    with pytest.raises(NotPossible, match="dagarna ändras inte"):
        plans.propose_time_plan(idea=idea, days=days(8, 15), actor=officer)
    assert Event.objects.filter(action="checkpoint_ticked").count() == 4


def test_both_sides_do_it_on_their_pages(idea, officer, applicant, sign_in, other_applicant):
    def url(name):
        return reverse(f"applications:{name}", args=["sjo", idea.public_id])

    office, mine = sign_in(officer), sign_in(applicant)
    assert "Föreslå dagar" in mine.get(url("idea")).content.decode()
    said = {"do": "propose", "day": [one.isoformat() for one in days(7, 14)]}
    assert mine.post(url("time_plan"), said).status_code == 302
    page = office.get(url("office_idea")).content.decode()
    assert "Säg ja till tidplanen" in page
    office.post(url("office_time_plan"), {"do": "agree", "seen": "1"})
    for client, view in ((office, "office_time_plan"), (mine, "time_plan")):
        client.post(url(view), {"do": "tick", "position": "1"})
        client.post(url(view), {"do": "tick", "position": "x"})
    found = plans.plan_of(idea)
    assert found is not None
    assert [one.is_done for one in found.checkpoints.all()] == [True, False]
    assert "Tidplan" in mine.get(url("idea")).content.decode()
    assert sign_in(other_applicant).post(url("time_plan"), said).status_code == 404


def test_only_the_side_that_has_not_ticked_is_reminded(idea, officer, applicant):
    plan = plans.propose_time_plan(idea=idea, days=days(7, 14), actor=applicant)
    plans.agree_time_plan(idea=idea, seen=plan.revision, actor=officer)
    plans.tick_checkpoint(idea=idea, position=1, actor=applicant)

    def due(day):
        found = due_reminders(idea.association, day)
        return [one.to for one in found if one.text.startswith("Avstämning")]

    assert due(days(7)[0]) == [(officer,)]
    assert due(days(14)[0]) == [(officer,), (applicant,), (officer,)]
