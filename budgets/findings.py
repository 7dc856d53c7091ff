"""What a check finds: each finding points at a cell and says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from budgets.content import Entry


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing to mend (error) or to look at (warning).

    `sheet` and `cell` are as in the workbook, `cell` empty when the whole sheet is meant; `field`
    names the input of the row in the browser, where there is one.
    """

    code: str
    severity: Severity
    sheet: str
    cell: str
    message: str
    field: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def place(self) -> str:
        """Kostnader!B14, or the sheet alone."""
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet

    def as_json(self) -> dict[str, str]:
        """As in contracts/commands: code, severity, sheet, cell, message."""
        shown = asdict(self)
        del shown["field"]
        return shown | {"severity": str(self.severity)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        return cls(**(dict(values) | {"severity": Severity(values["severity"])}))

    @classmethod
    def at(cls, entry: Entry, name: str, code: str, severity: Severity, message: str) -> Self:
        """A finding in one cell of a row."""
        return cls(code, severity, entry.sheet, entry.cell(name), message, name)
