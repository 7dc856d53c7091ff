"""What follows a decision in a story: return plan, budget, agreement, start and changes."""

from __future__ import annotations

from datetime import date

from applications import returning, revising
from applications.changing import set_delegation, submit_change
from applications.models import (
    Application,
    ChangeKind,
    ChangeRequest,
)
from boards import (
    agreement_signing,
    agreements,
)
from boards.agreement_content import executing_parties
from boards.changes import decide_change
from boards.demo.acts.cast import Cast, fresh
from boards.demo.settling import DEMO_PASSWORD
from boards.models import (
    Agreement,
)
from budgets.returns import set_return_plan
from budgets.revised_budgets import approve_revised_budget
from finsam import clock
from finsam.people.models import Role, RoleKind


def set_plan_of_return(cast: Cast, key: str) -> None:
    """What the application says is to come back becomes the plan."""
    application = fresh(cast, key)
    if application.grant is None:
        raise LookupError(f"{application.title} har inget bidrag.")
    rows = returning.proposed_rows(application)
    set_return_plan(grant=application.grant, rows=rows, reason="", actor=cast.director)


def settle_returns(cast: Cast, key: str, year: int) -> int:
    """Every unit has saved in the year what was planned, and returns its share, in kronor."""
    application = fresh(cast, key)
    planned = [row for row in returning.plan_rows(application) if row.year == year]
    for row in planned:
        returning.settle(
            application=application,
            planned=row,
            actual_saving=row.expected_saving,
            amount=row.expected_amount,
            explanation="",
            key=f"story-{row.pk}",
            actor=cast.officer,
        )
    return sum(row.expected_amount for row in planned)


def revise_budget(cast: Cast, key: str) -> None:
    """Where less was granted than sought the parties file a revised budget, which is approved."""
    application, author = fresh(cast, key), cast.people[cast.content.effort(key).author]
    revised = revising.begin_revision(application=application, actor=author)
    filed = revising.file_revision(application=application, revised=revised, actor=author)
    approve_revised_budget(
        revised=filed, seen_hash=filed.sha256, actor=cast.officer, case=application.case
    )


def send_agreement(cast: Cast, key: str) -> Agreement:
    """The office writes the agreement of what was granted and sends it for signature."""
    agreement = agreements.prepare_agreement(application=fresh(cast, key), actor=cast.officer)
    agreements.send_agreement(agreement=agreement, actor=cast.officer)
    return Agreement.objects.select_related("current", "application__association").get(
        pk=agreement.pk
    )


def sign_agreement(cast: Cast, agreement: Agreement, *, only_first: bool = False) -> None:
    """The director signs for the association, then a signatory of each party, or of the first."""
    version = agreement.current
    if version is None:
        raise LookupError("Avtalet är inte skickat.")
    said = {"password": DEMO_PASSWORD, "seen_hash": version.content_hash}
    agreement_signing.sign_agreement(agreement=agreement, party=None, actor=cast.director, **said)
    parties = executing_parties(agreement.application)
    for party in parties[:1] if only_first else parties:
        role = Role.objects.filter(
            association=cast.association, kind=RoleKind.SIGNATORY, member=party.member
        ).first()
        if role is None:
            raise LookupError(f"Ingen firmatecknare för {party.name}.")
        agreement_signing.sign_agreement(agreement=agreement, party=party, actor=role.user, **said)


def start_effort(cast: Cast, agreement: Agreement) -> Application:
    agreements.start_effort(agreement=agreement, started_on=clock.today(), actor=cast.officer)
    found: Application = Application.objects.get(pk=agreement.application_id)
    return found


def ask_for_longer(cast: Cast, key: str, until: date) -> ChangeRequest:
    """The lead party asks for a later last day; it waits for the office."""
    return submit_change(
        application=fresh(cast, key),
        kind=ChangeKind.TIME,
        reason="Rekryteringen drar ut på tiden, så deltagarna kommer in ett kvartal senare.",
        ends_on=until,
        actor=cast.people[cast.content.effort(key).author],
    )


def grant_longer(cast: Cast, change: ChangeRequest) -> Agreement:
    """The director grants it on delegation; the addendum it leads to is signed by all."""
    set_delegation(
        association=cast.association, kinds=[ChangeKind.TIME], basis="3.4", actor=cast.director
    )
    decide_change(
        change=change,
        approves=True,
        decision="Tiden ryms inom det som är beviljat.",
        actor=cast.director,
    )
    addendum = Agreement.objects.get(change=change)
    agreements.send_agreement(agreement=addendum, actor=cast.officer)
    addendum.refresh_from_db()
    sign_agreement(cast, addendum)
    addendum.refresh_from_db()
    return addendum
