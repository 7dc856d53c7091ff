from __future__ import annotations

from datetime import timedelta

import pytest

from applications.completeness import Progress, overview_of
from applications.drafting import mark_section, save_section, start_application
from applications.models import Answer, Application, TemplateState
from applications.once import ReusedKey
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.registry.models import Event
from tests.factories import (
    ANSWERS,
    make_programme,
    make_round,
    make_submitted,
    make_template,
    reread,
)

pytestmark = pytest.mark.django_db


def save(application, key, values, actor, revision=None):
    section = application.template.sections.get(key=key)
    draft = application.drafts.get(section=section)
    return save_section(
        application=application,
        section=section,
        values=values,
        expected_revision=draft.revision if revision is None else revision,
        actor=actor,
    )


def test_a_draft_begins_with_the_associations_goals_and_its_lead_party(draft, member, applicant):
    assert draft.state == "draft"
    assert draft.case is None
    lead = draft.parties.get(is_lead=True)
    assert (lead.member, lead.contact_email) == (member, applicant.email)
    goals = Answer.objects.get(application=draft, question__key="goals")
    assert [row["target"] for row in goals.value] == ["90 %"]
    events = Event.objects.filter(action="application_started", object_id=str(draft.pk))
    assert events.count() == 1


def test_the_event_of_a_draft_tells_nothing_of_its_content(draft, applicant):
    save(draft, "basics", {"title": "Hemlig rubrik"}, applicant)
    payloads = str(list(Event.objects.values_list("payload", flat=True)))
    assert "Hemlig rubrik" not in payloads


def test_the_title_follows_its_question(draft, applicant):
    save(draft, "basics", {"title": "Hållplatsen"}, applicant)
    assert reread(draft).title == "Hållplatsen"


def test_answers_that_are_not_sent_stay(draft, applicant):
    save(draft, "basics", {"title": "Ett", "summary": "<p>Text</p>"}, applicant)
    save(draft, "basics", {"title": "Två"}, applicant)
    values = dict(
        Answer.objects.filter(application=draft, question__section__key="basics").values_list(
            "question__key", "value"
        )
    )
    assert values == {"title": "Två", "summary": "<p>Text</p>"}


def test_saving_the_same_changes_nothing(draft, applicant):
    first = save(draft, "basics", {"title": "Ett"}, applicant)
    again = save(draft, "basics", {"title": "Ett"}, applicant)
    assert again.revision == first.revision == 1


@pytest.mark.parametrize("sections", [("basics", "target"), ("goals", "plan")])
def test_sections_are_judged_by_what_is_filled_in(draft, applicant, sections):
    for key in sections:
        assert overview_of(draft).of(key).progress == Progress.NOT_STARTED
        save(draft, key, ANSWERS[key], applicant)
        assert overview_of(reread(draft)).of(key).progress == Progress.FILLED
        section = draft.template.sections.get(key=key)
        mark_section(application=draft, section=section, done=True, actor=applicant)
        assert overview_of(reread(draft)).of(key).progress == Progress.DONE


def test_what_cannot_be_read_is_kept_and_asks_to_be_mended(draft, applicant):
    save(draft, "target", {"age_from": {"unread": "sexton"}}, applicant)
    status = overview_of(reread(draft)).of("target")
    assert status.progress == Progress.NEEDS_ACTION
    faults = [fault.text for fault in status.faults if fault.question == "age_from"]
    assert faults == ["Ålder från: Skriv ett heltal med siffror, till exempel 25."]


def test_a_complete_application_may_be_signed(complete):
    overview = overview_of(complete)
    assert [fault.text for fault in overview.faults] == []
    assert overview.may_be_signed


def test_every_fault_leads_to_its_place(draft):
    for fault in overview_of(draft).faults:
        assert fault.url.startswith(draft.get_absolute_url())


# --- who may begin ----------------------------------------------------------------------------


def test_the_same_key_begins_only_once(round_, member, applicant):
    first = start_application(round=round_, member=member, actor=applicant, key="a")
    again = start_application(round=round_, member=member, actor=applicant, key="a")
    assert first == again
    assert Application.objects.count() == 1


def test_the_same_key_for_another_member_is_refused(round_, member, other_member, applicant):
    start_application(round=round_, member=member, actor=applicant, key="a")
    with pytest.raises(ReusedKey) as refusal:
        start_application(round=round_, member=other_member, actor=applicant, key="a")
    assert refusal.value.code == "reused_key"
    assert Application.objects.count() == 1


def test_a_closed_round_is_for_the_invited(association, member, other_member, applicant):
    round_ = make_round(association, invited=[other_member])
    with pytest.raises(NotPossible) as refusal:
        start_application(round=round_, member=member, actor=applicant)
    assert "Ekby kommun är inte inbjuden" in refusal.value.message


def test_an_invited_member_has_one_application(association, member, applicant):
    round_ = make_round(association, invited=[member])
    start_application(round=round_, member=member, actor=applicant)
    with pytest.raises(NotPossible) as refusal:
        start_application(round=round_, member=member, actor=applicant)
    assert refusal.value.code == "already_begun"


def test_a_round_that_has_not_opened_or_has_closed_cannot_be_begun(association, member, applicant):
    moment = clock.now()
    early = make_round(association, opens_at=moment + timedelta(days=1))
    late = make_round(association, closes_at=moment - timedelta(seconds=2))
    for round_, words in ((early, "öppnar"), (late, "Sista dag var")):
        with pytest.raises(NotPossible) as refusal:
            start_application(round=round_, member=member, actor=applicant)
        assert words in refusal.value.message


def test_a_template_under_discussion_cannot_be_written_on(association, member, applicant):
    programme = make_programme(association)
    template = make_template(programme, state=TemplateState.PROPOSED)
    round_ = make_round(association, programme=programme, template=template)
    with pytest.raises(NotPossible) as refusal:
        start_application(round=round_, member=member, actor=applicant)
    assert "inte fastställd" in refusal.value.message


def test_a_role_for_the_member_is_needed(round_, other_member, applicant):
    with pytest.raises(NotAllowed) as refusal:
        start_application(round=round_, member=other_member, actor=applicant)
    assert refusal.value.code == "no_role_for_member"


# --- who may write ----------------------------------------------------------------------------


def test_strangers_and_the_office_cannot_write(draft, other_applicant, officer):
    for person in (other_applicant, officer):
        with pytest.raises(NotAllowed):
            save(draft, "basics", {"title": "Nej"}, person)
    assert reread(draft).title != "Nej"


def test_a_submitted_application_cannot_be_written(association, member, applicant):
    application = make_submitted(make_round(association), member, applicant)
    with pytest.raises(NotPossible) as refusal:
        save(application, "basics", {"title": "För sent"}, applicant)
    assert refusal.value.code == "not_writable"


def test_an_earlier_application_can_be_carried_over(association, member, applicant):
    earlier = make_submitted(make_round(association), member, applicant)
    round_ = make_round(association, programme=earlier.round.programme)
    new = start_application(round=round_, member=member, actor=applicant, carried_from=earlier)
    values = dict(Answer.objects.filter(application=new).values_list("question__key", "value"))
    assert values["summary"] == ANSWERS["basics"]["summary"]
    assert new.state == "draft"
