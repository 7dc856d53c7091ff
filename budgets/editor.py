"""The budget as three tables in the browser: what was typed, what was read, what it adds up to.

Pages of applications embed it: `Editor.of(...)` to show, `Editor.sent(...)` for what was posted,
`templates/budgets/editor.html` within a form, `templates/budgets/_editor_moved.html` for htmx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.text import slugify

from budgets.amounts import AmountError
from budgets.check import CheckResult, check_content
from budgets.content import (
    COST_KINDS,
    ROWS,
    SOURCES,
    BudgetContent,
    Entry,
    Sheet,
    decimal_text,
    same,
)
from budgets.context import BudgetContext
from budgets.editing import replace_content
from budgets.explanation import Explanation, Input
from budgets.findings import Finding
from budgets.models import Budget
from budgets.workbook_cells import Cell
from budgets.workbook_layout import COLUMNS, Column
from budgets.workbook_read import CONTROL, ENTRIES, read_value
from finsam.people.models import User
from finsam.typography import number
from finsam.ui import Bar, BarPart, bar

PREFIXES: dict[Sheet, str] = {
    Sheet.STAFF: "personal",
    Sheet.COSTS: "kostnader",
    Sheet.FINANCING: "finansiering",
}
SPARE_ROWS = 3
MORE_ROWS = 5
LONGEST_TEXT = 2_000
ACTION = "gor"
MORE = "fler-"
REMOVE = "bort-"
UNDO = "angra"


@dataclass(frozen=True)
class EditorCell:
    """One input of a row, or its computed cost."""

    column: Column
    name: str
    text: str
    label: str
    error: str = ""
    choices: tuple[str, ...] = ()
    is_locked: bool = False

    @property
    def is_computed(self) -> bool:
        return self.column.reads == "formula"

    @property
    def is_number(self) -> bool:
        return self.column.reads in {"kronor", "decimal", "formula"}

    @property
    def keyboard(self) -> str:
        return "decimal" if self.column.reads == "decimal" else "numeric"


@dataclass(frozen=True)
class EditorRow:
    """A row of inputs. `key` names it in the form; only a filled one of one's own can go."""

    key: str
    cells: tuple[EditorCell, ...]

    @property
    def can_go(self) -> bool:
        own = not any(cell.is_locked for cell in self.cells)
        return own and any(cell.text for cell in self.cells if not cell.is_computed)


@dataclass(frozen=True)
class EditorTable:
    """One of the three tables with its rows of inputs."""

    sheet: Sheet
    prefix: str
    columns: tuple[Column, ...]
    rows: tuple[EditorRow, ...]
    total: int

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def can_grow(self) -> bool:
        return self.count < ROWS


@dataclass
class Editor:
    """The tables of a budget, as they stand or as they were typed.

    `typed` holds the text of each input by its name, `counts` how many rows each table shows.
    `own` are the parties whose rows may be written, None for all; other rows are shown as text.
    `removed` is the row that was just taken away, input by input, so that it can be put back.
    """

    context: BudgetContext
    version: int
    typed: dict[str, str]
    counts: dict[Sheet, int]
    own: frozenset[str] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        budget: Budget,
        context: BudgetContext,
        own: frozenset[str] | None = None,
        content: BudgetContent | None = None,
    ) -> Editor:
        """The budget as it is stored; `content` when its rows have been read already."""
        content = budget.content() if content is None else content
        typed = {
            f"{PREFIXES[row.sheet]}-{row.position}-{column.field}": _shown(row, column)
            for row in content.entries
            for column in COLUMNS[row.sheet]
            if column.reads != "formula"
        }
        last = dict.fromkeys(Sheet, 0)
        for row in content.entries:
            last[row.sheet] = max(last[row.sheet], row.position)
        counts = {sheet: min(at + SPARE_ROWS, ROWS) for sheet, at in last.items()}
        return cls(context, budget.version, typed, counts, own)

    @classmethod
    def sent(
        cls,
        post: Mapping[str, str],
        context: BudgetContext,
        own: frozenset[str] | None = None,
    ) -> Editor:
        """What was posted. "Fler rader" gives a table five rows more; a row that is taken away
        leaves its place empty, and can be put back while nothing else is done.
        """
        counts, typed = {}, {}
        for sheet, prefix in PREFIXES.items():
            more = MORE_ROWS if post.get(ACTION) == f"{MORE}{prefix}" else 0
            counts[sheet] = min(_whole(post.get(f"{prefix}-rader", "")) + more, ROWS)
            for position in range(1, counts[sheet] + 1):
                for column in COLUMNS[sheet]:
                    name = f"{prefix}-{position}-{column.field}"
                    typed[name] = CONTROL.sub("", post.get(name, "")).strip()[:LONGEST_TEXT]
        editor = cls(context, _whole(post.get("version", "")), typed, counts, own)
        editor._act_on_row(post)
        return editor

    def _act_on_row(self, post: Mapping[str, str]) -> None:
        """Take away the row that is asked for, or put the last one back."""
        action = post.get(ACTION, "")
        if action == UNDO:
            for name in self.typed:
                if f"{UNDO}-{name}" in post:
                    self.typed[name] = post[f"{UNDO}-{name}"].strip()[:LONGEST_TEXT]
        elif action.startswith(REMOVE):
            row = f"{action.removeprefix(REMOVE)}-"
            names = [name for name in self.typed if name.startswith(row) and self.typed[name]]
            self.removed = {name: self.typed[name] for name in names}
            self.typed |= dict.fromkeys(names, "")

    @property
    def removed_in_words(self) -> str:
        """Personal, rad 3."""
        if not self.removed:
            return ""
        sheet, position, _ = self._place(next(iter(self.removed)))
        return f"{sheet}, rad {position}"

    @cached_property
    def content(self) -> BudgetContent:
        """The rows as they could be read; inputs that could not stand in `errors`."""
        rows = {sheet: tuple(self._entries(sheet)) for sheet in Sheet}
        read = BudgetContent(*(rows[sheet] for sheet in Sheet))  # type: ignore[arg-type]
        return read.with_names_of(self.context.names)

    @cached_property
    def check(self) -> CheckResult:
        """All findings of the rows as they are typed now."""
        return check_content(self.content, self.context)

    @property
    def is_readable(self) -> bool:
        """Whether every input could be read, so that the rows can be saved."""
        return self.content is not None and not self.errors

    def save(self, *, budget: Budget, actor: User | None) -> Budget:
        """Make the rows the budget's; see `replace_content`. Only when `is_readable`."""
        if not self.is_readable:
            raise ValueError("Rows that could not be read are not saved.")
        return replace_content(
            budget=budget, content=self.content, expected_version=self.version, actor=actor
        )

    @property
    def tables(self) -> list[EditorTable]:
        costs = {row.cell("cost"): row.cost for row in self.content.staff}
        totals = {
            Sheet.STAFF: self.check.summary.staff_cost,
            Sheet.COSTS: sum(row.cost for row in self.content.costs),
            Sheet.FINANCING: self.check.summary.financing,
        }
        return [
            EditorTable(
                sheet,
                PREFIXES[sheet],
                COLUMNS[sheet],
                tuple(
                    EditorRow(
                        f"{PREFIXES[sheet]}-{position}",
                        tuple(self._cells(sheet, position, costs)),
                    )
                    for position in range(1, self.counts[sheet] + 1)
                ),
                totals[sheet],
            )
            for sheet in Sheet
        ]

    @property
    def row_costs(self) -> list[tuple[str, int]]:
        """The computed cost of each shown staff row, by the id of its place."""
        costs = {row.position: row.cost for row in self.content.staff}
        prefix = PREFIXES[Sheet.STAFF]
        return [
            (f"{prefix}-{position}-cost", costs.get(position, 0))
            for position in range(1, self.counts[Sheet.STAFF] + 1)
        ]

    @property
    def error_list(self) -> list[tuple[str, str]]:
        """Every input that could not be read, with the address of the input."""
        found = []
        for name, message in self.errors.items():
            sheet, position, column = self._place(name)
            found.append((f"{sheet}, rad {position}, {column.header}: {message}", f"#{name}"))
        return found

    @property
    def findings(self) -> list[tuple[Finding, str, str]]:
        """Each finding with the words for its place and the address of its input, if it has one."""
        return [self._placed(found) for found in self.check.findings]

    @property
    def balance_bar(self) -> Bar:
        """Cost against financing, sought apart from the rest."""
        summary = self.check.summary
        missing = max(summary.total_cost - summary.financing, 0)
        parts = [
            BarPart("Sökt här", summary.requested),
            BarPart("Egen och annan finansiering", summary.co_financing, "second"),
        ]
        if missing:
            parts.append(BarPart("Saknar finansiering", missing, "over"))
        told = (
            f"Finansierat {number(summary.financing)} av kostnaden {number(summary.total_cost)} kr"
        )
        return bar(parts, label=told, total=summary.total_cost)

    def _entries(self, sheet: Sheet) -> Iterator[Entry]:
        prefix = PREFIXES[sheet]
        for position in range(1, self.counts[sheet] + 1):
            values: dict[str, object] = {}
            wrong = set()
            for column in COLUMNS[sheet]:
                name = f"{prefix}-{position}-{column.field}"
                text = self.typed.get(name, "")
                if not text or column.reads == "formula":
                    continue
                try:
                    values[column.field] = read_value(column, Cell("text", text))
                except AmountError as error:
                    self.errors[name] = error.message
                    wrong.add(column.field)
            if values or wrong:
                yield ENTRIES[sheet](position, wrong=frozenset(wrong), **values)  # type: ignore[arg-type]

    def _is_locked(self, sheet: Sheet, position: int) -> bool:
        """Whether a row belongs to a party that the person does not write for."""
        party = self.typed.get(f"{PREFIXES[sheet]}-{position}-party", "")
        is_filled = any(
            self.typed.get(f"{PREFIXES[sheet]}-{position}-{column.field}")
            for column in COLUMNS[sheet]
        )
        if self.own is None or not is_filled:
            return False
        return bool(party) and same(party) not in {same(name) for name in self.own}

    def _cells(self, sheet: Sheet, position: int, costs: Mapping[str, int]) -> Iterator[EditorCell]:
        is_locked = self._is_locked(sheet, position)
        for column in COLUMNS[sheet]:
            name = f"{PREFIXES[sheet]}-{position}-{column.field}"
            text = self.typed.get(name, "")
            if column.reads == "formula":
                cost = costs.get(f"I{position + 4}", 0)
                text = number(cost) if cost else ""
            yield EditorCell(
                column,
                name,
                text,
                f"{column.header}, rad {position}",
                self.errors.get(name, ""),
                self._choices(column, text),
                is_locked,
            )

    def _choices(self, column: Column, text: str) -> tuple[str, ...]:
        """The values to choose among; one that is no longer there stays until it is changed."""
        if column.header == "Part eller finansiär":
            return ()
        offered: tuple[str, ...] = {
            "parties": self.context.names,
            "kinds": tuple(COST_KINDS.values()),
            "sources": tuple(SOURCES.values()),
            "years": tuple(map(str, self.context.years)),
        }.get(column.choices, ())
        known = {same(each) for each in offered}
        return (*offered, text) if offered and text and same(text) not in known else offered

    def _place(self, name: str) -> tuple[Sheet, int, Column]:
        prefix, position, column = name.split("-")
        sheet = next(sheet for sheet, known in PREFIXES.items() if known == prefix)
        return sheet, int(position), next(c for c in COLUMNS[sheet] if c.field == column)

    def _placed(self, found: Finding) -> tuple[Finding, str, str]:
        sheet = next((sheet for sheet in Sheet if sheet == found.sheet), None)
        row = int("".join(sign for sign in found.cell if sign.isdigit()) or 0)
        if sheet is None or not found.field or row < 5:
            return found, "Hela budgeten", ""
        position = row - 4
        shown = position <= self.counts[sheet]
        address = f"#{PREFIXES[sheet]}-{position}-{found.field}" if shown else ""
        return found, f"{sheet}, rad {position}", address


def explained_figure(explanation: Explanation, editor_url: str) -> dict[str, object]:
    """An explanation for a page: its anchor, and where each of its inputs stands."""
    return {
        "explanation": explanation,
        "anchor": slugify(explanation.figure),
        "inputs": [
            (part, _address(part, editor_url), _input_text(part)) for part in explanation.inputs
        ],
    }


def _address(part: Input, editor_url: str) -> str:
    """The input in the editor; a staff row's cost is explained itself, on the same page."""
    if not part.sheet:
        return f"#{slugify(part.label)}"
    prefix = PREFIXES[Sheet(part.sheet)]
    return f"{editor_url}#{prefix}-{part.position}-{part.field}"


def _input_text(part: Input) -> str:
    """43 000, 40,1: a sum in groups, a share with its decimals."""
    whole = int(part.value)
    if part.value == whole and part.field not in {"percent", "overhead", "months"}:
        return number(whole)
    return decimal_text(part.value).replace(".", ",")


def _shown(row: Entry, column: Column) -> str:
    """A stored value as it is typed: sums in groups, shares with a comma."""
    value = getattr(row, column.field)
    if value is None or value == "":
        return ""
    if column.reads == "kind":
        return COST_KINDS[value]
    if column.reads == "source":
        return SOURCES[value]
    if column.reads == "kronor":
        return number(value)
    if column.reads == "decimal":
        return decimal_text(value).replace(".", ",")
    return str(value)


def _whole(text: str) -> int:
    return min(int(text), 10**9) if text.isascii() and text.isdigit() and len(text) < 10 else 0
