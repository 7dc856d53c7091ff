"""An idea that all parties take part in: added, said by each, and brought into the application."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.drafting import start_application
from applications.idea_parties import add_idea_party, confirm_idea_party, remove_idea_party
from applications.ideas import answer_idea, idea_party_faults, save_idea, send_idea, start_idea
from applications.models import IdeaParty, IdeaSketch
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.registry.models import Event
from tests.applications.test_ideas import TEXTS
from tests.factories import make_programme, make_round
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def programme(association):
    made = make_programme(association)
    idea = {**made.definition["idea"], "every_party_takes_part": True}
    made.definition = {**made.definition, "idea": idea, "eligibility": {"min_parties": 2}}
    made.save(update_fields=["definition"])
    return made


@kept
def sketch(programme, member, applicant):
    made = start_idea(programme=programme, member=member, actor=applicant)
    return save_idea(sketch=made, texts=TEXTS, expected_revision=0, actor=applicant)


@kept
def party(sketch, other_member, applicant, other_applicant):
    return add_idea_party(sketch=sketch, member=other_member, actor=applicant)


def refused(kind, act, **said):
    with pytest.raises(kind) as caught:
        act(**said)
    return caught.value.code


def test_it_is_not_sent_before_every_party_has_said_that_it_takes_part(
    sketch, other_member, applicant, other_applicant
):
    send = {"sketch": sketch, "actor": applicant}
    assert refused(NotPossible, send_idea, **send) == "parties_missing"
    party = add_idea_party(sketch=sketch, member=other_member, actor=applicant)
    assert idea_party_faults(sketch) == [f"{other_member.name} har inte sagt att de är med än."]
    assert refused(NotPossible, send_idea, **send) == "parties_missing"
    confirm_idea_party(party=party, actor=other_applicant)
    confirm_idea_party(party=party, actor=other_applicant)
    assert send_idea(**send).state == "sent"
    actions = Event.objects.filter(action__startswith="idea_party").order_by("sequence")
    assert [one.action for one in actions] == ["idea_party_added", "idea_party_confirmed"]


def test_the_party_is_told_reads_and_writes_and_speaks_for_itself(
    sketch, party, applicant, other_applicant, sign_in
):
    mail = Message.objects.get(event_key__startswith="idea_party:")
    assert mail.recipient == other_applicant
    assert refused(NotAllowed, confirm_idea_party, party=party, actor=applicant) == "not_the_partys"
    page = reverse("applications:idea", args=["sjo", sketch.public_id])
    assert "Vi är med" in sign_in(other_applicant).get(page).text
    assert "Vi är med" not in sign_in(applicant).get(page).text
    texts = {**TEXTS, "background": "Även vi ser det."}
    act = {"sketch": sketch, "texts": texts, "expected_revision": sketch.revision}
    assert save_idea(**act, actor=other_applicant).revision == sketch.revision + 1


def test_added_twice_it_is_one_and_taken_out_it_reads_no_more(
    sketch, party, other_member, applicant, other_applicant, sign_in
):
    assert add_idea_party(sketch=sketch, member=other_member, actor=applicant) == party
    remove_idea_party(party=party, actor=applicant)
    remove_idea_party(party=party, actor=applicant)
    page = reverse("applications:idea", args=["sjo", sketch.public_id])
    assert sign_in(other_applicant).get(page).status_code == 404


def test_an_external_party_has_a_contact_and_is_answered_for(sketch, member, applicant):
    said = {"sketch": sketch, "member": None, "actor": applicant}
    assert refused(DomainError, add_idea_party, **said) == "no_name"
    assert refused(DomainError, add_idea_party, external_name="Föreningen", **said) == "no_contact"
    party = add_idea_party(external_name="Föreningen", contact_name="Kim Ek", **said)
    assert (party.name, party.confirmed_by) == ("Föreningen", applicant)
    assert idea_party_faults(sketch) == []
    own = {"sketch": sketch, "member": member, "actor": applicant}
    assert refused(NotPossible, add_idea_party, **own) == "own_part"


def test_strangers_and_other_programmes_have_no_parties(
    sketch, other_member, foreign_director, member, applicant, association
):
    said = {"sketch": sketch, "member": other_member}
    assert refused(NotAllowed, add_idea_party, actor=foreign_director, **said) == "not_yours"
    plain = make_programme(association, slug="vanligt", name="Vanligt")
    said["sketch"] = start_idea(programme=plain, member=member, actor=applicant)
    assert refused(NotPossible, add_idea_party, actor=applicant, **said) == "no_parties"


def test_sent_it_stays_as_it_is_and_the_application_begins_with_its_parties(
    programme, sketch, party, member, other_member, applicant, other_applicant, officer
):
    confirm_idea_party(party=party, actor=other_applicant)
    sent = send_idea(sketch=sketch, actor=applicant)
    late = {"party": party, "actor": applicant}
    assert refused(NotPossible, remove_idea_party, **late) == "idea_sent"
    answer_idea(sketch=sent, assessment="suitable", text="Gå vidare.", actor=officer)
    round_ = make_round(sketch.association, programme=programme)
    made = start_application(
        round=round_,
        member=member,
        actor=applicant,
        idea=IdeaSketch.objects.select_related("member").get(pk=sketch.pk),
    )
    assert [(one.name, one.is_lead) for one in made.parties.order_by("position", "pk")] == [
        (member.name, True),
        (other_member.name, False),
    ]


@pytest.mark.anywhere
def test_the_panel_adds_and_confirms(sketch, other_member, applicant, other_applicant, sign_in):
    url = reverse("applications:idea_parties", args=["sjo", sketch.public_id])
    ours, theirs = sign_in(applicant), sign_in(other_applicant)
    added = {"do": "add", "member": str(other_member.pk)}
    assert [ours.post(url, added).status_code for _ in "ab"] == [302, 302]
    party = IdeaParty.objects.get(sketch=sketch)
    assert theirs.post(url, {"do": "confirm", "party": party.pk}).status_code == 302
    party.refresh_from_db()
    assert party.confirmed_by == other_applicant
    assert ours.post(url, {"do": "nothing"}).status_code == 404
    ours.post(url, {"do": "remove", "party": party.pk})
    assert not IdeaParty.objects.filter(sketch=sketch).exists()
