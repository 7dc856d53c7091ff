"""Claiming what an application was granted: who may, for which party, on which budget lines."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from applications.freezing import latest_received
from applications.models import Application, ApplicationParty, ApplicationState
from budgets.content import BudgetContent
from budgets.models import Grant, PaymentRequest
from budgets.models.payments import CLAIMED, MEMBER_ROLES
from budgets.payment_lines import plan_lines
from budgets.payments import start_request
from budgets.revised_budgets import is_needed
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import Visitor, visitor_for
from finsam.people.models import Role, User
from finsam.typography import kronor

S = ApplicationState
# Ended early, the costs up to the stop are claimed until the grant's own last day.
CLAIMING = (S.AGREED, S.RUNNING, S.TERMINATED)
REVISING = (S.GRANTED, S.PARTLY_GRANTED, *CLAIMING)


def has_payments(application: Application) -> bool:
    """Whether money of the application is or has been claimed: granted, and told to it."""
    return application.grant_id is not None and application.is_outcome_public


def claiming_parties(application: Application, visitor: Visitor) -> list[ApplicationParty]:
    """The parties that the person may claim for. Only members receive money (FL 6–7 §§)."""
    members = visitor.member_ids(*MEMBER_ROLES)
    staying = [party for party in application.parties.all() if party.left_on is None]
    return [party for party in staying if party.member_id in members]


def members_left_to_claim(application: Application) -> frozenset[int]:
    """The members that may still claim; none once the grant's one final claim has been sent."""
    final = PaymentRequest.objects.filter(
        grant=application.grant_id or 0, is_final=True, state__in=CLAIMED
    )
    if final.exists():
        return frozenset()
    staying = [one.member_id for one in application.parties.all() if one.left_on is None]
    return frozenset(pk for pk in staying if pk is not None)


def last_claimers(application: Application) -> QuerySet[User]:
    """The people who may still claim, each for a member among the parties."""
    held = Role.objects.held_on(clock.today()).filter(
        association=application.association_id,
        kind__in=MEMBER_ROLES,
        member__in=members_left_to_claim(application),
    )
    people: QuerySet[User] = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return people.order_by("pk")


def start_payment_request(
    *,
    application: Application,
    party: ApplicationParty,
    period_from: date,
    period_to: date,
    is_final: bool,
    key: str,
    actor: User,
) -> PaymentRequest:
    """Begin a party's request, on the lines of the budget that was decided.

    The lead party claims for all, another for its own lines. Raises NotAllowed for who has no
    role for the member, NotPossible before the agreement is signed or after the effort has ended.
    """
    with transaction.atomic():
        grant = granted_of(application)
        if party.application_id != application.pk or party not in claiming_parties(
            application, visitor_for(application.association, actor)
        ):
            raise NotAllowed(
                "not_the_partys", f"Bara den som har en roll för {party.name} kan rekvirera."
            )
        version = latest_received(application)
        if version is None:
            raise NotPossible("no_budget", "Ansökan har ingen budget att rekvirera mot.")
        if is_needed(grant, version.requested_amount):
            raise NotPossible(
                "revision_missing",
                f"Ni har beviljats {kronor(grant.amount)}. Lämna först in en reviderad budget inom "
                "det beloppet; när kansliet har godkänt den går det att rekvirera.",
            )
        _require_agreement(application)
        content = BudgetContent.from_json(version.content["budget"]["rows"])
        plan_lines(grant=grant, content=content, actor=actor)
        return start_request(
            grant=grant,
            member=party.member,  # type: ignore[arg-type]
            covers_all=party.is_lead,
            period_from=period_from,
            period_to=period_to,
            is_final=is_final,
            key=key,
            case=application.case,
            actor=actor,
        )


def _require_agreement(application: Application) -> None:
    """Money is claimed once all have signed the agreement. Raises NotPossible before that."""
    if application.state not in CLAIMING:
        raise NotPossible(
            "no_agreement", "Pengar kan rekvireras när avtalet är undertecknat av alla."
        )


def granted_of(application: Application) -> Grant:
    """The grant that holds. Raises NotPossible before it is told, or after the effort's end."""
    grant = application.grant
    if grant is None or not has_payments(application) or application.state not in REVISING:
        raise NotPossible(
            "not_granted_now",
            "Det går när beslutet är justerat och så länge insatsen inte är avslutad.",
        )
    return grant
