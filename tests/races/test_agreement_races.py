"""Many hands on one agreement at once: each party signs once, and it is agreed once."""

from __future__ import annotations

import functools

import pytest

from applications.models import Application, ApplicationParty
from boards.agreement_content import executing_parties
from boards.agreement_signing import sign_agreement
from boards.agreements import take_back_agreement
from boards.models import Agreement, AgreementEnd, AgreementSignature
from finsam.associations.models import Association
from finsam.errors import Conflict, NotPossible
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from tests import factories as make
from tests.races.test_board_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(association: Association, applicant: User, director: User) -> Application:
    return make.make_granted(association, applicant, director)


@pytest.fixture
def agreement(told: Application, director: User) -> Agreement:
    return make.make_agreement(told, director)


def signing(
    agreement: Agreement, actor: User, party: ApplicationParty | None
) -> functools.partial[AgreementSignature]:
    assert agreement.current is not None
    return functools.partial(
        sign_agreement,
        agreement=agreement,
        party=party,
        password=make.PASSWORD,
        seen_hash=agreement.current.content_hash,
        actor=actor,
    )


def everybody(agreement: Agreement) -> list[functools.partial[AgreementSignature]]:
    application = agreement.application
    association = application.association
    acts = [signing(agreement, make.make_person(RoleKind.DIRECTOR, association), None)]
    for party in executing_parties(application):
        signatory = make.make_person(RoleKind.SIGNATORY, association, party.member)
        acts.append(signing(agreement, signatory, party))
    return acts


def test_all_sign_at_the_same_moment_twice_and_it_is_agreed_once(agreement: Agreement) -> None:
    acts = everybody(agreement)
    answers = at_once([*acts, *acts])
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert AgreementSignature.objects.count() == len(acts)
    assert Event.objects.filter(action="application_agree").count() == 1
    found = Agreement.objects.select_related("application").get()
    assert (found.state, found.application.state) == ("signed", "agreed")


def test_the_last_signature_against_taking_it_back(agreement: Agreement, director: User) -> None:
    """Either all have signed and it stands, or it is a draft and nothing is agreed."""
    *first, last = everybody(agreement)
    for act in first:
        act()
    assert agreement.current is not None
    back = functools.partial(
        take_back_agreement,
        agreement=agreement,
        seen_hash=agreement.current.content_hash,
        reason="Fel dag.",
        actor=director,
    )
    refused = [one for one in at_once([last, back]) if isinstance(one, Exception)]
    assert [type(one) for one in refused] in ([NotPossible], [Conflict])
    found = Agreement.objects.select_related("application").get()
    ended = AgreementEnd.objects.count()
    assert (found.state, found.application.state, ended) in (
        ("signed", "agreed", 0),
        ("draft", "granted", 1),
    )
