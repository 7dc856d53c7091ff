"""Where each agreement stands and who has the ball: for its pages, the overview and applicants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import reverse

from applications.models import Application, ApplicationParty, ApplicationState
from applications.next_step import AfterDecision, NextStep, provide_after_decision
from applications.report_plan import effort_period
from applications.revising import needs_revision
from boards.agreement_content import signing_parties
from boards.agreement_papers import METHODS, page_of
from boards.agreement_signing import FOR_ASSOCIATION
from boards.agreements import GRANTED
from boards.announcements import legal_force_of
from boards.models import Agreement, AgreementSignature, AgreementState, AgreementVersion, Paragraph
from finsam import clock
from finsam.people.access import Visitor
from finsam.people.models import RoleKind
from finsam.typography import date_long, enumerate_words
from finsam.ui import Signature, Status, Task

S = AgreementState
STATES = (*GRANTED, ApplicationState.AGREED)
LOOKS: dict[str, Status] = {
    S.DRAFT: Status("Skrivs", "info"),
    S.SENT: Status("Väntar på underskrift", "warning"),
    S.SIGNED: Status("Undertecknat", "success"),
}


@dataclass(frozen=True)
class Standing:
    """A version's signatures, party by party; the association (None) first."""

    agreement: Agreement
    rows: tuple[tuple[ApplicationParty | None, AgreementSignature | None], ...]

    @property
    def waiting(self) -> list[ApplicationParty | None]:
        return [party for party, signature in self.rows if signature is None]

    def name_of(self, party: ApplicationParty | None) -> str:
        return party.name if party else self.agreement.application.association.name

    @property
    def missing(self) -> str:
        return enumerate_words([self.name_of(party) for party in self.waiting])

    def mine(self, visitor: Visitor) -> list[ApplicationParty | None]:
        """Those still waiting that the visitor may sign for."""
        members = visitor.member_ids(RoleKind.SIGNATORY)
        return [
            party
            for party in self.waiting
            if (visitor.has(*FOR_ASSOCIATION) if party is None else party.member_id in members)
        ]

    def signatures(self) -> list[Signature]:
        return [_shown(self.name_of(party), row) for party, row in self.rows]


def agreement_or_404(visitor: Visitor, public_id: UUID, number: int = 0) -> Agreement:
    """The agreement of an application that the visitor may see; its side only once it was sent."""
    found = agreement_of(visitor, public_id, number)
    if found is None:
        raise Http404
    return found


def agreement_of(visitor: Visitor, public_id: UUID, number: int = 0) -> Agreement | None:
    """The same, or nothing where none is begun; with a number the addendum of that change."""
    seen = Application.objects.visible_to(visitor)
    if visitor.has(*FOR_ASSOCIATION):
        seen = Application.objects.filter(association=visitor.association)
    rows = with_rows().filter(application__in=seen.filter(public_id=public_id))
    wanted = {"change__number": number} if number else {"change": None}
    found = rows.filter(**wanted).first()
    reads_drafts = visitor.has(RoleKind.OFFICER, RoleKind.DIRECTOR, RoleKind.AUDITOR)
    if found is None or not (reads_drafts or found.versions.exists()):
        return None
    if found.current is not None:
        found.current.agreement = found
    return found


def with_rows() -> QuerySet[Agreement]:
    """Agreements with what their pages read together."""
    return Agreement.objects.select_related(
        "application__association",
        "application__case",
        "application__round__programme",
        "application__grant",
        "current",
        "change__decided_by",
        "item__paragraph__minutes",
    ).prefetch_related(
        Prefetch("application__parties", ApplicationParty.objects.select_related("member")),
        Prefetch("current__signatures", AgreementSignature.objects.select_related("party", "user")),
    )


def standing_of(agreement: Agreement, version: AgreementVersion | None) -> Standing:
    """Who is to sign and who has; of the version, or of nothing when it is a draft."""
    signed = {row.party_id: row for row in version.signatures.all()} if version else {}
    parties: list[ApplicationParty | None] = [None]
    parties += signing_parties(agreement)
    return Standing(
        agreement,
        tuple((one, signed.get(one.pk if one else None)) for one in parties),
    )


def _shown(name: str, row: AgreementSignature | None) -> Signature:
    if row is None:
        return Signature(name, status=Status("Väntar", "warning"))
    note = METHODS[row.method]
    if row.scan_id is not None:
        note += "; originalet är mottaget" if row.original_received else "; originalet saknas"
    return Signature(
        name,
        row.signatory_name,
        row.signatory_title,
        row.signed_at,
        Status("Underskrivet", "success"),
        note,
    )


def legal_force(agreement: Agreement) -> str:
    """Whether the decision has legal force, in a sentence (KL 13:14: it may be signed before)."""
    if agreement.item_id is None:
        return ""
    paragraph: Paragraph | None = getattr(agreement.item, "paragraph", None)
    if paragraph is None:
        return ""
    rows = paragraph.notices if paragraph.attested_at else paragraph.minutes.notices
    wanted = rows.all() if paragraph.attested_at else rows.filter(paragraph=None)
    day = legal_force_of(list(wanted))
    if day is not None and day <= clock.today():
        return f"Beslutet fick laga kraft {date_long(day)}."
    when = f"får laga kraft tidigast {date_long(day)}" if day else "har inte fått laga kraft än"
    return f"Beslutet {when}. Avtalet får skrivas under ändå (13 kap. 14 § kommunallagen)."


def planned_start(
    application: Application, content: Mapping[str, Any] | None = None
) -> date | None:
    """The effort's first day: the period that was applied for, else the round's.

    A page asks for it several times, so it is read once; `content` is that of the version
    received, from one who has read it already.
    """
    known: dict[str, date | None] = application.__dict__
    if "planned_start" not in known:
        period = effort_period(application, content)
        known["planned_start"] = period[0] if period else None
    return known["planned_start"]


def late_words(application: Application) -> str:
    """A warning when the effort was to have started before all have signed; else nothing."""
    if application.state not in GRANTED:
        return ""
    first = planned_start(application)
    if first is None or first > clock.today():
        return ""
    return (
        f"Insatsen var planerad att börja {date_long(first)}. Den får inte börja förrän alla har "
        "skrivit under avtalet."
    )


# --- the next step, for the applicant and for the office -----------------------------------------


@provide_after_decision
def next_after_decision(application: Application) -> AfterDecision | None:
    """What the agreement asks for next; nothing before the outcome is told or after the start."""
    if application.state not in STATES or not application.is_outcome_public:
        return None
    rows = Agreement.objects.select_related("current").prefetch_related("current__signatures")
    agreement = rows.filter(application=application, change=None).first()
    if agreement is not None:
        agreement.application = application
    late = late_words(application)
    office = reverse(
        "boards:office_agreement", args=[application.association.slug, application.public_id]
    )
    whose = f"{application.association.office_name.capitalize()}s tur"
    if agreement is None or agreement.state == S.DRAFT:
        return _writing(application, agreement, office, whose, late)
    standing = standing_of(agreement, agreement.current)
    if agreement.state == S.SIGNED:
        return AfterDecision(
            NextStep(
                "Avtalet är undertecknat",
                "Alla har skrivit under. Kansliet antecknar när insatsen börjar. Det går att "
                "rekvirera pengar.",
                whose,
                url=page_of(agreement),
                action="Läs avtalet",
            ),
            NextStep(
                "Anteckna när insatsen börjar",
                "Alla har skrivit under avtalet.",
                whose,
                planned_start(application),
                "Planerad start",
                office,
                "Till avtalet",
            ),
        )
    theirs = any(party is not None for party in standing.waiting)
    text = f"Väntar på underskrift: {standing.missing}."
    turn = "Er tur" if theirs else f"{application.association.short_name}s tur"
    return AfterDecision(
        NextStep(
            "Avtalet väntar på underskrift",
            f"{text} Firmatecknare skriver under i portalen.",
            turn,
            planned_start(application),
            "Ska finnas före",
            page_of(agreement),
            "Läs och skriv under" if theirs else "Läs avtalet",
            late,
        ),
        NextStep(
            "Avtalet väntar på underskrift",
            text,
            "Parternas tur" if theirs else whose,
            planned_start(application),
            "Ska finnas före",
            office,
            "Följ underskrifterna",
            late,
        ),
    )


def _writing(
    application: Application, agreement: Agreement | None, office: str, whose: str, late: str
) -> AfterDecision:
    heading = "Skriv klart avtalet" if agreement else "Ta fram avtalet"
    step = NextStep(
        heading,
        "Beslutet är justerat. Avtalet ska vara undertecknat av alla innan insatsen börjar.",
        whose,
        planned_start(application),
        "Ska finnas före",
        office,
        "Till avtalet",
        late,
    )
    if needs_revision(application):
        text = (
            "Avtalet kan skrivas nu. Det skickas för underskrift när parternas reviderade budget "
            "är godkänd."
        )
        return AfterDecision(None, replace(step, text=text), is_to_revise=True)
    applicant = NextStep(
        "Kansliet tar fram avtalet",
        "Ni får ett meddelande när det går att läsa och skriva under. Det ska finnas innan "
        "insatsen börjar.",
        whose,
        planned_start(application),
        "Ska finnas före",
        warning=late,
    )
    return AfterDecision(applicant, step)


def agreement_task(
    application: Application, agreement: Agreement | None, content: Mapping[str, Any]
) -> Task:
    """For the overview: the agreement to write, to sign or to follow, or the effort to start.

    `content` is that of the application as it was received.
    """
    url = reverse(
        "boards:office_agreement", args=[application.association.slug, application.public_id]
    )
    first = planned_start(application, content)
    title = application.title
    if agreement is None or agreement.state == S.DRAFT:
        verb = "Skriv klart avtalet" if agreement else "Ta fram avtal"
        return Task(f"{verb}: {title}", url, None, _before(first), first or clock.today())
    if agreement.state == S.SIGNED:
        note = "Avtalet är undertecknat av alla"
        return Task(f"Anteckna start: {title}", url, None, note, first or clock.today())
    agreement.application = application
    waiting = standing_of(agreement, agreement.current)
    verb = "Skriv under avtalet" if None in waiting.waiting else "Följ upp underskrifter"
    note = f"Väntar på {waiting.missing}. {_before(first)}".strip()
    return Task(f"{verb}: {title}", url, None, note, first or clock.today())


def addendum_task(application: Application, number: int, state: str) -> Task:
    """For the overview: the oldest addendum that is not signed by all."""
    verb = "Skriv klart" if state == S.DRAFT else "Följ upp underskrifter på"
    url = reverse(
        "boards:office_addendum",
        args=[application.association.slug, application.public_id, number],
    )
    note = "Ändringen är beslutad. Parterna ska skriva under tillägget."
    title = f"{verb} tilläggsavtal {number}: {application.title}"
    return Task(title, url, None, note, clock.today())


def _before(first: date | None) -> str:
    if first is None:
        return ""
    if first <= clock.today():
        return f"Planerad start {date_long(first)} har passerat utan avtal"
    return f"Ska finnas före start {date_long(first)}"
