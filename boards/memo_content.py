"""What the memo is filled with from what is known, and its frozen content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.freezing import latest_received
from applications.models import Application
from boards.models import DecisionMemo, Outcome
from boards.wordings import decision_clauses
from budgets.content import BudgetContent
from budgets.summary import summarise
from finsam import clock
from finsam.typography import date_long, enumerate_words, kronor


def draft_texts(application: Application) -> dict[str, str]:
    """A first text under each heading, for the director to write on."""
    version = latest_received(application)
    requested = kronor(version.requested_amount) if version else ""
    parties = list(application.parties.all())
    lead = next(party for party in parties if party.is_lead)
    others = [party.name for party in parties if not party.is_lead]
    together = f" tillsammans med {enumerate_words(others)}" if others else ""
    return {
        "summary": f"{lead.name} ansöker{together} om {requested} för {application.title}.",
        "matter": (
            f"Ansökan kom in {date_long(clock.stockholm(application.submitted_at))} i omgången "
            f"{application.round.name}. Sökt belopp är {requested}."
            if application.submitted_at
            else ""
        ),
        "preparation": _preparation(application),
        "assessment": _assessment(application),
        "economy": "",
        "roles": "\n".join(
            f"{party.name}: {'huvudman' if party.is_lead else 'medsökande'}." for party in parties
        ),
        "consequences": "",
        "risks": "",
        "follow_up": "Insatsen följs upp med delårs- och slutrapport mot de mål som ansökan anger.",
        "sent_to": ", ".join(party.name for party in parties),
    }


def _preparation(application: Application) -> str:
    sentences = []
    review = getattr(application, "review", None)
    if review and review.finished_at:
        day = date_long(clock.stockholm(review.finished_at))
        sentences.append(f"Kansliet kvalitetsgranskade ansökan {day}.")
        if review.summary:
            sentences.append(review.summary)
    sentences += [
        f"Komplettering begärdes {date_long(clock.stockholm(request.requested_at))}."
        for request in application.supplements.order_by("requested_at")
    ]
    recommendation = application.recommendations.first()
    if recommendation:
        day = date_long(clock.stockholm(recommendation.recorded_at))
        amount = f" {kronor(recommendation.amount)}" if recommendation.amount else ""
        council = application.association.council_name
        verb = recommendation.get_kind_display().lower()
        sentences.append(f"{council} behandlade ansökan {day} och {verb}{amount}.")
        if recommendation.differing_views:
            sentences.append(f"Avvikande meningar: {recommendation.differing_views}")
    return " ".join(sentences)


def _assessment(application: Application) -> str:
    recommendation = application.recommendations.first()
    return recommendation.text if recommendation else ""


def criteria_table(application: Application) -> list[dict[str, str]]:
    """The council's common assessment, criterion by criterion."""
    recommendation = application.recommendations.first()
    if recommendation is None:
        return []
    rows = recommendation.item.assessments.filter(seat=None).select_related("criterion")
    return [
        {"criterion": row.criterion.text, "verdict": row.get_verdict_display(), "text": row.text}
        for row in rows
    ]


def memo_snapshot(memo: DecisionMemo) -> dict[str, Any]:
    """The memo as plain data: what is printed and goes into the packet."""
    application = memo.application
    frame = application.round.frame
    version = latest_received(application)
    content = version.content if version else {}
    amount = memo.proposed_amount or 0
    grants = memo.proposed_outcome in (Outcome.GRANTED, Outcome.PARTLY_GRANTED)
    remaining = frame.remaining if frame else 0
    return {
        "application": application.title,
        "register_number": application.case.number if application.case else "",
        "day": date_long(clock.today()),
        "author": memo.author.name,
        "author_title": memo.author.title or application.association.director_title,
        "to": application.association.board_name,
        "clauses": decision_clauses(
            application=application,
            outcome=memo.proposed_outcome,
            amount=memo.proposed_amount,
            frame=frame,
        ),
        "conditions": memo.conditions,
        "texts": memo.texts,
        "outcome": memo.proposed_outcome,
        "amount": amount if grants else None,
        "requested": version.requested_amount if version else 0,
        "version_hash": version.content_hash if version else "",
        "criteria": criteria_table(application),
        "parties": [
            {"name": party.name, "role": "huvudman" if party.is_lead else "medsökande"}
            for party in application.parties.all()
        ],
        "frame": {
            "name": frame.name,
            "amount": frame.amount,
            "granted": frame.amount - remaining,
            "remaining": remaining,
            "after": remaining - (amount if grants else 0),
        }
        if frame
        else None,
        "budget": _budget(content),
    }


def _budget(content: Mapping[str, Any]) -> dict[str, Any]:
    """Cost and sought sum per party, computed from the frozen rows."""
    if not content:
        return {}
    summary = summarise(BudgetContent.from_json(content["budget"]["rows"]))
    return {
        "total_cost": summary.total_cost,
        "by_member": summary.by_member,
        "staff_by_member": summary.staff_by_member,
        "requested_by_member": summary.requested_by_member,
    }
