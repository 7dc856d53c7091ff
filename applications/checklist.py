"""The points of the quality review, with what the portal itself can see of each."""

from __future__ import annotations

from dataclasses import dataclass

from applications.completeness import Overview, overview_of
from applications.freezing import latest_received
from applications.models import Application, SectionKind
from applications.parties import party_faults
from budgets.findings import Finding


@dataclass(frozen=True)
class Point:
    key: str
    group: str
    text: str
    finding: str = ""


CONTENT, PARTIES, BUDGET, LAW = "Innehåll", "Parter och underskrifter", "Budget", "Lagens krav"

LAW_POINTS = (
    Point(
        "law-joint",
        LAW,
        "Insatsen ligger inom parternas gemensamma ansvar (7 § lagen om finansiell samordning)",
    ),
    Point(
        "law-no-benefits",
        LAW,
        "Medlen går inte till enskildas förmåner eller rättigheter, myndighetsutövning eller "
        "tjänster till enskilda (7 §)",
    ),
    Point("law-ordinary", LAW, "Insatsen är avgränsad mot parternas ordinarie uppdrag"),
    Point("law-privacy", LAW, "Ingen deltagare kan pekas ut i text eller bilagor"),
)


def checklist_of(application: Application) -> list[Point]:
    """All points of an application that has been received."""
    overview = overview_of(application)
    return [
        *_content(overview),
        *_parties(application),
        *_budget(overview),
        *LAW_POINTS,
    ]


def _content(overview: Overview) -> list[Point]:
    found = []
    for status in overview.statuses:
        if status.section.kind != SectionKind.QUESTIONS:
            continue
        seen = "; ".join(fault.text for fault in status.faults) or "Alla frågor är besvarade."
        found.append(
            Point(f"section-{status.section.key}", CONTENT, f"{status.section.heading}", seen)
        )
    return found


def _parties(application: Application) -> list[Point]:
    faults = party_faults(application)
    version = latest_received(application)
    base = application.signing_version or version
    signed = list(base.signatures.select_related("party")) if base else []
    names = ", ".join(f"{one.party.name} ({one.signatory_name})" for one in signed)
    return [
        Point(
            "parties",
            PARTIES,
            "Minst två slag av parter deltar och en är huvudman (1, 3 och 5 §§)",
            " ".join(faults) or "Kravet är uppfyllt.",
        ),
        Point(
            "signatures",
            PARTIES,
            "Behörig företrädare har skrivit under",
            f"Underskrivet av {names}." if names else "Ingen underskrift finns.",
        ),
    ]


def _budget(overview: Overview) -> list[Point]:
    findings = overview.budget.findings
    return [
        Point(
            "budget-checks",
            BUDGET,
            "Budgetens egna kontroller",
            " ".join(_said(one) for one in findings) or "Inga anmärkningar.",
        ),
        Point("budget-cost", BUDGET, "Kostnaderna är rimliga och till självkostnad"),
        Point("budget-members", BUDGET, "Fördelningen mellan parterna framgår"),
    ]


def _said(finding: Finding) -> str:
    place = f" ({finding.sheet} {finding.cell})" if finding.cell else ""
    return f"{finding.message}{place}"
