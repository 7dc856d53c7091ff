from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from applications.invitations import (
    accept_as_new_person,
    accept_invitation,
    invite,
    open_invitation,
    withdraw_invitation,
)
from applications.models import Application, PartyInvitation, PartyMember
from applications.parties import (
    add_party,
    change_party,
    mark_party,
    party_faults,
    remove_party,
    set_lead,
)
from finsam import clock
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.people.models import User
from tests.factories import PASSWORD, fill_budget, make_draft, make_round, reread
from tests.kept import kept

pytestmark = pytest.mark.django_db


def faults(application):
    return party_faults(reread(application))


def test_FL_1_two_municipalities_are_one_party(round_, member, other_member, applicant):
    application = make_draft(round_, member, applicant, with_party=False)
    add_party(application=application, member=other_member, actor=applicant)
    (sentence,) = faults(application)
    assert "räknas som en part" in sentence
    assert "1, 3 och 5 §§ lagen (2003:1210)" in sentence


def test_FL_1_a_municipality_and_the_region_are_two_parties(draft):
    assert faults(draft) == []


def test_one_party_alone_does_not_suffice(round_, member, applicant):
    application = make_draft(round_, member, applicant, with_party=False)
    (sentence,) = faults(application)
    assert sentence.startswith("Ekby kommun är en part. Minst två slag av parter behövs")


def test_FL_6_an_external_actor_counts_as_no_party(round_, member, applicant):
    application = make_draft(round_, member, applicant, with_party=False)
    party = add_party(application=application, external_name="Föreningen Nav", actor=applicant)
    assert party.member is None
    assert len(faults(application)) == 1


def test_FL_6_an_external_actor_takes_part_through_the_lead_alone(draft, applicant):
    party = add_party(application=draft, external_name="Föreningen Nav", actor=applicant)
    with pytest.raises(NotPossible) as refusal:
        invite(party=party, email="nav@exempel.se", actor=applicant)
    assert refusal.value.code == "external_through_lead"
    with pytest.raises(NotPossible):
        set_lead(party=party, actor=applicant)


def test_adding_a_party_twice_gives_one(draft, region, applicant):
    add_party(application=draft, member=region, actor=applicant)
    add_party(application=draft, member=region, actor=applicant)
    assert draft.parties.filter(member=region).count() == 1


def test_a_member_of_another_association_cannot_be_added(draft, other_association, applicant):
    foreign = other_association.members.first()
    with pytest.raises(NotPossible):
        add_party(application=draft, member=foreign, actor=applicant)


def test_a_party_with_rows_in_the_budget_stays(draft, region, applicant):
    application = fill_budget(draft, applicant)
    party = application.parties.get(member=region)
    with pytest.raises(NotPossible) as refusal:
        remove_party(party=party, actor=applicant)
    assert "har 1 rad i budgeten" in refusal.value.message.replace("\u00a0", " ")


def test_a_party_is_removed_with_its_people_and_invitations(draft, region, applicant):
    party = draft.parties.get(member=region)
    invite(party=party, email="ny@exempel.se", actor=applicant)
    remove_party(party=party, actor=applicant)
    remove_party(party=party, actor=applicant)
    assert not draft.parties.filter(member=region).exists()


def test_the_lead_cannot_be_removed_but_handed_over(draft, region, applicant):
    lead = draft.parties.get(is_lead=True)
    with pytest.raises(NotPossible):
        remove_party(party=lead, actor=applicant)
    set_lead(party=draft.parties.get(member=region), actor=applicant)
    assert draft.parties.get(is_lead=True).member == region


def test_only_the_leads_own_people_hand_over_the_lead(draft, region, applicant, association):
    from tests.conftest import person_with_role

    other = person_with_role("applicant", association, member=region)
    with pytest.raises(NotAllowed):
        set_lead(party=draft.parties.get(member=region), actor=other)


def test_a_party_says_that_it_is_done(draft, applicant):
    lead = draft.parties.get(is_lead=True)
    mark_party(party=lead, done=True, actor=applicant)
    assert draft.parties.get(is_lead=True).done_at is not None
    mark_party(party=lead, done=False, actor=applicant)
    assert draft.parties.get(is_lead=True).done_at is None


def test_contact_of_a_party_is_changed(draft, region, applicant):
    party = draft.parties.get(member=region)
    changed = change_party(
        party=party, unit="Psykiatrin", contact_name="Åsa", contact_email="Asa@Exempel.se",
        actor=applicant,
    )  # fmt: skip
    assert (changed.unit, changed.contact_email) == ("Psykiatrin", "asa@exempel.se")


# --- invitations ------------------------------------------------------------------------------


@kept
def token(draft, region, applicant):
    """What the mail to the invited person carries."""
    invite(party=draft.parties.get(member=region), email="ny@exempel.se", actor=applicant)
    body = Message.objects.get(address="ny@exempel.se").body
    return re.search(r"/inbjudan/([\w-]+)/", body).group(1)


def test_A04_opening_the_link_has_no_effect(client, draft, token):
    before = list(PartyInvitation.objects.values())
    for _ in range(3):
        answer = client.get(reverse("applications:invitation", args=["sjo", token]))
        assert answer.status_code == 200
    assert list(PartyInvitation.objects.values()) == before
    assert PartyMember.objects.filter(party__application=draft).count() == 1


def test_A04_an_invitation_works_once(token, applicant, other_applicant, draft, region):
    party = accept_invitation(token=token, actor=other_applicant)
    assert party.member == region
    assert accept_invitation(token=token, actor=other_applicant) == party
    with pytest.raises(NotPossible) as refusal:
        accept_invitation(token=token, actor=applicant)
    assert refusal.value.code == "invitation_used"
    assert party.people.filter(user=other_applicant).count() == 1


def test_A04_an_old_or_withdrawn_invitation_does_not_work(token, other_applicant, applicant):
    with clock.at(clock.now() + timedelta(days=31)):
        assert open_invitation(token) is None
        with pytest.raises(NotPossible):
            accept_invitation(token=token, actor=other_applicant)
    withdraw_invitation(invitation=PartyInvitation.objects.get(), actor=applicant)
    assert open_invitation(token) is None


def test_an_invitation_of_another_association_is_not_found(client, token, other_association):
    answer = client.get(reverse("applications:invitation", args=["berg", token]))
    assert answer.status_code == 404


def test_who_was_invited_without_an_account_gets_one_and_sees_this_application_alone(
    client, token, draft, region, association, round_, applicant
):
    url = reverse("applications:invitation", args=["sjo", token])
    weak = client.post(url, {"name": "Ny Person", "password": "kort"})
    assert weak.status_code == 422
    answer = client.post(url, {"name": "Ny Person", "password": "en lång ny mening"})
    assert answer.status_code == 302
    person = User.objects.get(email="ny@exempel.se")
    assert not person.roles.exists()
    assert client.get(draft.get_absolute_url()).status_code == 200
    visitor = visitor_for(association, person)
    assert list(Application.objects.of_applicant(visitor)) == [draft]


def test_an_address_with_an_account_signs_in_instead(token, draft):
    User.objects.create_user("ny@exempel.se", PASSWORD, name="Finns redan")
    with pytest.raises(NotPossible) as refusal:
        accept_as_new_person(token=token, name="Annan", password="en lång ny mening")
    assert refusal.value.code == "account_exists"


def test_the_same_address_gets_one_mail(draft, region, applicant):
    party = draft.parties.get(member=region)
    first = invite(party=party, email="ny@exempel.se", actor=applicant)
    assert invite(party=party, email="NY@exempel.se ", actor=applicant) == first
    assert Message.objects.filter(address="ny@exempel.se").count() == 1


def test_a_party_needs_a_name(draft, applicant):
    with pytest.raises(DomainError) as refusal:
        add_party(application=draft, external_name="  ", actor=applicant)
    assert refusal.value.field == "external_name"


def test_a_draft_of_another_round_is_untouched(association, member, applicant):
    one = make_draft(make_round(association), member, applicant)
    two = make_draft(make_round(association), member, applicant)
    with pytest.raises(two.parties.model.DoesNotExist):
        set_lead(party=_moved(one, two), actor=applicant)


def _moved(one, two):
    """A party whose row says another application than its own."""
    party = two.parties.get(is_lead=False)
    party.application = one
    return party
