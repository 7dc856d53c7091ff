"""What the example installation is filled with, read from the files beside it and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from applications.programme_definition import PROGRAMMES, ProgrammeDefinition, read_programme
from applications.programme_definition.values import QuestionType
from applications.rich_text import html_from_text
from budgets.content import (
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Source,
    StaffEntry,
)
from finsam.definitions import (
    Between,
    DefinitionError,
    Length,
    Pattern,
    Problem,
    Slug,
    parse,
    read_text,
)

Shape = TypeVar("Shape")

CONTENT = Path(__file__).resolve().parent / "content"

PersonKey = Annotated[
    str, Pattern(r"[a-z]+(-[a-z]+)*(_[a-z]+(-[a-z]+)*)*", "en nyckel"), Length(60)
]
Amount = Annotated[int, Between(0, 1_000_000_000)]


@dataclass(frozen=True, kw_only=True)
class RoleContent:
    kind: str
    member: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonContent:
    """An invented person; `sign_in` is what the list of examples to sign in as says."""

    key: PersonKey
    name: str
    email: str
    title: str
    roles: tuple[RoleContent, ...]
    sign_in: str = ""


@dataclass(frozen=True, kw_only=True)
class SeatContent:
    person: PersonKey
    function: str
    order: Annotated[int, Between(1, 100)]
    member: str | None = None


@dataclass(frozen=True, kw_only=True)
class BodyContent:
    slug: Slug
    kind: str
    name: str
    seats: tuple[SeatContent, ...]


@dataclass(frozen=True, kw_only=True)
class PeopleContent:
    """The people and bodies of one association."""

    association: Slug
    roles_from: date
    people: tuple[PersonContent, ...]
    bodies: tuple[BodyContent, ...]

    def person(self, key: str) -> PersonContent:
        return next(person for person in self.people if person.key == key)


@dataclass(frozen=True, kw_only=True)
class StaffRow:
    party: str
    role: str
    year: int
    percent: Decimal
    months: Decimal
    salary: Amount
    overhead: Decimal
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CostRow:
    kind: str
    description: str
    party: str
    year: int
    amount: Amount
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FinancingRow:
    source: str
    party: str
    year: int
    amount: Amount


@dataclass(frozen=True, kw_only=True)
class AssessmentContent:
    criterion: str
    verdict: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RecommendationContent:
    """What the council says: its kind, amount and view of each criterion."""

    kind: str
    amount: Amount
    text: str
    assessments: tuple[AssessmentContent, ...]


@dataclass(frozen=True, kw_only=True)
class EffortContent:
    """An application's content. `later_answers` are those that are still missing at first."""

    key: Slug
    lead: str
    parties: tuple[str, ...]
    author: PersonKey
    writers: tuple[PersonKey, ...]
    staff: tuple[StaffRow, ...]
    costs: tuple[CostRow, ...]
    financing: tuple[FinancingRow, ...]
    answers: Mapping[str, Any]
    later_answers: Mapping[str, Any] | None = None
    recommendation: RecommendationContent | None = None

    @property
    def title(self) -> str:
        return str(self.answers["title"])

    @property
    def all_answers(self) -> dict[str, Any]:
        return {**self.answers, **(self.later_answers or {})}

    def budget(self) -> BudgetContent:
        """The rows as the budget knows them."""
        return BudgetContent(
            tuple(
                StaffEntry(
                    position,
                    party=row.party,
                    role=row.role,
                    employer=row.party,
                    year=row.year,
                    percent=row.percent,
                    months=row.months,
                    salary=row.salary,
                    overhead=row.overhead,
                    note=row.note,
                )
                for position, row in enumerate(self.staff, start=1)
            ),
            tuple(
                CostEntry(
                    position,
                    kind=CostKind(row.kind),
                    description=row.description,
                    party=row.party,
                    year=row.year,
                    amount=row.amount,
                    note=row.note,
                )
                for position, row in enumerate(self.costs, start=1)
            ),
            tuple(
                FinancingEntry(
                    position,
                    source=Source(row.source),
                    party=row.party,
                    year=row.year,
                    amount=row.amount,
                )
                for position, row in enumerate(self.financing, start=1)
            ),
        )


@dataclass(frozen=True, kw_only=True)
class IdeaContent:
    """An idea sketch; `becomes` is the effort whose application starts from it."""

    key: Slug
    member: str
    author: PersonKey
    answers: Mapping[str, Any]
    becomes: Slug | None = None
    reply: str = ""
    preliminary_assessment: str = ""


@dataclass(frozen=True, kw_only=True)
class TemplateCommentContent:
    """An owner's comment on a question of the proposed template, and the office's answer."""

    author: PersonKey
    question: str
    body: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class StatementContent:
    """A consultation group's statement on an effort."""

    effort: Slug
    body: Slug
    author: PersonKey
    position: str
    text: str


@dataclass(frozen=True, kw_only=True)
class EffortsContent:
    """What is sought in one round."""

    programme: Slug
    round: Slug
    efforts: tuple[EffortContent, ...]
    ideas: tuple[IdeaContent, ...] = ()
    template_comments: tuple[TemplateCommentContent, ...] = ()
    statements: tuple[StatementContent, ...] = ()

    def effort(self, key: str) -> EffortContent:
        return next(effort for effort in self.efforts if effort.key == key)


@cache
def people_of_all() -> tuple[PeopleContent, ...]:
    """The people of each association, in the order of the files."""
    return tuple(_read(PeopleContent, path) for path in sorted(CONTENT.glob("people_*.toml")))


def people(association: str) -> PeopleContent:
    return next(found for found in people_of_all() if found.association == association)


@cache
def efforts_of_all() -> tuple[EffortsContent, ...]:
    """What is sought in each round. Raises DefinitionError when it does not fit its programme."""
    found = []
    for path in sorted(CONTENT.glob("*.toml")):
        if path.name.startswith("people_"):
            continue
        content = _read(EffortsContent, path)
        problems = [
            Problem(path.name, key, expected)
            for effort in content.efforts
            for key, expected in _faults(effort, programme_of(content))
        ]
        if problems:
            raise DefinitionError(problems)
        found.append(content)
    return tuple(found)


def efforts(programme: str) -> EffortsContent:
    return next(found for found in efforts_of_all() if found.programme == programme)


@cache
def _programme(slug: str) -> ProgrammeDefinition:
    return read_programme(PROGRAMMES / f"{slug}.toml")


def programme_of(content: EffortsContent) -> ProgrammeDefinition:
    return _programme(content.programme)


def answer_values(answers: Mapping[str, Any], definition: ProgrammeDefinition) -> dict[str, Any]:
    """The answers as they are kept: long texts as HTML, the rest as the JSON of their type."""
    types = {question.key: question.type for question in definition.questions}
    return {
        key: html_from_text(value) if types[key] is QuestionType.RICH_TEXT else value
        for key, value in answers.items()
    }


def _read(shape: type[Shape], path: Path) -> Shape:
    return parse(shape, read_text(path), file=path.name)


def _faults(effort: EffortContent, definition: ProgrammeDefinition) -> Iterable[tuple[str, str]]:
    """Answers to questions that are not asked, and required ones that are not answered."""
    asked = {question.key: question for question in definition.questions}
    path = f"efforts.{effort.key}.answers"
    for key in effort.all_answers:
        if key not in asked:
            yield f"{path}.{key}", "en fråga som finns i mallen"
    for key, question in asked.items():
        if question.required and key not in effort.all_answers:
            yield f"{path}.{key}", "ett svar, eftersom frågan är obligatorisk"
    if effort.lead not in effort.parties:
        yield f"efforts.{effort.key}.lead", "en av parterna"
