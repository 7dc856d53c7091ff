"""The signing service calls back twice at the same moment: one answer, one signature, one event."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, ApplicationParty
from boards.agreement_content import executing_parties
from boards.agreement_external import order_agreement_signature
from boards.agreement_signing import sign_agreement
from boards.models import Agreement, AgreementSignature
from finsam.associations.models import Association
from finsam.documents.external_signing.orders import JOB_KIND, promise_look
from finsam.documents.models import SigningOrder
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_job
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from tests import factories as make
from tests.documents.signing_service import SigningServer, call, signing_server
from tests.races.test_board_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CALLS = 10


@pytest.fixture
def service(tmp_path: Path, settings: Any) -> Iterator[SigningServer]:
    with signing_server(tmp_path, settings) as server:
        yield server


@pytest.fixture
def agreement(association: Association, applicant: User, director: User) -> Agreement:
    return make.make_agreement(make.make_granted(association, applicant, director), director)


@pytest.fixture
def lead(agreement: Agreement) -> ApplicationParty:
    return executing_parties(agreement.application)[0]


@pytest.fixture
def signer(agreement: Agreement, lead: ApplicationParty) -> User:
    return make.make_person(RoleKind.SIGNATORY, agreement.application.association, lead.member)


@pytest.fixture
def order(
    service: SigningServer, agreement: Agreement, lead: ApplicationParty, signer: User
) -> SigningOrder:
    """Placed at the service, where the person has signed."""
    assert agreement.current is not None
    placed = order_agreement_signature(
        agreement=agreement,
        party=lead,
        seen_hash=agreement.current.content_hash,
        actor=signer,
    )
    run_job(promise_look(placed, "placed", follows=False).pk)
    service.sign(placed.reference)
    placed.refresh_from_db()
    return placed


def calling(order: SigningOrder, event: str) -> functools.partial[Any]:
    said = call(order.reference, event)
    return functools.partial(Client().post, reverse("documents:signing_call"), **said)


def waiting() -> list[int]:
    jobs = Job.objects.filter(kind=JOB_KIND, state=JobState.WAITING)
    return list(jobs.filter(key__contains=":called:").values_list("pk", flat=True))


def test_the_same_event_called_many_times_at_once_is_looked_at_once(order: SigningOrder) -> None:
    answers = at_once([calling(order, "e1")] * CALLS)
    assert [getattr(one, "status_code", one) for one in answers] == [204] * CALLS
    (job,) = waiting()
    at_once([functools.partial(run_job, job)] * CALLS)
    assert AgreementSignature.objects.count() == 1
    assert Event.objects.filter(action="signing_signed").count() == 1


def test_two_events_answered_at_once_give_one_signature(order: SigningOrder) -> None:
    at_once([calling(order, f"e{number}") for number in range(CALLS)])
    jobs = waiting()
    assert len(jobs) == CALLS
    answers = at_once([functools.partial(run_job, pk) for pk in jobs])
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert AgreementSignature.objects.count() == 1
    assert Event.objects.filter(action="agreement_signed").count() == 1
    assert Event.objects.filter(action="signing_signed").count() == 1
    states = Job.objects.filter(pk__in=jobs).values_list("state", flat=True)
    assert set(states) == {JobState.DONE}


def test_the_answer_against_the_persons_password_is_one_signature(
    agreement: Agreement, order: SigningOrder, lead: ApplicationParty, signer: User
) -> None:
    """Whichever comes first stands; the other is told, and the proof is kept in both."""
    assert agreement.current is not None
    here = functools.partial(
        sign_agreement,
        agreement=agreement,
        party=lead,
        password=make.PASSWORD,
        seen_hash=agreement.current.content_hash,
        actor=signer,
    )
    there = promise_look(order, "called:e1", follows=False)
    answers = at_once([here, functools.partial(run_job, there.pk)])
    assert [one for one in answers if isinstance(one, Exception)] == []
    signature = AgreementSignature.objects.get()
    order.refresh_from_db()
    assert order.evidence is not None
    assert (signature.method, order.state) in (("external", "signed"), ("logged_approval", "void"))


def test_the_order_is_placed_once_however_many_press_at_once(
    service: SigningServer, agreement: Agreement, lead: ApplicationParty, signer: User
) -> None:
    assert agreement.current is not None
    press = functools.partial(
        order_agreement_signature,
        agreement=agreement,
        party=lead,
        seen_hash=agreement.current.content_hash,
        actor=signer,
    )
    answers = at_once([press] * CALLS)
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert SigningOrder.objects.count() == 1
    application = Application.objects.get()
    assert application.state == "granted"
