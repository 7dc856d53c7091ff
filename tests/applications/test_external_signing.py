"""Signing at an external service, from the order to the proof; the service may misbehave."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.external_signing import order_signature
from applications.models import Signature
from applications.signing import freeze_for_signing, open_for_changes
from finsam import clock
from finsam.documents.archive_content import case_files
from finsam.documents.consistency import all_findings
from finsam.documents.documents import document_for, job_for
from finsam.documents.external_signing import rest
from finsam.documents.external_signing.orders import HOLDS, SILENCE, ask_now, promise_look
from finsam.documents.external_signing.paper import evidence_key
from finsam.documents.external_signing.service import ServiceDown
from finsam.documents.models import SigningOrder
from finsam.documents.storage import open_file
from finsam.documents.verification import verify_file
from finsam.errors import NotAllowed, NotPossible
from finsam.jobs.models import Job
from finsam.jobs.work import run_job
from finsam.messages.models import Message
from finsam.people.models import Role
from finsam.registry.models import Event
from tests.conftest import is_refused
from tests.documents.signing_service import OTHER_SEAL, call, public_key, signing_server
from tests.factories import reread, submit_now
from tests.kept import kept

pytestmark = pytest.mark.django_db

CALL = "/signering/svar/"


@pytest.fixture
def service(tmp_path, settings):
    with signing_server(tmp_path, settings) as server:
        yield server


@kept
def frozen(complete, applicant):
    freeze_for_signing(application=complete, actor=applicant)
    return reread(complete)


@kept
def lead(frozen):
    return frozen.parties.get(is_lead=True)


@pytest.fixture
def order(service, frozen, lead, signatory):
    """Ordered by the signatory of the lead party, and placed at the service."""
    made = ordered(frozen, lead, signatory)
    look(made)
    made.refresh_from_db()
    return made


def ordered(application, party, actor):
    return order_signature(application=application, party=party, actor=actor)


def look(order):
    """The latest promised talk about the order, now."""
    job = Job.objects.filter(kind="signing_order", key__startswith=f"signing_order:{order.pk}:")
    found = job.order_by("-pk").first()
    with clock.at(max(clock.now(), found.not_before or clock.now())):
        run_job(found.pk)


def ended(order):
    order.refresh_from_db()
    return order.state, order.reason


def test_without_a_service_all_is_as_it_was(frozen, lead, signatory, settings):
    assert settings.SIGNING_SERVICE == "", "none by default"
    with pytest.raises(NotPossible) as refusal:
        ordered(frozen, lead, signatory)
    assert refusal.value.code == "not_offered"


def test_the_order_says_what_is_signed_and_gives_a_place_to_sign(order, service, frozen):
    said = service.orders[str(order.reference)].said
    assert said["content_hash"] == frozen.signing_version.content_hash
    assert said["callback_address"] == f"https://testserver{CALL}"
    assert (order.state, order.sign_address) == (
        "placed",
        f"{service.address}/sign/{order.reference}",
    )


def test_D01_ordering_twice_is_one_order(order, service, frozen, lead, signatory):
    assert ordered(frozen, lead, signatory) == order
    assert len(service.orders) == SigningOrder.objects.count() == 1
    assert Event.objects.filter(action="signing_ordered").count() == 1


def test_who_may_not_sign_cannot_order(service, frozen, lead, applicant):
    with pytest.raises(NotAllowed):
        ordered(frozen, lead, applicant)
    assert not SigningOrder.objects.exists()


def test_two_callbacks_at_once_and_an_answer_given_twice_make_one_signature(
    order, service, client, frozen
):
    service.sign(order.reference)
    for event in ("e1", "e2", "e1"):
        assert client.post(CALL, **call(order.reference, event)).status_code == 204
    jobs = Job.objects.filter(key__contains=":called:")
    assert jobs.count() == 2
    for job in jobs:
        run_job(job.pk)
    signature = Signature.objects.get()
    assert (signature.method, signature.order) == ("external", order)
    assert signature.content_hash == frozen.signing_version.content_hash
    assert Event.objects.filter(action="application_signed").count() == 1
    assert Event.objects.filter(action="signing_signed").count() == 1
    assert client.post(CALL, **call(order.reference, "e3")).status_code == 204
    assert not Job.objects.filter(key__endswith=":called:e3").exists(), "it has ended"


def test_the_proof_is_kept_archived_verified_and_watched_over(
    order, service, client, frozen, applicant
):
    service.sign(order.reference)
    look(order)
    order.refresh_from_db()
    assert job_for(evidence_key(order)) is None, "a draft has no case"
    submit_now(reread(frozen), applicant)
    kept = open_file(order.evidence)
    run_job(job_for(evidence_key(order)).pk)
    proof = document_for(evidence_key(order))
    case = reread(frozen).case
    assert (proof.case, proof.kind) == (case, "signing_evidence")
    assert order.evidence in [one.stored for one in case_files(case)]
    verdict = verify_file(io.BytesIO(kept))
    assert verdict is not None
    assert (verdict.is_evidence, verdict.document) == (True, proof)
    page = client.post("/kontrollera/", {"file": SimpleUploadedFile("bevis.jws", kept)})
    assert "bevis som en underskriftstjänst" in page.content.decode()
    assert verify_file(io.BytesIO(kept[:-1])) is None
    assert "broken_evidence" not in {one.code for one in all_findings()}
    assert is_refused("UPDATE documents_signingorder SET content_hash = %s", "0" * 64)
    assert is_refused("DELETE FROM documents_signingorder")


def test_kept_evidence_of_another_key_is_named_by_verify_documents(
    order, service, settings, tmp_path
):
    service.sign(order.reference)
    look(order)
    other = tmp_path / "other.pem"
    other.write_bytes(public_key(OTHER_SEAL))
    settings.SIGNING_CERTIFICATE = str(other)
    assert "broken_evidence" in {one.code for one in all_findings()}


def test_who_declines_at_the_service_is_told_and_may_begin_anew(
    order, service, frozen, lead, signatory
):
    service.decline(order.reference, "Vill läsa mer.")
    look(order)
    assert ended(order) == ("declined", "Vill läsa mer.")
    assert not Signature.objects.exists()
    told = Message.objects.filter(event_key=f"signing_ended:{order.pk}")
    assert [one.recipient for one in told] == [signatory]
    assert ordered(frozen, lead, signatory) != order


def test_an_order_that_nobody_signs_expires(order, service):
    service.expire(order.reference)
    look(order)
    assert ended(order)[0] == "expired"


def test_a_silent_service_is_given_up_after_the_last_day(order, service):
    service.fault = "down"
    with clock.at(order.expires_at + timedelta(hours=1)):
        run_job(promise_look(order, "late", follows=False).pk)
    assert ended(order)[0] == "placed", "it may have been signed in time"
    with clock.at(order.expires_at + SILENCE + timedelta(hours=1)):
        run_job(promise_look(order, "later", follows=False).pk)
    assert ended(order)[0] == "expired"
    assert HOLDS > SILENCE


def test_an_answer_after_the_application_changed_is_void_and_says_so(
    order, service, frozen, signatory, applicant
):
    open_for_changes(application=frozen, actor=applicant)
    service.sign(order.reference)
    look(order)
    state, reason = ended(order)
    assert (state, "ändrades innan" in reason) == ("void", True)
    mail = Message.objects.get(event_key=f"signing_ended:{order.pk}", recipient=signatory)
    assert "gäller inte" in mail.body
    assert not Signature.objects.exists()
    assert order.evidence is not None, "what was signed stays on record"


def test_a_role_that_ended_before_the_answer_makes_it_void(order, service, signatory):
    service.sign(order.reference)
    Role.objects.filter(user=signatory).update(valid_to=clock.today() - timedelta(days=1))
    look(order)
    assert ended(order)[0] == "void"
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"content_hash": "0" * 64}, "ett annat innehåll"),
        ({"order": "00000000-0000-4000-8000-000000000000"}, "en annan beställning"),
        ({"name": "Någon Annan"}, "Någon Annan"),
        ({"signed_at": "2001-01-01T00:00:00+00:00"}, "tidpunkt"),
        ({"signed_at": "i går"}, "tidpunkt"),
        ({"seal": OTHER_SEAL}, "försegling"),
    ],
)
def test_evidence_of_something_else_is_refused(order, service, wrong, sentence):
    service.sign(order.reference, **wrong)
    look(order)
    state, reason = ended(order)
    assert (state, sentence in reason) == ("refused", True), reason
    assert not Signature.objects.exists()
    assert Event.objects.filter(action="signing_refused").count() == 1


@pytest.mark.parametrize("fault", ["down", "garbage", "redirect", "huge", "slow", "elsewhere"])
def test_an_outage_says_what_to_do_and_is_tried_again(
    service, frozen, lead, signatory, fault, monkeypatch
):
    monkeypatch.setattr(rest, "ANSWER_SECONDS", 0.15)
    service.fault = fault
    order = ordered(frozen, lead, signatory)
    look(order)
    order.refresh_from_db()
    assert (order.state, "försöker igen" in order.trouble) == ("begun", True)
    assert "/inside" not in "".join(service.asked), "no redirect is followed"
    service.fault = ""
    look(order)
    order.refresh_from_db()
    assert (order.state, order.trouble) == ("placed", "")


def test_nobody_listening_is_an_outage(service, frozen, lead, signatory, settings):
    settings.SIGNING_ADDRESS = "http://127.0.0.1:9"
    order = ordered(frozen, lead, signatory)
    look(order)
    order.refresh_from_db()
    assert "med lösenord eller på papper" in order.trouble


@pytest.mark.parametrize(
    "address",
    ["http://tjanst.example", "ftp://127.0.0.1", "https://a@b.example", "file:///etc/passwd", ""],
)
def test_only_the_service_itself_is_asked_and_by_https(service, settings, address):
    settings.SIGNING_ADDRESS = address
    with pytest.raises(ServiceDown):
        rest.RestSigningService()


def test_a_forged_or_old_or_unknown_callback_is_refused(order, client):
    good = call(order.reference)
    bare = {**good, "headers": {}}
    changed = {**good, "data": good["data"].replace(b"e1", b"e2")}
    other = call(order.reference, secret="gissad")
    old = call(order.reference, at=int(clock.now().timestamp()) - 600)
    odd = call(order.reference, "../../etc")
    for forged in (bare, changed, other, old, odd):
        assert client.post(CALL, **forged).status_code == 403
    assert client.post(CALL, **call("00000000-0000-4000-8000-000000000000")).status_code == 404
    assert client.get(CALL).status_code == 405
    assert not Job.objects.filter(key__contains=":called:").exists()


def test_the_callback_is_no_address_where_there_is_no_service(client, settings):
    assert client.post(CALL, **call("x")).status_code == 404


def test_asking_for_the_answer_twice_asks_once(order):
    assert ask_now(order) == ask_now(order)


@pytest.mark.anywhere
def test_the_person_orders_goes_there_and_fetches_the_answer_on_the_page(
    service, frozen, lead, signatory, sign_in
):
    client = sign_in(signatory)
    page = reverse("applications:signatures", args=[frozen.association.slug, frozen.public_id])
    said = {"party": lead.pk}
    answer = client.post(page, {"form": "external", **said}, follow=True).content.decode()
    order = SigningOrder.objects.get()
    assert order.sign_address in answer
    service.sign(order.reference)
    answer = client.post(page, {"form": "ask", **said}, follow=True).content.decode()
    assert "Underskriften är mottagen" in answer
    assert "Med e-legitimation" in answer
    assert "Beställ underskriften" not in answer
    signature = Signature.objects.get()
    assert (signature.method, signature.order) == ("external", order)


@pytest.mark.anywhere
def test_the_page_tells_of_an_outage_and_orders_nothing_twice(
    service, frozen, lead, signatory, sign_in
):
    service.fault = "down"
    client = sign_in(signatory)
    page = reverse("applications:signatures", args=[frozen.association.slug, frozen.public_id])
    for _ in range(2):
        answer = client.post(page, {"form": "external", "party": lead.pk}, follow=True)
        assert "går inte att nå just nu" in answer.content.decode()
    assert SigningOrder.objects.count() == 1


def test_a_programme_may_leave_it_out(service, frozen, lead, signatory):
    programme = frozen.round.programme
    programme.definition = {**programme.definition, "signatures": {"methods": ["paper"]}}
    programme.save(update_fields=["definition"])
    with pytest.raises(NotPossible) as refusal:
        ordered(reread(frozen), lead, signatory)
    assert refusal.value.code == "not_offered"
