"""The agreement signed at an external service; all that may go wrong there is tried elsewhere."""

from __future__ import annotations

import pytest
from django.urls import reverse

from boards.agreement_content import executing_parties
from boards.agreement_external import order_agreement_signature
from boards.agreements import take_back_agreement
from boards.models import AgreementSignature, AgreementState
from finsam.documents.documents import job_for
from finsam.documents.external_signing.orders import promise_look
from finsam.documents.external_signing.paper import evidence_key
from finsam.documents.models import SigningOrder
from finsam.errors import NotAllowed
from finsam.jobs.work import run_job
from finsam.people.models import RoleKind
from tests import factories as make
from tests.documents.signing_service import signing_server
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(tmp_path, settings):
    with signing_server(tmp_path, settings) as server:
        yield server


@kept
def signer(association, member):
    return make.make_person(RoleKind.SIGNATORY, association, member)


@kept
def agreement(called, director, signer):
    return make.make_agreement(make.make_told(called, director), director)


def ordered(agreement, party, actor):
    seen = agreement.current.content_hash
    return order_agreement_signature(agreement=agreement, party=party, seen_hash=seen, actor=actor)


def answered(service, order):
    """The person signs there, and the portal asks."""
    run_job(promise_look(order, "1st", follows=False).pk)
    service.sign(order.reference)
    run_job(promise_look(order, "2nd", follows=False).pk)
    order.refresh_from_db()
    return order


def test_all_sign_there_and_each_proof_is_a_document_of_the_case(
    service, agreement, signer, director, applicant, sign_in
):
    application = agreement.application
    lead = executing_parties(application)[0]
    for actor, party in ((applicant, lead), (signer, None)):
        with pytest.raises(NotAllowed):
            ordered(agreement, party, actor)
    args = [application.association.slug, application.public_id]
    act = reverse("boards:agreement_sign", args=args)
    said = {"party": lead.pk, "seen": agreement.current.content_hash}
    client = sign_in(signer)
    shown = client.post(act, {"do": "external", **said}, follow=True).content.decode()
    order = SigningOrder.objects.get()
    assert order.sign_address in shown
    service.sign(order.reference)
    client.post(act, {"do": "ask", **said})
    signature = AgreementSignature.objects.get()
    assert (signature.party, signature.method, signature.order) == (lead, "external", order)
    assert signature.content_hash == agreement.current.content_hash
    assert job_for(evidence_key(order)).arguments["case"] == application.case_id
    for other in executing_parties(application)[1:]:
        person = make.make_person(RoleKind.SIGNATORY, application.association, other.member)
        answered(service, ordered(agreement, other, person))
    answered(service, ordered(agreement, None, director))
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.SIGNED
    assert (
        "Undertecknat med e-legitimation"
        in client.get(reverse("boards:agreement", args=args)).content.decode()
    )


def test_an_answer_about_a_version_taken_back_is_void(service, agreement, signer, director):
    lead = executing_parties(agreement.application)[0]
    order = ordered(agreement, lead, signer)
    seen = agreement.current.content_hash
    take_back_agreement(agreement=agreement, seen_hash=seen, reason="Fel.", actor=director)
    assert answered(service, order).state == "void"
    assert "väntar inte på underskrift" in order.reason
    assert not AgreementSignature.objects.exists()
