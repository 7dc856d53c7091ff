"""The agreement: from an attested decision, on exact content, signed by all before the start."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.models import ApplicationState
from boards.agreement_content import executing_parties
from boards.agreement_papers import document_key
from boards.agreement_signing import decline_agreement, sign_agreement, sign_agreement_on_paper
from boards.agreements import (
    edit_agreement,
    prepare_agreement,
    send_agreement,
    start_effort,
    take_back_agreement,
)
from boards.models import Agreement, AgreementEnd, AgreementSignature, AgreementState
from budgets.figures import OutdatedFigures
from budgets.frames import change_grant
from finsam import clock
from finsam.documents.models import DocumentSeries
from finsam.documents.uploads import receive_upload
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import RoleKind
from finsam.registry.models import Event
from tests import factories as make
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def chief(association):
    return make.make_person(RoleKind.DIRECTOR, association)


@kept
def signer(association, member):
    return make.make_person(RoleKind.SIGNATORY, association, member)


@kept
def told(called, director):
    return make.make_told(called, director)


@kept
def agreement(told, signer, chief):
    return make.make_agreement(told, chief)


@kept
def lead(told):
    return executing_parties(told)[0]


def sign(agreement, party, actor, **changes):
    said = {"password": make.PASSWORD, "seen_hash": agreement.current.content_hash, **changes}
    return sign_agreement(agreement=agreement, party=party, actor=actor, **said)


def state_of(agreement):
    found = Agreement.objects.select_related("application").get(pk=agreement.pk)
    return found.state, found.application.state


def refusal_of(kind, act, **said):
    with pytest.raises(kind) as refused:
        act(**said)
    return refused.value.code


# --- prepared ------------------------------------------------------------------------------------


def test_it_waits_for_the_attestation(called, director):
    minutes = make.make_closed(called, director)
    application = called.items.get(application__isnull=False).application
    assert application.state == ApplicationState.GRANTED
    code = refusal_of(NotPossible, prepare_agreement, application=application, actor=director)
    assert code == "not_granted"
    make.make_attested(minutes, director)
    made = prepare_agreement(application=make.reread(application), actor=director)
    assert made.item.application_id == application.pk


def test_prepared_twice_it_is_one(told, director, officer):
    first = prepare_agreement(application=told, actor=director)
    assert prepare_agreement(application=told, actor=officer) == first
    assert Event.objects.filter(action="agreement_prepared").count() == 1


@pytest.mark.parametrize("role", ["applicant", "signatory", "chair", "auditor", "foreign_director"])
def test_the_office_alone_prepares_it(told, role, request):
    actor = request.getfixturevalue(role)
    assert refusal_of(NotAllowed, prepare_agreement, application=told, actor=actor) == "not_office"


def test_it_says_what_was_decided_and_nothing_typed_changes_that(told, agreement):
    content = agreement.current.content
    assert content["amount"] == told.grant.amount == 600_000
    assert sum(row["amount"] for row in content["budget"]) == 600_000
    assert content["decision"]["number"] == agreement.item.paragraph.number
    assert [one["name"] for one in content["parties"]] == [one.name for one in told.parties.all()]
    with pytest.raises(NotPossible):
        edit_agreement(
            agreement=agreement,
            texts={"purpose": "Annat."},
            expected_revision=agreement.revision,
            actor=agreement.created_by,
        )


def test_a_text_saved_by_another_in_between_is_a_conflict(told, director):
    agreement = prepare_agreement(application=told, actor=director)
    said = {"expected_revision": 0, "actor": director}
    edit_agreement(agreement=agreement, texts={"other": "Ett villkor.", "amount": "1"}, **said)
    assert "amount" not in Agreement.objects.get().texts
    edit_agreement(agreement=agreement, texts={"other": "Ett villkor."}, **said)
    with pytest.raises(Conflict):
        edit_agreement(agreement=agreement, texts={"other": "Ett annat."}, **said)
    assert Event.objects.filter(action="agreement_edited").count() == 1


def test_an_empty_clause_is_not_sent(told, director):
    agreement = prepare_agreement(application=told, actor=director)
    Agreement.objects.update(texts={"purpose": "Fler i arbete.", "roles": "", "reporting": "x"})
    assert refusal_of(NotPossible, send_agreement, agreement=agreement, actor=director) == (
        "clause_empty"
    )


def test_sending_asks_each_signatory_and_the_director_once(agreement, signer, chief, director):
    send_agreement(agreement=agreement, actor=director)
    asked = Message.objects.filter(subject__startswith="Avtal att skriva under")
    assert sorted(asked.values_list("address", flat=True)) == sorted(
        one.email for one in (signer, chief, director)
    )
    assert agreement.versions.count() == 1


# --- signed --------------------------------------------------------------------------------------


def test_the_last_signature_makes_the_application_agreed(told, agreement, chief):
    for party in executing_parties(told):
        sign(agreement, party, make.make_person(RoleKind.SIGNATORY, told.association, party.member))
        assert state_of(agreement) == ("sent", "granted")
    sign(agreement, None, chief)
    assert state_of(agreement) == ("signed", "agreed")
    assert Event.objects.filter(action="application_agree").count() == 1
    series = DocumentSeries.objects.get(key=document_key(agreement))
    assert series.last_job.arguments["source"]["is_signed"] is True


def test_the_chair_may_sign_for_the_association(agreement, association):
    chair = make.make_person(RoleKind.CHAIR, association)
    assert sign(agreement, None, chair).party is None


def test_signed_twice_it_is_once(agreement, lead, signer):
    assert sign(agreement, lead, signer) == sign(agreement, lead, signer)
    assert Event.objects.filter(action="agreement_signed").count() == 1


@pytest.mark.parametrize(
    "role", ["applicant", "officer", "auditor", "administrator", "foreign_director"]
)
def test_who_may_not_sign(agreement, lead, role, request):
    actor = request.getfixturevalue(role)
    for party in (lead, None):
        with pytest.raises(NotAllowed):
            sign(agreement, party, actor)
    assert not AgreementSignature.objects.exists()


def test_a_signatory_signs_for_the_own_member_only(agreement, lead, association, signer):
    region = association.members.get(slug="regionen")
    other = make.make_person(RoleKind.SIGNATORY, association, region)
    with pytest.raises(NotAllowed):
        sign(agreement, lead, other)
    with pytest.raises(NotAllowed):
        sign(agreement, None, signer)


def test_a_wrong_password_signs_nothing(agreement, lead, signer):
    with pytest.raises(DomainError) as refused:
        sign(agreement, lead, signer, password="fel")
    assert (refused.value.code, AgreementSignature.objects.count()) == ("wrong_password", 0)


def test_another_content_than_the_one_read_is_a_conflict(agreement, lead, signer):
    with pytest.raises(Conflict):
        sign(agreement, lead, signer, seen_hash="0" * 64)


def test_a_draft_cannot_be_signed(told, director, chief):
    agreement = prepare_agreement(application=told, actor=director)
    code = refusal_of(
        NotPossible,
        sign_agreement,
        agreement=agreement,
        party=None,
        password=make.PASSWORD,
        seen_hash="",
        actor=chief,
    )
    assert code == "not_sent"


def test_a_grant_changed_after_sending_has_to_be_sent_anew(agreement, told, lead, signer, director):
    change_grant(grant=told.grant, amount=500_000, key="lowered", actor=director)
    with pytest.raises(OutdatedFigures):
        sign(agreement, lead, signer)


def test_on_paper_by_the_office_with_its_scan(agreement, lead, association, officer, signer):
    scan = receive_upload(association=association, file=make.png(), purpose="annex", actor=officer)
    said = {
        "agreement": agreement,
        "party": lead,
        "signatory_name": "Eva Ek",
        "signatory_title": "Förvaltningschef",
        "scan": scan,
        "original_received": True,
        "seen_hash": agreement.current.content_hash,
    }
    with pytest.raises(NotAllowed):
        sign_agreement_on_paper(**said, actor=signer)
    kept = sign_agreement_on_paper(**said, actor=officer)
    assert (kept.method, kept.original_received, kept.scan) == ("paper", True, scan)
    assert sign_agreement_on_paper(**said, actor=officer) == kept


# --- taken back and declined ---------------------------------------------------------------------


def test_a_change_voids_what_was_signed_and_says_why(agreement, lead, signer, director):
    first = agreement.current
    sign(agreement, lead, signer)
    said = {"seen_hash": first.content_hash, "reason": "Fel rapportdag.", "actor": director}
    take_back_agreement(agreement=agreement, **said)
    take_back_agreement(agreement=agreement, **said)
    assert state_of(agreement) == ("draft", "granted")
    assert AgreementEnd.objects.get().reason == "Fel rapportdag."
    mail = Message.objects.get(
        address=signer.email, subject__startswith="Avtalet gäller inte längre"
    )
    assert "Fel rapportdag." in mail.body
    back = Agreement.objects.get(pk=agreement.pk)
    edit_agreement(
        agreement=back,
        texts={"reporting": "Varje halvår."},
        expected_revision=back.revision,
        actor=director,
    )
    second = send_agreement(agreement=back, actor=director)
    assert (second.number, second.content_hash != first.content_hash) == (2, True)
    assert not second.signatures.exists()
    with pytest.raises(Conflict):
        sign(agreement, lead, signer)
    assert first.signatures.count() == 1


def test_declining_makes_it_a_draft_and_tells_the_office(agreement, lead, signer, chief):
    said = {
        "agreement": agreement,
        "party": lead,
        "seen_hash": agreement.current.content_hash,
        "actor": signer,
    }
    assert refusal_of(DomainError, decline_agreement, reason=" ", **said) == "reason_missing"
    decline_agreement(reason="Perioden stämmer inte.", **said)
    decline_agreement(reason="Perioden stämmer inte.", **said)
    assert state_of(agreement) == ("draft", "granted")
    assert (AgreementEnd.objects.get().kind, AgreementEnd.objects.get().party) == ("declined", lead)
    assert Message.objects.filter(
        address=chief.email, subject__contains="gäller inte längre"
    ).exists()


def test_who_could_not_have_signed_cannot_decline(agreement, lead, applicant):
    with pytest.raises(NotAllowed):
        decline_agreement(
            agreement=agreement,
            party=lead,
            seen_hash=agreement.current.content_hash,
            reason="Nej.",
            actor=applicant,
        )


def test_signed_by_all_it_is_neither_taken_back_nor_declined(told, signer, chief):
    agreed = make.make_agreed(told, chief)
    said = {"seen_hash": agreed.current.content_hash, "reason": "Ändrat.", "actor": chief}
    assert refusal_of(NotPossible, take_back_agreement, agreement=agreed, **said) == "signed_by_all"


# --- the start -----------------------------------------------------------------------------------


def test_the_effort_starts_after_the_last_signature_once(told, signer, chief, officer):
    make.make_ongoing(told)
    agreed = make.make_agreed(told, chief)
    today = clock.today()
    for _ in range(2):
        start_effort(agreement=agreed, started_on=today, actor=officer)
    assert state_of(agreed) == (AgreementState.SIGNED, ApplicationState.RUNNING)
    assert Event.objects.filter(action="application_start").count() == 1
    with pytest.raises(NotPossible):
        start_effort(agreement=agreed, started_on=today + timedelta(days=1), actor=officer)


def test_a_start_before_the_last_signature_is_recorded_knowingly(told, chief, officer):
    make.make_ongoing(told)
    agreed = make.make_agreed(told, chief)
    day = clock.today() - timedelta(days=1)
    said = {"agreement": agreed, "started_on": day, "actor": officer}
    assert refusal_of(DomainError, start_effort, **said) == "before_agreement"
    assert state_of(agreed)[1] == ApplicationState.AGREED
    started = start_effort(**said, although_unsigned=True)
    assert (started.started_on, started.is_started_unsigned) == (day, True)
    assert Event.objects.get(action="application_start").payload["signed_on"]


def test_no_start_after_the_agreed_period(told, chief, officer):
    agreed = make.make_agreed(told, chief)
    said = {"agreement": agreed, "actor": officer}
    last = make.make_ongoing(told)
    assert (
        refusal_of(DomainError, start_effort, **said, started_on=last + timedelta(days=1))
        == "after_period"
    )
    assert start_effort(**said, started_on=last).is_started_unsigned is False


def test_no_start_before_all_have_signed(agreement, officer):
    code = refusal_of(
        NotPossible, start_effort, agreement=agreement, started_on=clock.today(), actor=officer
    )
    assert code == "not_signed"


@pytest.mark.parametrize("role", ["applicant", "signatory", "chair", "auditor", "foreign_director"])
def test_the_office_alone_starts_it(told, signer, chief, role, request):
    agreed = make.make_agreed(told, chief)
    actor = request.getfixturevalue(role)
    with pytest.raises(NotAllowed):
        start_effort(agreement=agreed, started_on=clock.today(), actor=actor)


# --- the database --------------------------------------------------------------------------------


def test_what_was_signed_cannot_be_changed(agreement, lead, signer):
    sign(agreement, lead, signer)
    assert is_refused("UPDATE boards_agreementversion SET content_hash = 'x'")
    assert is_refused("UPDATE boards_agreementsignature SET signatory_name = 'x'")
    assert is_refused("DELETE FROM boards_agreementsignature")
