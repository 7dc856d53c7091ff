"""What an association has to have in place before its first round: a list that ticks itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from applications.models import Programme, ProgrammeDraft, Round
from applications.programme_definition.values import StepUse
from boards.composition import composition
from boards.models import BodyKind
from budgets.models import Contribution
from finsam import clock
from finsam.associations.models import (
    Association,
    AssociationKind,
    Member,
    NoticeBoard,
    PartyKind,
)
from finsam.people.models import Role, RoleKind
from finsam.typography import enumerate_words

ANNOUNCING = (PartyKind.REGION, PartyKind.MUNICIPALITY)  # KL 8:12
NEEDED = (RoleKind.DIRECTOR, RoleKind.CHAIR)
PARTIES = (
    PartyKind.INSURANCE_AGENCY,
    PartyKind.EMPLOYMENT_SERVICE,
    PartyKind.REGION,
    PartyKind.MUNICIPALITY,
)


@dataclass(frozen=True)
class Todo:
    """One thing to have in place; `missing` says what is left of it, nothing when it is done."""

    text: str
    missing: str
    url: str
    action: str
    keepers: tuple[RoleKind, ...] = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)

    @property
    def is_done(self) -> bool:
        return not self.missing


def getting_started(association: Association) -> list[Todo]:
    """Everything to have in place, in the order in which it is best seen to."""
    members = list(association.members.filter(is_active=True, parent=None).order_by("position"))
    programmes = _programmes_of(association)
    return [
        _facts(association),
        _members(association, members),
        _notice_boards(association, members),
        _people(association),
        _board(association),
        *_council(association, programmes),
        _year(association),
        *_programmes(association, programmes),
    ]


def _place(name: str, association: Association, *more: object) -> str:
    return reverse(name, args=[association.slug, *more])


def _facts(association: Association) -> Todo:
    lacking = {
        "organisationsnummer": association.organisation_number,
        "postadress": association.address,
        "ingress på startsidan": association.lead,
    }
    words = [word for word, value in lacking.items() if not value]
    return Todo(
        "Förbundets uppgifter",
        f"Fyll i {enumerate_words(words)}." if words else "",
        _place("applications:settings", association),
        "Till inställningarna",
    )


def _members(association: Association, members: list[Member]) -> Todo:
    """FL 1 §: the state's two agencies, a region and a municipality."""
    kinds = {member.kind for member in members}
    lacking = [kind.label for kind in PARTIES if kind not in kinds]
    if association.kind != AssociationKind.COORDINATION:
        lacking = [] if members else ["minst en medlem"]
    return Todo(
        "Medlemmar",
        f"Saknas: {enumerate_words(lacking)} (1 § lagen om finansiell samordning)."
        if lacking
        else "",
        _place("administration:members", association),
        "Till medlemmarna",
    )


def _notice_boards(association: Association, members: list[Member]) -> Todo:
    """KL 8:12: the minutes are announced on the notice board of each municipality and region."""
    there = set(NoticeBoard.objects.filter(association=association).values_list("member", "email"))
    told = {member for member, email in there if email}
    lacking = [one.short_name for one in members if one.kind in ANNOUNCING and one.pk not in told]
    return Todo(
        "Anslagstavlor",
        f"Skriv vart anslag mejlas hos {enumerate_words(lacking)}." if lacking else "",
        _place("administration:members", association),
        "Till medlemmarna",
    )


def _people(association: Association) -> Todo:
    held = Role.objects.held_on(clock.today()).filter(association=association)
    kinds = set(held.order_by().values_list("kind", flat=True))
    lacking = [kind.label.lower() for kind in NEEDED if kind not in kinds]
    if RoleKind.APPLICANT not in kinds:
        lacking.append("någon sökande")
    if RoleKind.SIGNATORY not in kinds:
        lacking.append("någon firmatecknare")
    return Todo(
        "Personer och roller",
        f"Ge rollen till {enumerate_words(lacking)}." if lacking else "",
        _place("administration:people", association),
        "Till personer och roller",
    )


def _board(association: Association) -> Todo:
    """FL 10 §: how the board is to be composed."""
    board = association.bodies.filter(kind=BodyKind.BOARD).select_related("association").first()
    if board is None:
        return Todo(
            "Styrelsen",
            "Lägg upp styrelsen och dess platser.",
            _place("boards:bodies", association),
            "Till organen",
        )
    faults = composition(board, clock.today()).faults
    return Todo(
        "Styrelsen",
        f"{faults[0].text} ({faults[0].section})." if faults else "",
        _place("boards:body", association, board.slug),
        "Till styrelsens platser",
    )


def _council(association: Association, programmes: list[Programme]) -> Iterator[Todo]:
    """Where a programme's applications are prepared by a council."""
    uses = [one.definition.get("steps", {}).get("council", {}).get("use") for one in programmes]
    if any(use != StepUse.ABSENT for use in uses):
        there = association.bodies.filter(kind=BodyKind.COUNCIL).exists()
        yield Todo(
            association.council_name,
            "" if there else "Lägg upp det beredande organet och dess platser.",
            _place("boards:bodies", association),
            "Till organen",
        )


def _year(association: Association) -> Todo:
    year = clock.today().year
    planned = Contribution.objects.filter(association=association, year__gte=year).exists()
    return Todo(
        "Årets ekonomi",
        "" if planned else f"Planera medlemmarnas bidrag för {year} eller nästa år.",
        _place("budgets:plan", association, year),
        "Till bidragen",
        (RoleKind.DIRECTOR, RoleKind.OFFICER),
    )


def _programmes_of(association: Association) -> list[Any]:
    rows = Programme.objects.filter(association=association).annotate(
        is_altered=Exists(ProgrammeDraft.objects.filter(programme=OuterRef("pk"))),
        has_round=Exists(Round.objects.filter(programme=OuterRef("pk"))),
    )
    return list(rows[:10])


def _programmes(association: Association, programmes: list[Any]) -> Iterator[Todo]:
    if not programmes:
        yield Todo(
            "Program",
            "Lägg upp det första programmet, med ett av portalens som förlaga.",
            _place("applications:programmes", association),
            "Till programmen",
        )
    for one in programmes:
        missing = ""
        if not one.has_round:
            missing = "Se igenom utkastet med dess omgång och sätt det i kraft."
            missing = missing if one.is_altered else "Lägg in en omgång."
        yield Todo(
            f"Programmet {one.name}",
            missing,
            _place("applications:programme", association, one.slug),
            "Till programmet",
        )
