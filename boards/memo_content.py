"""What the memo is filled with from what is known, and its frozen content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from applications.answers import words_of
from applications.freezing import latest_received
from applications.models import Application
from boards.consultation import statements_of
from boards.models import Assessment, DecisionMemo, Outcome, Recommendation
from boards.wordings import decision_clauses
from budgets.allocations import distribution_of
from budgets.content import BudgetContent
from budgets.summary import summarise
from finsam import clock
from finsam.typography import date_long, enumerate_words, kronor


def draft_texts(application: Application) -> dict[str, str]:
    """A first text under each heading, for the director to write on."""
    version = latest_received(application)
    content: Mapping[str, Any] = version.content if version else {}
    requested = kronor(version.requested_amount) if version else ""
    parties = list(application.parties.all())
    lead = next(party for party in parties if party.is_lead)
    others = [party.name for party in parties if not party.is_lead]
    together = f" tillsammans med {enumerate_words(others)}" if others else ""
    applied = f"{lead.name} ansöker{together} om {requested} för {application.title}."
    return {
        "summary": _paragraphs(applied, written_under(content, "summary")),
        "matter": _paragraphs(_arrival(application, requested), written_under(content, "purpose")),
        "preparation": _preparation(application),
        "assessment": _assessment(application),
        "economy": _economy(application, content),
        "roles": _paragraphs(goals_written(content), roles_written(content, parties)),
        "consequences": written_under(content, "participation"),
        "risks": _paragraphs(written_under(content, "risks"), ALTERNATIVE),
        "follow_up": _paragraphs(
            FOLLOW_UP, written_under(content, "evaluation"), _takeover(content)
        ),
        "sent_to": ", ".join(party.name for party in parties),
    }


ALTERNATIVE = "Alternativet är att avslå ansökan; insatsen genomförs då inte."
FOLLOW_UP = "Insatsen följs upp med delårs- och slutrapport mot de mål som ansökan anger."


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _shown(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """How the answer to the question `key` is written out; empty when it was not asked."""
    for section in content.get("sections", ()):
        for question in section["questions"]:
            if question["key"] == key:
                found: Mapping[str, Any] = question["shown"]
                return found
    return {"form": ""}


def written_under(content: Mapping[str, Any], key: str) -> str:
    """What the applicant wrote, as plain text."""
    return words_of(_shown(content, key))


def _rows(content: Mapping[str, Any], key: str) -> list[str]:
    """A table's rows as lines of a list: "- first: second, third"."""
    shown = _shown(content, key)
    if shown["form"] != "table":
        text = words_of(shown)
        return [text] if text else []
    rows = [[cell for cell in row if cell] for row in shown["rows"]]
    return [f"- {row[0]}" + (f": {', '.join(row[1:])}" if row[1:] else "") for row in rows if row]


def _arrival(application: Application, requested: str) -> str:
    if application.submitted_at is None:
        return ""
    day = date_long(clock.stockholm(application.submitted_at))
    return f"Ansökan kom in {day} i omgången {application.round.name}. Sökt belopp är {requested}."


def goals_written(content: Mapping[str, Any]) -> str:
    rows = _rows(content, "goals")
    return "\n".join(["Målen enligt ansökan:", "", *rows]) if rows else ""


def roles_written(content: Mapping[str, Any], parties: Sequence[Any]) -> str:
    rows = _rows(content, "party_roles")
    named = [
        f"- {party.name}: {'huvudman' if party.is_lead else 'medsökande'}" for party in parties
    ]
    return "\n".join(["Roller och ansvar:", "", *(rows or named)])


def _takeover(content: Mapping[str, Any]) -> str:
    rows = _rows(content, "takeover")
    return "\n".join(["Övergång i ordinarie verksamhet:", "", *rows]) if rows else ""


def frame_named(name: str) -> str:
    """A frame as it stands in a sentence: "ramen Individinsatser", "ram för individinsatser"."""
    return f"ram {name[4:]}" if name.lower().startswith("ram ") else f"ramen {name}"


def _economy(application: Application, content: Mapping[str, Any]) -> str:
    """What is sought against what the frame has left, in words; the tables say the rest."""
    budget = _budget(content)
    if not budget:
        return ""
    sought = sum(budget["requested_by_member"].values())
    sentences = [
        f"Insatsen kostar {kronor(budget['total_cost'])}, och {kronor(sought)} söks av förbundet."
    ]
    frame = application.round.frame
    if frame is not None:
        sentences.append(
            f"Av {frame_named(frame.name)} på {kronor(frame.amount)} är "
            f"{kronor(frame.amount - frame.remaining)} beviljat och {kronor(frame.remaining)} kvar "
            "före beslutet."
        )
    return " ".join(sentences)


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
    sentences += [
        f"{one['body']} har yttrat sig i samråd om {one['about']}: {one['summary']}."
        for one in statements_of(application)
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


def criteria_table(recommendation: Recommendation | None) -> list[dict[str, str]]:
    """The council's common assessment behind its recommendation, criterion by criterion."""
    if recommendation is None:
        return []
    rows = Assessment.objects.filter(item=recommendation.item_id, seat=None)
    return [
        {"criterion": row.criterion.text, "verdict": row.get_verdict_display(), "text": row.text}
        for row in rows.select_related("criterion")
    ]


def statement_rows(application: Application) -> list[dict[str, str]]:
    """Each statement of the consultation: body, who, position and remarks."""
    return [
        {
            "body": one["body"],
            "who": ", ".join(filter(None, [said["name"], said["member"]])),
            "position": said["position"],
            "text": said["text"],
        }
        for one in statements_of(application)
        for said in one["answers"]
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
        "clauses": str(memo.texts.get("proposal", "")).splitlines() or proposed_clauses(memo),
        "final_file": _final_file(memo),
        "conditions": memo.conditions,
        "texts": memo.texts,
        "outcome": memo.proposed_outcome,
        "amount": amount if grants else None,
        "requested": version.requested_amount if version else 0,
        "version_hash": version.content_hash if version else "",
        "criteria": criteria_table(application.recommendations.first()),
        "statements": statement_rows(application),
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
        "distribution": distribution_of(frame) if frame else None,
        "budget": _budget(content),
    }


def proposed_clauses(memo: DecisionMemo) -> list[str]:
    """The att-clauses that follow from the proposal's outcome and sum."""
    return decision_clauses(
        application=memo.application,
        outcome=memo.proposed_outcome,
        amount=memo.proposed_amount,
        frame=memo.application.round.frame,
    )


def _final_file(memo: DecisionMemo) -> dict[str, Any] | None:
    if memo.final_file is None:
        return None
    file = memo.final_file.file
    return {"pk": file.pk, "name": file.name, "sha256": file.sha256}


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
