from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from applications.annexes import add_annex, remove_annex
from applications.declining import decline_to_sign, last_declined
from applications.drafting import save_section
from applications.freezing import content_hash, content_of
from applications.models import DeclinedSignature, Signature, SignatureRule
from applications.parties import add_party
from applications.signing import (
    freeze_for_signing,
    open_for_changes,
    sign,
    sign_on_paper,
    signing_parties,
    signing_state,
)
from finsam.documents.uploads import receive_upload
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import RoleKind
from finsam.registry.models import Event
from tests.conftest import is_refused, person_with_role
from tests.factories import (
    PASSWORD,
    fill_budget,
    make_complete,
    make_person,
    make_programme,
    make_round,
    png,
    reread,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def frozen(complete, applicant):
    freeze_for_signing(application=complete, actor=applicant)
    return reread(complete)


@kept
def lead(frozen):
    return frozen.parties.get(is_lead=True)


def test_an_incomplete_application_cannot_be_frozen(draft, applicant):
    with pytest.raises(NotPossible) as refusal:
        freeze_for_signing(application=draft, actor=applicant)
    assert refusal.value.code == "incomplete"
    assert draft.versions.count() == 0


def test_freezing_keeps_the_content_and_asks_the_signatories(complete, applicant, signatory):
    version = freeze_for_signing(application=complete, actor=applicant)
    assert version.content_hash == content_hash(content_of(reread(complete)))
    assert version.content["title"] == "Vägen vidare"
    assert Message.objects.filter(recipient=signatory, event_key__startswith="sign:").count() == 1


def test_freezing_twice_gives_the_same_version(complete, applicant):
    first = freeze_for_signing(application=complete, actor=applicant)
    assert freeze_for_signing(application=reread(complete), actor=applicant) == first


def test_the_hash_rests_on_values_and_not_on_how_they_are_shown(complete):
    content = content_of(complete)
    changed = content_of(complete)
    changed["sections"][0]["questions"][0]["shown"] = {"form": "text", "text": "annat"}
    assert content_hash(changed) == content_hash(content)
    changed["sections"][0]["questions"][0]["value"] = "annat"
    assert content_hash(changed) != content_hash(content)


def test_a_signatory_signs_with_the_password(frozen, lead, signatory):
    signature = sign(application=frozen, party=lead, password=PASSWORD, actor=signatory)
    assert signature.content_hash == frozen.signing_version.content_hash
    assert signature.method == "logged_approval"
    event = Event.objects.get(action="application_signed")
    assert event.payload["content_hash"] == signature.content_hash


def test_D01_signing_twice_is_one_signature(frozen, lead, signatory):
    first = sign(application=frozen, party=lead, password=PASSWORD, actor=signatory)
    assert sign(application=frozen, party=lead, password=PASSWORD, actor=signatory) == first
    assert Signature.objects.count() == 1
    assert Event.objects.filter(action="application_signed").count() == 1


def test_a_wrong_password_signs_nothing(frozen, lead, signatory):
    with pytest.raises(DomainError) as refusal:
        sign(application=frozen, party=lead, password="fel", actor=signatory)
    assert refusal.value.field == "password"
    assert not Signature.objects.exists()


def test_an_applicant_is_no_signatory(frozen, lead, applicant):
    with pytest.raises(NotAllowed) as refusal:
        sign(application=frozen, party=lead, password=PASSWORD, actor=applicant)
    assert refusal.value.code == "not_signatory"


def test_a_signatory_of_another_party_cannot_sign_for_this(frozen, lead, association, region):
    other = make_person(RoleKind.SIGNATORY, association, region)
    with pytest.raises(NotAllowed):
        sign(application=frozen, party=lead, password=PASSWORD, actor=other)


def test_the_role_must_hold_on_the_day(frozen, lead, association, member):
    former = person_with_role(
        RoleKind.SIGNATORY, association, member=member, valid_to=date(2021, 1, 1)
    )
    with pytest.raises(NotAllowed):
        sign(application=frozen, party=lead, password=PASSWORD, actor=former)
    give_applicant(former, association, member)
    with pytest.raises(NotAllowed) as refusal:
        sign(application=frozen, party=lead, password=PASSWORD, actor=former)
    assert refusal.value.code == "not_signatory"


def give_applicant(user, association, member):
    from tests.factories import give_role

    give_role(user, RoleKind.APPLICANT, association, member)


@pytest.mark.parametrize(("rule", "count"), [(SignatureRule.LEAD, 1), (SignatureRule.ALL, 2)])
def test_the_programme_says_who_signs(association, member, applicant, rule, count):
    programme = make_programme(association, signature_rule=rule)
    application = make_complete(make_round(association, programme=programme), member, applicant)
    assert len(signing_parties(application)) == count


def test_an_external_actor_does_not_sign(draft, applicant):
    add_party(application=draft, external_name="Föreningen Nav", actor=applicant)
    names = [party.name for party in signing_parties(reread(draft))]
    assert names == ["Ekby kommun", "Region Sjö"]


def test_it_is_complete_when_all_have_signed(signed):
    state = signing_state(signed)
    assert state.is_complete
    assert state.note.startswith("Alla har skrivit under")


# --- any change voids -------------------------------------------------------------------------


def change_answer(application, actor):
    section = application.template.sections.get(key="basics")
    draft = application.drafts.get(section=section)
    save_section(
        application=application,
        section=section,
        values={"title": "Ett annat namn"},
        expected_revision=draft.revision,
        actor=actor,
    )


def change_parties(application, actor):
    add_party(application=application, external_name="Föreningen Nav", actor=actor)


def change_annexes(application, actor):
    add_annex(application=application, file=png(), title="Bild", actor=actor)


def open_again(application, actor):
    open_for_changes(application=application, actor=actor)


@pytest.mark.parametrize("change", [change_answer, change_parties, change_annexes, open_again])
def test_any_change_voids_the_signatures_and_says_so(signed, applicant, change):
    signatories = list(Signature.objects.values_list("user_id", flat=True))
    change(signed, applicant)
    after = reread(signed)
    assert after.signing_version is None
    assert not signing_state(after).is_complete
    assert Event.objects.filter(action="signatures_voided").count() == 1
    told = Message.objects.filter(event_key__startswith="signature_voided:")
    assert sorted(told.values_list("recipient_id", flat=True)) == sorted(signatories)


def test_a_changed_budget_is_noticed_even_where_nobody_told(signed, applicant, signatory):
    fill_budget(signed, applicant, sought=510_000)
    lead = signed.parties.get(is_lead=True)
    Signature.objects.count()
    with pytest.raises(Conflict) as refusal:
        sign(application=reread(signed), party=lead, password=PASSWORD, actor=signatory)
    assert refusal.value.code == "changed_after_freezing"


def test_what_was_voided_can_be_asked_for_anew(signed, applicant, signatory):
    change_answer(signed, applicant)
    version = freeze_for_signing(application=reread(signed), actor=applicant)
    assert version.number == 2
    assert signing_state(reread(signed)).waiting != []


def test_an_annex_that_was_removed_is_a_change_too(complete, applicant):
    annex = add_annex(application=complete, file=png(), title="Bild", actor=applicant)
    freeze_for_signing(application=reread(complete), actor=applicant)
    remove_annex(annex=annex, actor=applicant)
    assert reread(complete).signing_version is None


# --- on paper ---------------------------------------------------------------------------------


def test_a_page_signed_by_hand_is_kept_with_its_scan(frozen, lead, applicant, association):
    scan = receive_upload(
        association=association, file=png("underskrift.png"), purpose="annex", actor=applicant
    )
    signature = sign_on_paper(
        application=frozen, party=lead, signatory_name="Siv Exempel",
        signatory_title="Kommundirektör", scan=scan, actor=applicant,
    )  # fmt: skip
    assert (signature.method, signature.scan) == ("paper", scan)
    assert signature.signatory_name == "Siv Exempel"


def test_a_page_signed_by_hand_needs_a_name(frozen, lead, applicant):
    with pytest.raises(DomainError) as refusal:
        sign_on_paper(
            application=frozen, party=lead, signatory_name=" ", signatory_title="",
            scan=None, actor=applicant,
        )  # fmt: skip
    assert refusal.value.field == "signatory_name"


# --- the database keeps it --------------------------------------------------------------------


@pytest.mark.parametrize("table", ["applications_applicationversion", "applications_signature"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET content_hash = 'x'", "DELETE FROM {}"])
def test_L03_the_database_refuses_to_change_what_was_signed(signed, table, statement):
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert Signature.objects.count() == 2


# --- declining --------------------------------------------------------------------------------


def declining(application, party, actor, **said):
    seen = application.signing_version.number if application.signing_version else 1
    return decline_to_sign(
        application=application,
        party=party,
        actor=actor,
        **{"seen": seen, "reason": "Målen är för låga.", **said},
    )


def test_declined_it_is_open_again_and_all_who_write_are_told(
    frozen, lead, signatory, applicant, association, region
):
    other = frozen.parties.get(member=region)
    chief = make_person(RoleKind.SIGNATORY, association, region)
    sign(application=frozen, party=other, password=PASSWORD, actor=chief)

    declined = declining(frozen, lead, signatory, reason="  Målen är för låga.\r\n")

    now = reread(frozen)
    assert (declined.reason, declined.party) == ("Målen är för låga.", lead)
    assert now.signing_version is None
    assert last_declined(now) == declined
    told = Message.objects.filter(recipient=applicant, event_key__startswith="signature_declined:")
    voided = Message.objects.filter(recipient=chief, event_key__startswith="signature_voided:")
    assert (told.count(), voided.count()) == (1, 1)
    event = Event.objects.get(action="signature_declined")
    reason_is_kept_to_them = [event.payload, told.get().body, voided.get().body]
    assert "för låga" not in str(reason_is_kept_to_them)
    freeze_for_signing(application=now, actor=applicant)
    assert last_declined(reread(now)) is None


def test_D01_D02_declined_twice_is_once_and_another_reason_is_a_conflict(
    frozen, lead, signatory, applicant
):
    first = declining(frozen, lead, signatory)
    assert declining(frozen, lead, signatory) == first
    with pytest.raises(Conflict) as refusal:
        declining(frozen, lead, signatory, reason="Annat.")
    assert refusal.value.code == "another_version"
    freeze_for_signing(application=reread(frozen), actor=applicant)
    with pytest.raises(Conflict):
        declining(reread(frozen), lead, signatory, seen=first.version.number, reason="Annat.")
    assert Event.objects.filter(action="signature_declined").count() == 1


def test_who_may_not_sign_may_not_decline_and_what_is_signed_is_not_declined(
    frozen, lead, signatory, applicant
):
    with pytest.raises(NotAllowed):
        declining(frozen, lead, applicant)
    with pytest.raises(DomainError) as refusal:
        declining(frozen, lead, signatory, reason="  ")
    assert refusal.value.field == "reason"
    sign(application=frozen, party=lead, password=PASSWORD, actor=signatory)
    with pytest.raises(NotPossible) as refusal:
        declining(frozen, lead, signatory)
    assert refusal.value.code == "signed_already"
    assert not DeclinedSignature.objects.exists()


def test_the_database_keeps_what_was_declined(frozen, lead, signatory):
    declined = declining(frozen, lead, signatory)
    assert is_refused(
        "UPDATE applications_declinedsignature SET reason = 'x' WHERE id = %s", declined.pk
    )
    assert is_refused("DELETE FROM applications_declinedsignature WHERE id = %s", declined.pk)


def test_the_page_declines_and_tells_the_writers_why(
    frozen, lead, signatory, applicant, sign_in, director
):
    address = f"{frozen.get_absolute_url()}underskrifter/"
    client, seen = sign_in(signatory), frozen.signing_version.number
    form = {"form": "decline", "party": lead.pk, "seen": seen}
    empty = client.post(address, form)
    assert (empty.status_code, "Skriv varför" in empty.content.decode()) == (422, True)
    for _ in range(2):
        answer = client.post(address, {**form, "reason": "Målen är för låga."})
        assert (answer.status_code, answer.headers["Location"]) == (302, address)
    late = client.post(address, {**form, "reason": "En annan sak."}).content.decode()
    assert late.count("En annan sak.") == 1, "what was typed stands there"
    assert "Läs hur den är nu" in late

    page = sign_in(applicant).get(address).content.decode()
    assert "Målen är för låga." in page
    assert "Lås och begär underskrifter" in page
    overview = sign_in(applicant).get(frozen.get_absolute_url()).content.decode()
    assert f"{lead.name} skrev inte under" in overview
    assert sign_in(director).get(address).status_code in (403, 404)
