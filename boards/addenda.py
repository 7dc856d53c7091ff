"""The addendum to an agreement: what an approved change makes of it, for its parties to sign.

It is an `Agreement` of its own beside the first, so it is written, sent, signed, declined and
taken back in the same ways.
"""

from __future__ import annotations

from typing import Any

from applications.models import ApplicationParty, ChangeKind, ChangeRequest, ChangeState
from applications.transitions import EFFORT
from boards.agreement_content import (
    decided_paragraph,
    effort_named,
    period_of,
    signing_parties,
)
from boards.agreement_steps import tell
from boards.document_sources import attested_content
from boards.effort_decisions import change_clauses, wanted_in_words
from boards.models import AgendaItem, Agreement, AgreementState
from finsam import clock
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.canonical import canonical
from finsam.typography import date_long

FORMAT = 1
REST = (
    "I övrigt gäller avtalet som det är. Tillägget gäller när förbundet och parterna har skrivit "
    "under det."
)


def begin_addendum(change: ChangeRequest, actor: User, item: AgendaItem | None) -> Agreement | None:
    """Begin the addendum of a change that was just approved, in the caller's transaction.

    `item` is where the board decided. Writes `agreement_prepared`. Nothing is begun for what was
    refused, or where no signed agreement is there to add to; begun already, it is given back.
    """
    application = change.application
    found = Agreement.objects.filter(change=change).first()
    signed = Agreement.objects.filter(
        application=application, change=None, state=AgreementState.SIGNED
    )
    is_due = change.state == ChangeState.APPROVED and application.state in EFFORT
    if found is not None or not (is_due and signed.exists()):
        return found
    made: Agreement = Agreement.objects.create(
        application=application,
        change=change,
        item=item,
        texts={"other": ""},
        created_at=clock.now(),
        created_by=actor,
    )
    tell(made, "agreement_prepared", actor, change=change.number)
    return made


def addendum_content(agreement: Agreement) -> dict[str, Any]:
    """Everything that the parties sign of a change, as plain data looked up in the decision.

    Raises NotPossible when the agreement's own decision no longer holds.
    """
    change, application = agreement.change, agreement.application
    grant, paragraph = application.grant, decided_paragraph(application)
    if change is None or change.decided_at is None or grant is None or paragraph is None:
        raise NotPossible(
            "not_granted",
            "Tillägget grundas på ett gällande avtal och en godkänd ändring. Det saknas nu.",
        )
    signing = {one.pk for one in signing_parties(agreement)}
    return canonical(  # type: ignore[no-any-return]
        {
            "format": FORMAT,
            **effort_named(application),
            "parties": [_party(one, change, signing) for one in application.parties.all()],
            "decision": _decision(agreement, change),
            "agreed_on": _signed_on(agreement),
            "change": {"number": change.number, "kind": change.kind, "reason": change.reason},
            "changed": wanted_in_words(change),
            "period": period_of(application),
            "amount": grant.amount,
            "budget": change.wanted["rows"] if change.kind == ChangeKind.SUMS else [],
            "texts": {"other": agreement.texts.get("other", "")},
            "rest": REST,
        }
    )


def _party(one: ApplicationParty, change: ChangeRequest, signing: set[int]) -> dict[str, Any]:
    leaves = (change.wanted.get("leaves") or {}).get("party") == one.pk
    joins = (change.wanted.get("joins") or {}).get("member") == (one.member_id or 0)
    role = "Huvudman" if one.is_lead else "Medsökande"
    return {
        "name": one.name,
        "organisation_number": one.member.organisation_number if one.member else "",
        "role": "Lämnar" if leaves else "Går in" if joins else role,
        "signs": one.pk in signing,
        "is_in": one.left_on is None or leaves,
    }


def _decision(agreement: Agreement, change: ChangeRequest) -> dict[str, Any]:
    """Who decided, when, and the clauses: of the attested paragraph, or of the delegation."""
    paragraph = getattr(agreement.item, "paragraph", None) if agreement.item else None
    if paragraph is not None:
        said = attested_content(paragraph)
        return {
            "in_words": f"{said['body']}, {said['day']}, § {paragraph.number}",
            "lead": said["paragraph"]["decision_lead"],
            "clauses": said["paragraph"]["clauses"],
            "minutes_hash": said["content_hash"],
        }
    by = change.decided_by.get_full_name() if change.decided_by else ""
    day = date_long(clock.stockholm(change.decided_at).date()) if change.decided_at else ""
    return {
        "in_words": f"{by}, {day}, med stöd av delegation",
        "lead": f"{agreement.application.association.director_title.capitalize()}en beslutar",
        "clauses": change_clauses(change),
        "minutes_hash": "",
    }


def _signed_on(agreement: Agreement) -> str:
    first = Agreement.objects.get(application=agreement.application, change=None)
    moment = first.signed_at or first.created_at
    return date_long(clock.stockholm(moment).date())
