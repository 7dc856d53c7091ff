"""A budget as plain typed rows: shared by form, workbook, rules and frozen version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self
from unicodedata import normalize

from budgets.staffing import row_cost

FIRST_ROW = 5
ROWS = 200
# Soft hyphen, spaces without width and the mark of byte order.
UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


class CostKind(StrEnum):
    PREMISES = "premises"
    EQUIPMENT = "equipment"
    TRAVEL = "travel"
    TRAINING = "training"
    INFORMATION = "information"
    EVALUATION = "evaluation"
    SERVICES = "services"
    ADMINISTRATION = "administration"
    OTHER = "other"

    @property
    def label(self) -> str:
        return COST_KINDS[self]


COST_KINDS: Mapping[CostKind, str] = {
    CostKind.PREMISES: "Lokaler",
    CostKind.EQUIPMENT: "Utrustning och material",
    CostKind.TRAVEL: "Resor",
    CostKind.TRAINING: "Utbildning och handledning",
    CostKind.INFORMATION: "Information och konferens",
    CostKind.EVALUATION: "Extern utvärdering",
    CostKind.SERVICES: "Köpta tjänster",
    CostKind.ADMINISTRATION: "Administration/OH",
    CostKind.OTHER: "Övrigt",
}


class Source(StrEnum):
    SOUGHT = "sought"
    OWN = "own"
    IN_KIND = "in_kind"
    OTHER = "other"

    @property
    def label(self) -> str:
        return SOURCES[self]


SOURCES: Mapping[Source, str] = {
    Source.SOUGHT: "Sökt här",
    Source.OWN: "Egen finansiering",
    Source.IN_KIND: "Egen insats i natura",
    Source.OTHER: "Annan finansiär",
}


class Sheet(StrEnum):
    STAFF = "Personal"
    COSTS = "Kostnader"
    FINANCING = "Finansiering"


@dataclass(frozen=True)
class Entry:
    """One filled row of an input sheet.

    `position` counts from 1 in the table (row 5 of the sheet). `wrong` names the fields whose
    content could not be read and already has a finding.
    """

    position: int
    wrong: frozenset[str] = field(default=frozenset(), kw_only=True)

    sheet: ClassVar[Sheet]
    columns: ClassVar[Mapping[str, str]]

    @property
    def row(self) -> int:
        return self.position + FIRST_ROW - 1

    def cell(self, name: str) -> str:
        """The cell of a field: G7."""
        return f"{self.columns[name]}{self.row}"

    def as_json(self) -> dict[str, Any]:
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        values["wrong"] = sorted(self.wrong)
        return {name: _plain(value) for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        read = {name: value for name, value in values.items() if name not in cls._decimals()}
        for name in cls._decimals():
            read[name] = None if values[name] is None else Decimal(values[name])
        return cls(**(read | {"wrong": frozenset(values["wrong"])}))

    @classmethod
    def _decimals(cls) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class StaffEntry(Entry):
    """A part of a post: who employs, how much of full time, how long, at what salary."""

    party: str = ""
    role: str = ""
    employer: str = ""
    year: int | None = None
    percent: Decimal | None = None
    months: Decimal | None = None
    salary: int | None = None
    overhead: Decimal | None = None
    note: str = ""

    sheet: ClassVar[Sheet] = Sheet.STAFF
    columns: ClassVar[Mapping[str, str]] = {
        "party": "A", "role": "B", "employer": "C", "year": "D", "percent": "E",
        "months": "F", "salary": "G", "overhead": "H", "cost": "I", "note": "J",
    }  # fmt: skip

    @property
    def cost(self) -> int:
        """Whole kronor; 0 until share, months and salary are there. No overhead counts as none."""
        if self.percent is None or self.months is None or self.salary is None:
            return 0
        return row_cost(
            percent=self.percent,
            months=self.months,
            salary=self.salary,
            overhead=self.overhead or Decimal(0),
        )

    @classmethod
    def _decimals(cls) -> tuple[str, ...]:
        return ("percent", "months", "overhead")


@dataclass(frozen=True)
class CostEntry(Entry):
    """A cost that is not staff."""

    kind: CostKind | None = None
    description: str = ""
    party: str = ""
    year: int | None = None
    amount: int | None = None
    note: str = ""

    sheet: ClassVar[Sheet] = Sheet.COSTS
    columns: ClassVar[Mapping[str, str]] = {
        "kind": "A", "description": "B", "party": "C", "year": "D", "amount": "E", "note": "F",
    }  # fmt: skip

    @property
    def cost(self) -> int:
        return self.amount or 0

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        kind = values["kind"]
        return super().from_json(dict(values) | {"kind": CostKind(kind) if kind else None})


@dataclass(frozen=True)
class FinancingEntry(Entry):
    """Where money comes from, in one year."""

    source: Source | None = None
    party: str = ""
    year: int | None = None
    amount: int | None = None

    sheet: ClassVar[Sheet] = Sheet.FINANCING
    columns: ClassVar[Mapping[str, str]] = {"source": "A", "party": "B", "year": "C", "amount": "D"}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        source = values["source"]
        return super().from_json(dict(values) | {"source": Source(source) if source else None})


@dataclass(frozen=True)
class BudgetContent:
    """All rows of a budget, in the order of their tables."""

    staff: tuple[StaffEntry, ...] = ()
    costs: tuple[CostEntry, ...] = ()
    financing: tuple[FinancingEntry, ...] = ()

    @property
    def entries(self) -> tuple[StaffEntry | CostEntry | FinancingEntry, ...]:
        return (*self.staff, *self.costs, *self.financing)

    @property
    def cost_entries(self) -> tuple[StaffEntry | CostEntry, ...]:
        return (*self.staff, *self.costs)

    def as_json(self) -> dict[str, Any]:
        return {
            "staff": [entry.as_json() for entry in self.staff],
            "costs": [entry.as_json() for entry in self.costs],
            "financing": [entry.as_json() for entry in self.financing],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        return cls(
            tuple(StaffEntry.from_json(row) for row in values["staff"]),
            tuple(CostEntry.from_json(row) for row in values["costs"]),
            tuple(FinancingEntry.from_json(row) for row in values["financing"]),
        )

    def with_names_of(self, names: Iterable[str]) -> BudgetContent:
        """The same rows with each party under its full name, whatever case it was written in."""
        full = {same(name): name for name in names}

        def named(row: Any) -> Any:
            return replace(row, party=full.get(same(row.party), row.party))

        return BudgetContent(
            tuple(named(row) for row in self.staff),
            tuple(named(row) for row in self.costs),
            tuple(named(row) for row in self.financing),
        )


def same(text: str) -> str:
    """The text as it is compared: without regard to case and to spaces around and between.

    An ö that is written as o and two dots, as some programs do, is an ö; signs that do not show,
    such as those that come along from a web page, are passed over.
    """
    if not text.isascii():
        text = UNSEEN.sub("", normalize("NFC", text))
    return " ".join(text.split()).casefold()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return decimal_text(value)
    return str(value) if isinstance(value, StrEnum) else value


def decimal_text(value: Decimal) -> str:
    """40.10 → "40.1", 1E+2 → "100": one way to write one value."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
