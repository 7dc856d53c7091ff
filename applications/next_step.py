"""The first thing on the page of an application: what to do, whose turn it is, by when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from applications.completeness import Overview, Progress, SectionStatus
from applications.declining import last_declined
from applications.intake import deadline_of, intake_days, intake_on, taken_up
from applications.models import Application, ApplicationState, SupplementRequest
from applications.progress import Journey
from applications.signing import SigningState
from finsam import clock, typography

S = ApplicationState


@dataclass(frozen=True)
class NextStep:
    heading: str
    text: str
    whose: str = ""
    due: date | datetime | None = None
    due_text: str = "Sista dag"
    url: str = ""
    action: str = ""
    warning: str = ""


@dataclass(frozen=True)
class AfterDecision:
    """What comes next once the outcome is told, as each side is to read it.

    Before that only the office is told: that the council has recommended, and the memo is next.

    `is_to_revise`: the parties first revise their budget to what was granted.
    """

    applicant: NextStep | None
    office: NextStep | None
    is_to_revise: bool = False


Provider = Callable[[Application], AfterDecision | None]
_PROVIDERS: list[Provider] = []


def provide_after_decision(provider: Provider) -> Provider:
    """Registers who says what comes next: the agreement (a floor above), the running effort."""
    _PROVIDERS.append(provider)
    return provider


def after_decision(application: Application) -> AfterDecision | None:
    """What the first of them that knows says comes next, or nothing."""
    said = (provider(application) for provider in _PROVIDERS)
    return next((one for one in said if one is not None), None)


def next_step(
    application: Application,
    overview: Overview | None,
    signing: SigningState | None,
    journey: Journey,
    request: SupplementRequest | None,
) -> NextStep:
    """One sentence of what happens now, for the applicant."""
    if overview is not None and signing is not None:
        return _draft(application, overview, signing)
    if application.state == S.RETURNED and request is not None:
        return NextStep(
            "Kansliet ber er komplettera ansökan",
            request.message,
            "Er tur",
            request.last_day,
            "Komplettera senast",
            _url(application, "supplement"),
            "Se vad som ska kompletteras",
        )
    return _received(application, journey)


def _draft(application: Application, overview: Overview, signing: SigningState) -> NextStep:
    deadline = deadline_of(application)
    intake = intake_on(application.round, clock.now())
    closes = intake.last_day if intake else deadline
    if application.round.has_closed() and deadline and clock.now() > deadline:
        return NextStep(
            "Sista dagen har passerat",
            "Omgången är stängd och utkastet kan inte lämnas in. Det finns kvar, och kan vara "
            "början på en ansökan i en kommande omgång.",
            "",
            deadline,
            "Sista dag var",
            _url(application, "messages"),
            "Skriv till kansliet",
        )
    return _to_sign(application, overview, signing, closes)


def _to_sign(
    application: Application,
    overview: Overview,
    signing: SigningState,
    closes: date | datetime | None,
) -> NextStep:
    """What remains of a draft that can still be handed in: to write, to sign, to send."""
    if signing.is_complete:
        return NextStep(
            "Allt är klart att lämna in",
            "Alla underskrifter finns. Läs igenom en sista gång och lämna in.",
            "Er tur",
            closes,
            url=_url(application, "submit"),
            action="Lämna in ansökan",
        )
    if signing.is_frozen:
        return NextStep(
            "Underskrifter återstår",
            f"{signing.note} Innehållet är låst så länge.",
            "Er tur",
            closes,
            url=_url(application, "signatures"),
            action="Till underskrifterna",
        )
    declined = last_declined(application)
    if declined is not None:
        return NextStep(
            f"{declined.party.name} skrev inte under",
            "Läs varför på sidan för underskrifter, ändra det som behövs och begär "
            "underskrifterna på nytt.",
            "Er tur",
            closes,
            url=_url(application, "signatures"),
            action="Läs varför",
        )
    if overview.may_be_signed:
        return NextStep(
            "Ansökan är ifylld och kan skrivas under",
            "Läs igenom den och begär underskrifter. Då låses innehållet, och parterna skriver "
            "under exakt det.",
            "Er tur",
            closes,
            url=_url(application, "signatures"),
            action="Begär underskrifter",
        )
    first = _first_open(overview)
    return NextStep(
        "Nästa steg är ert",
        f"{_left(overview)} innan parterna kan skriva under.",
        "Er tur",
        closes,
        url=first.url,
        action=f"Fortsätt med {first.section.heading.lower()}",
    )


def _left(overview: Overview) -> str:
    """Tre avsnitt och budgeten återstår"""
    kinds = [status.section.kind for status in overview.writing if status.faults]
    budget = ["budgeten"] if "budget" in kinds else []
    plain = len(kinds) - len(budget)
    words = [typography.plural(plain, "avsnitt", "avsnitt")] if plain else []
    text = typography.enumerate_words([*words, *budget])
    return f"{text[:1].upper()}{text[1:]} återstår"


def _first_open(overview: Overview) -> SectionStatus:
    for wanted in (Progress.NEEDS_ACTION, Progress.STARTED, Progress.NOT_STARTED):
        for status in overview.writing:
            if status.faults and status.progress == wanted:
                return status
    return overview.writing[0]


WAITS_FOR_DECISION = (S.SUBMITTED, S.IN_REVIEW, S.IN_PREPARATION, S.TO_BOARD)


def _received(application: Application, journey: Journey) -> NextStep:
    """From the receipt on: what the office or the board does, or what follows the decision."""
    if journey.is_hidden:
        board = application.association.board_name
        return NextStep(
            "Beslut väntar på justering",
            f"{board} har behandlat ansökan. Beslutet visas här, och ni får ett meddelande, så "
            "snart protokollet är justerat.",
            f"{board}s tur",
        )
    further = after_decision(application)
    if further is not None and further.applicant is not None:
        return further.applicant
    heading, text, whose = _state_in_words(application)
    if application.state == S.PARTLY_GRANTED and further is not None and further.is_to_revise:
        url = _url(application, "revised_budget")
        return NextStep(heading, text, "Er tur", url=url, action="Reviderad budget")
    text = f"{text} {_when_taken_up(application)}".strip()
    due = _planned_decision(application) if application.state in WAITS_FOR_DECISION else None
    return NextStep(heading, text, whose, due, "Beslut planerat")


def _planned_decision(application: Application) -> date | None:
    """The day of the board's decision in the round's plan, while it has not passed."""
    planned = {m.key: m.on for m in application.round.milestones.all()}
    day = planned.get("board_decision")
    return day if day is not None and day >= clock.today() else None


def _state_in_words(application: Application) -> tuple[str, str, str]:
    """The heading, the sentence and whose turn it is, by the state of a received application."""
    office, board = _turns(application)
    if application.state == S.IN_PREPARATION:
        return _in_preparation(application)
    grant = application.grant
    granted = f"Ni har beviljats {typography.kronor(grant.amount)}. " if grant else ""
    texts: dict[str, tuple[str, str, str]] = {
        S.SUBMITTED: (
            "Ansökan är inlämnad",
            "Kansliet går igenom den. Ni får ett meddelande om något behöver kompletteras.",
            office,
        ),
        S.IN_REVIEW: (
            "Kansliet granskar ansökan",
            "Ni behöver inte göra något nu. Kansliet hör av sig om något behöver kompletteras.",
            office,
        ),
        S.TO_BOARD: (
            f"{application.association.board_name} ska besluta",
            "Underlaget är klart. Beslutet visas här när protokollet är justerat.",
            board,
        ),
        S.TABLED: (
            "Ansökan är bordlagd",
            f"{application.association.board_name} tar upp den på nästa möte.",
            board,
        ),
        S.GRANTED: (
            "Ansökan är beviljad",
            f"{granted}Kansliet hör av sig om överenskommelsen, som ska finnas före start.",
            office,
        ),
        S.PARTLY_GRANTED: (
            "Ansökan är delvis beviljad",
            f"{granted}Läs beslutet, lägg ut det beviljade på budgetens poster och lämna in en ny.",
            office,
        ),
        S.REJECTED: (
            "Ansökan har fått avslag",
            "I beslutet står skälen och hur det kan överklagas.",
            "",
        ),
        S.WITHDRAWN: ("Ansökan är återkallad", "Den prövas inte vidare.", ""),
        S.DISMISSED: ("Ansökan är avskriven", "Den prövas inte vidare. Skälet står i ärendet.", ""),
    }
    usual = (application.get_state_display(), "Beslutet är verkställt.", "")
    return texts.get(application.state, usual)


def _turns(application: Application) -> tuple[str, str]:
    """Whose turn: the office's and the board's, by the names that the association uses."""
    association = application.association
    return f"{association.office_name.capitalize()}s tur", f"{association.board_name}s tur"


def _when_taken_up(application: Application) -> str:
    """In a round tied to meetings: for which last day the application came in time."""
    waiting = (S.SUBMITTED, S.IN_REVIEW, S.IN_PREPARATION)
    if application.state not in waiting or not intake_days(application.round):
        return ""
    found = taken_up(application)
    if found is None:
        return "Den kom efter årets sista dag och går vidare till nästa års första."
    return (
        f"Den kom i tid till den {typography.date_long(found.last_day)}. Beslutas: "
        f"{found.text[:1].lower()}{found.text[1:]}."
    )


def _in_preparation(application: Application) -> tuple[str, str, str]:
    """Who prepares: the council, or the office alone where the programme has none."""
    association = application.association
    if application.round.setting("steps", "council", "use") == "absent":
        office = association.office_name.capitalize()
        return (
            f"{office} bereder ansökan",
            "Granskningen är klar, och underlaget till beslutet skrivs.",
            f"{office}s tur",
        )
    return (
        f"{association.council_name} bereder ansökan",
        "Granskningen är klar. Projektledaren kan bli inbjuden att berätta om insatsen.",
        f"{association.council_name}s tur",
    )


def _url(application: Application, name: str) -> str:
    return reverse(
        f"applications:{name}", args=[application.association.slug, application.public_id]
    )
