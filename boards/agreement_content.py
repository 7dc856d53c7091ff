"""What an agreement says: composed of the decision, the frozen budget and the written clauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.freezing import latest_received
from applications.models import Application, ApplicationParty, ApplicationVersion
from applications.report_plan import effort_period
from boards.document_sources import attested_content
from boards.memo_content import goals_written, roles_written, written_under
from boards.models import Agreement, Decision, Outcome, Paragraph
from budgets.content import BudgetContent
from budgets.models import Grant
from budgets.payment_lines import costs_of
from budgets.payment_settings import move_percent_of
from budgets.revised_budgets import latest_approved
from budgets.split import split
from finsam.errors import NotPossible
from finsam.registry.canonical import canonical
from finsam.typography import date_long, kronor

FORMAT = 1
GRANTS = (Outcome.GRANTED, Outcome.PARTLY_GRANTED)
ADDENDUM_TEXTS: Mapping[str, str] = {"other": "Övriga villkor"}
TEXTS: Mapping[str, str] = {
    "purpose": "Syfte, målgrupp och mål",
    "roles": "Roller och ansvar",
    "reporting": "Uppföljning och rapporter",
    "other": "Övriga villkor",
}


def executing_parties(application: Application) -> list[ApplicationParty]:
    """The members that will run the effort, and so sign; others take part through the lead."""
    return [one for one in application.parties.all() if one.member_id is not None]


def signing_parties(agreement: Agreement) -> list[ApplicationParty]:
    """The parties that sign it: an addendum those in the effort, and who leaves by the change."""
    parties = executing_parties(agreement.application)
    if agreement.change is None:
        return [one for one in parties if one.joined_on is None]
    leaves = (agreement.change.wanted.get("leaves") or {}).get("party")
    return [one for one in parties if one.left_on is None or one.pk == leaves]


def texts_of(agreement: Agreement) -> Mapping[str, str]:
    """The clauses that are written freely, with their headings."""
    return TEXTS if agreement.change is None else ADDENDUM_TEXTS


def decided_paragraph(application: Application) -> Paragraph | None:
    """The attested paragraph that granted what the application has now."""
    return (
        Paragraph.objects.filter(
            item__application=application,
            item__decision__outcome__in=GRANTS,
            item__decision__grant=application.grant_id,
            is_frozen=True,
        )
        .exclude(item__decision__grant=None)
        .select_related("item__decision__frame", "minutes__meeting__body")
        .order_by("-pk")
        .first()
    )


def first_texts(application: Application) -> dict[str, str]:
    """A first wording of the free clauses, from what the application says."""
    version = latest_received(application)
    content: Mapping[str, Any] = version.content if version else {}
    parties = list(application.parties.all())
    purpose = [written_under(content, "purpose"), written_under(content, "target_group")]
    last = application.round.period_to
    final = f" Slutrapport lämnas senast tre månader efter {date_long(last)}." if last else ""
    return {
        "purpose": "\n\n".join(filter(None, [*purpose, goals_written(content)])),
        "roles": roles_written(content, parties),
        "reporting": "Parterna följer upp insatsen mot målen i ansökan och i den nationella "
        f"uppföljningen, och lämnar delårsrapport till kansliet varje halvår.{final}",
        "other": "",
    }


def agreement_content(agreement: Agreement) -> dict[str, Any]:
    """Everything the parties sign, as plain data; sums, parties and period are looked up.

    Raises NotPossible when no attested decision grants the application any more.
    """
    application = agreement.application
    grant = application.grant
    paragraph, version = decided_paragraph(application), latest_received(application)
    if grant is None or version is None or paragraph is None:
        raise NotPossible(
            "not_granted",
            "Avtalet grundas på ett justerat beslut om bifall. Något sådant gäller inte nu.",
        )
    decision = paragraph.item.decision
    rows = budget_rows(grant, version)
    return canonical(  # type: ignore[no-any-return]
        {
            "format": FORMAT,
            **effort_named(application),
            "parties": [_party(one) for one in application.parties.all()],
            "decision": _decision(paragraph),
            "conditions": decision.conditions,
            "period": period_of(application, version.content),
            "amount": grant.amount,
            "source": decision.frame.name if decision.frame else "",
            "budget": rows,
            "return_plan": return_rows(grant),
            "budget_version": {"number": version.number, "sha256": version.content_hash},
            "texts": {key: agreement.texts.get(key, "") for key in TEXTS},
            "clauses": standing_clauses(agreement, decision),
        }
    )


def effort_named(application: Application) -> dict[str, Any]:
    """What an agreement and its addenda are about: the effort, its case and the association."""
    association = application.association
    return {
        "application": str(application.public_id),
        "effort": application.title,
        "programme": application.round.programme.name,
        "register_number": application.registered_case.number,
        "association": {
            "name": association.name,
            "organisation_number": association.organisation_number,
        },
    }


def budget_rows(grant: Grant, version: ApplicationVersion) -> list[dict[str, Any]]:
    """The granted sum per member and kind of cost, from the budget that holds; in kronor.

    What was approved as a revised budget holds before the budget of the application, of which
    each line gets its share of the grant (the same shares that money is claimed by).
    """
    approved = latest_approved(grant)
    if approved is not None:
        return [
            {"party": row["party"], "label": row["label"], "amount": row["amount"]}
            for row in approved.rows
        ]
    costs = costs_of(BudgetContent.from_json(version.content["budget"]["rows"]))
    if not sum(costs.values()):
        return []
    amounts = split(grant.amount, list(costs.values()))
    return [
        {"party": party, "label": f"{kind}, {party}", "amount": amount}
        for (kind, party), amount in zip(costs, amounts, strict=True)
    ]


def return_rows(grant: Grant) -> list[dict[str, Any]]:
    """What the units are to return to the fund, in kronor by year; none where it is not asked."""
    return [
        {
            "unit": row.unit,
            "year": row.year,
            "saving": row.expected_saving,
            "share": f"{row.share.normalize():f}".replace(".", ","),
            "amount": row.expected_amount,
        }
        for row in grant.planned_returns.order_by("year", "unit")
    ]


def period_of(application: Application, content: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The effort's period: as applied for, else the round's.

    `content` is that of the version received, from one who has read it already.
    """
    first, last = effort_period(application, content) or (None, None)
    return {
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "",
        "text": f"{date_long(first)}–{date_long(last)}" if first and last else "Enligt ansökan",
    }


def _party(party: ApplicationParty) -> dict[str, Any]:
    return {
        "name": party.name,
        "organisation_number": party.member.organisation_number if party.member else "",
        "is_lead": party.is_lead,
        "signs": party.member_id is not None,
    }


def _decision(paragraph: Paragraph) -> dict[str, Any]:
    said = attested_content(paragraph)
    return {
        "body": said["body"],
        "day": said["day"],
        "number": paragraph.number,
        "lead": said["paragraph"]["decision_lead"],
        "clauses": said["paragraph"]["clauses"],
        "minutes_hash": said["content_hash"],
    }


def standing_clauses(agreement: Agreement, decision: Decision) -> list[dict[str, str]]:
    """The clauses that every agreement has."""
    application = agreement.application
    percent = move_percent_of(application.association)
    amount = application.grant.amount if application.grant else decision.amount or 0
    known = {"amount": kronor(amount), "percent": percent}
    moves = MOVES.format(**known) if percent is not None else ""
    return [
        {"heading": heading, "text": f"{moves if heading == CHANGES else ''}{text.format(**known)}"}
        for heading, text in CLAUSES.items()
    ]


CHANGES = "Ändringar"
MOVES = "Flyttas mer än {percent} procent av en budgetpost förklaras det i rekvisitionen. "
CLAUSES: Mapping[str, str] = {
    "Finansiering och rekvisition": "Förbundet ersätter faktiska kostnader upp till {amount}. "
    "Medlen betalas till förbundets medlemmar i efterskott, efter rekvisition i portalen med "
    "kontoutdrag ur bokföringen.",
    CHANGES: "Ändras inriktning, parter eller period beslutar förbundet om det först.",
    "Personuppgifter och sekretess": "Varje part ansvarar för de personuppgifter som den "
    "behandlar. Uppgifter om enskilda deltagare lämnas inte till förbundet i ansökan, rapporter "
    "eller rekvisitioner.",
    "Information": "När insatsen presenteras sägs att den finansieras av förbundet.",
    "Medel som inte används": "Medel som inte har använts när insatsen slutar ligger kvar i eller "
    "återbetalas till förbundet.",
    "Tillgångar": "Det som har köpts för medlen tillhör den part som har köpt det. Det redovisas i "
    "slutrapporten.",
    "Förtida avslut": "Förbundets styrelse kan besluta att insatsen avslutas i förtid, till "
    "exempel om förbundets medel minskar eller om avtalet inte följs.",
    "Beslutets verkställighet": "Avtalet får undertecknas innan beslutet har fått laga kraft "
    "(13 kap. 14 § kommunallagen). Upphävs beslutet upphör avtalet att gälla.",
    "Tvister": "Parterna löser i första hand tvister om avtalet genom att förhandla.",
}
