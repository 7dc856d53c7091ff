"""Each step of a payment request: once however often it is sent, and by whom it may be taken."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from budgets.models import Grant, PaymentRequest, Transfer
from budgets.payment_batches import make_batch, mark_paid
from budgets.payment_review import (
    approve_request,
    check_request,
    return_request,
    stop_request,
)
from budgets.payment_states import BY_ACTION, STEPS, may
from budgets.payments import (
    attest_request,
    save_request,
    send_for_attestation,
    start_request,
    take_back,
    withdraw_request,
)
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.models import Event
from tests.budgets.payments import (
    PASSWORD,
    batch_of,
    make_approved,
    make_draft,
    make_extract,
    make_ready,
    make_sent,
    written,
)

# --- done once ---------------------------------------------------------------------------------


def test_D01_every_step_twice_is_once(
    draft: PaymentRequest, grant: Grant, association: Association, applicant: User,
    signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    case = draft.case
    again = start_request(
        grant=grant, member=draft.member, covers_all=True, period_from=draft.period_from,
        period_to=draft.period_to, is_final=False, key="first", case=case, actor=applicant,
    )  # fmt: skip
    assert again == draft
    extract = make_extract(grant, applicant)
    for _ in range(2):
        saved = save_request(
            request=draft, said=written(draft, 500), expected_revision=1, actor=applicant,
            extract=extract,
        )  # fmt: skip
    for _ in range(2):
        ready = send_for_attestation(request=saved, actor=applicant)
    seen = ready.content_hash
    for _ in range(2):
        sent = attest_request(request=ready, password=PASSWORD, seen_hash=seen, actor=signatory)
    for _ in range(2):
        check_request(request=sent, seen_hash=seen, actor=officer)
    for _ in range(2):
        approved = approve_request(request=sent, seen_hash=seen, actor=director)
    batches = [batch_of(association, [approved], director) for _ in range(2)]
    for _ in range(2):
        mark_paid(batch=batches[0], paid_on=clock.today(), actor=director)

    assert batches[0] == batches[1]
    counts = {
        action: Event.objects.filter(action=action).count()
        for action in ("payment_started", "payment_saved", *(f"payment_{s.action}" for s in STEPS))
    }
    once = {"started", "saved", "send", "attest", "check", "approve", "pay"}
    assert {action for action, count in counts.items() if count} == {f"payment_{o}" for o in once}
    assert set(counts.values()) == {0, 1}
    assert Transfer.objects.filter(reason="paid").count() == 1


def test_D02_the_same_key_with_another_content_is_a_conflict(
    draft: PaymentRequest, grant: Grant, sent: PaymentRequest, association: Association,
    applicant: User, officer: User, director: User,
) -> None:  # fmt: skip
    facts = {
        "grant": grant, "member": draft.member, "covers_all": True, "is_final": False,
        "key": "first", "case": draft.case, "actor": applicant,
    }  # fmt: skip
    with pytest.raises(Conflict):
        start_request(period_from=date(2024, 2, 1), period_to=date(2024, 4, 30), **facts)
    with pytest.raises(Conflict):
        check_request(request=sent, seen_hash="0" * 64, actor=officer)
    approved = make_approved(sent, officer, director)
    with pytest.raises(Conflict):
        approve_request(request=approved, seen_hash="0" * 64, actor=director)
    batch_of(association, [approved], director)
    with pytest.raises(Conflict):
        make_batch(
            association=association, requests=[approved], key="batch",
            execute_on=clock.today() + timedelta(days=1), actor=director,
        )  # fmt: skip
    assert Transfer.objects.filter(reason="paid").count() == 1


def test_O01_two_who_save_do_not_overwrite_each_other(
    draft: PaymentRequest, applicant: User
) -> None:
    save_request(request=draft, said=written(draft, 500), expected_revision=1, actor=applicant)

    with pytest.raises(Conflict, match="Någon annan"):
        save_request(request=draft, said=written(draft, 600), expected_revision=1, actor=applicant)


def test_what_others_claim_in_between_voids_what_was_read(
    grant: Grant, association: Association, member: Member, applicant: User, signatory: User
) -> None:
    from finsam.people.models import RoleKind
    from tests.conftest import person_with_role

    region = association.members.get(slug="regionen")
    writer = person_with_role(RoleKind.APPLICANT, association, member=region)
    manager = person_with_role(RoleKind.SIGNATORY, association, member=region)
    ready = make_ready(make_draft(grant, member, applicant), applicant, 0, 10_000)
    other = make_draft(grant, region, writer, key="theirs", covers_all=False)
    make_sent(other, writer, manager, 20_000)

    with pytest.raises(Conflict, match="ändrats"):
        attest_request(
            request=ready, password=PASSWORD, seen_hash=ready.content_hash, actor=signatory
        )


# --- who may ---------------------------------------------------------------------------------


def test_P05_each_step_by_the_role_that_has_it(
    draft: PaymentRequest, applicant: User, other_applicant: User, signatory: User,
    officer: User, director: User, auditor: User, board_member: User, foreign_director: User,
) -> None:  # fmt: skip
    people = {
        "applicant": applicant, "other_applicant": other_applicant, "signatory": signatory,
        "officer": officer, "director": director, "auditor": auditor, "board": board_member,
        "foreign": foreign_director,
    }  # fmt: skip
    member, office = {"applicant", "signatory"}, {"officer", "director"}
    expected = {
        "send": member, "take_back": member, "attest": {"signatory"}, "withdraw": member,
        "return": office, "check": office, "approve": office, "stop": office, "pay": office,
    }  # fmt: skip
    visitors = {who: visitor_for(draft.association, user) for who, user in people.items()}
    allowed = {
        action: {who for who, visitor in visitors.items() if may(draft, action, visitor)}
        for action in BY_ACTION
    }
    assert allowed == expected


@pytest.mark.parametrize("state", ["draft", "ready", "submitted", "checked", "approved"])
def test_P05_no_step_goes_from_a_state_that_the_table_does_not_name(
    draft: PaymentRequest, applicant: User, signatory: User, officer: User, director: User,
    state: str,
) -> None:  # fmt: skip
    here = draft
    if state != "draft":
        here = make_ready(here, applicant, 1_000)
    if state in ("submitted", "checked", "approved"):
        here = attest_request(
            request=here, password=PASSWORD, seen_hash=here.content_hash, actor=signatory
        )
    seen = here.content_hash
    if state in ("checked", "approved"):
        here = check_request(request=here, seen_hash=seen, actor=officer)
    if state == "approved":
        here = approve_request(request=here, seen_hash=seen, actor=director)
    acts = {
        "take_back": lambda: take_back(request=here, actor=applicant),
        "withdraw": lambda: withdraw_request(request=here, actor=applicant),
        "return": lambda: return_request(request=here, message="Rätta.", actor=officer),
        "check": lambda: check_request(request=here, seen_hash=seen, actor=director),
        "stop": lambda: stop_request(request=here, message="Stopp.", actor=officer),
    }
    for action, act in acts.items():
        if state in BY_ACTION[action].sources or state == BY_ACTION[action].target:
            continue
        with pytest.raises(NotPossible):
            act()
    assert PaymentRequest.objects.get(pk=draft.pk).state == state


def test_the_wrong_password_attests_nothing(
    draft: PaymentRequest, applicant: User, signatory: User
) -> None:
    ready = make_ready(draft, applicant, 1_000)

    with pytest.raises(DomainError, match="Lösenordet"):
        attest_request(request=ready, password="fel", seen_hash=ready.content_hash, actor=signatory)
    with pytest.raises(NotAllowed):
        attest_request(
            request=ready, password=PASSWORD, seen_hash=ready.content_hash, actor=applicant
        )
