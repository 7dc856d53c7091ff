"""The verdict on a budget: all findings at once, and the sums computed from its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from budgets.content import BudgetContent
from budgets.context import BudgetContext
from budgets.findings import Finding, Severity
from budgets.rules import apply_rules
from budgets.summary import Summary, summarise
from budgets.workbook_layout import SHEETS, TEMPLATE
from budgets.workbook_read import Reading
from finsam.documents.guard import inspect
from finsam.documents.sandbox import Unreadable, call

READER = "budgets.workbook_read.read_workbook"
SECONDS = 4
MEGABYTES = 250
# These leave a workbook that cannot be taken in as it stands: cells or sheets are not readable.
UNTAKEN = frozenset(
    {
        "unreadable_workbook", "sheet_missing", "column_missing", "wrong_template", "wrong_version",
        "not_whole_kronor", "unknown_choice", "row_outside", "text_too_long",
    }
)  # fmt: skip
SHEET_ORDER = {"": -2, TEMPLATE: -1} | {
    str(name): place for place, name in enumerate(SHEETS) if name != TEMPLATE
}


@dataclass(frozen=True)
class CheckResult:
    """What a budget adds up to and what was found. Without `content` nothing could be read."""

    findings: tuple[Finding, ...]
    content: BudgetContent = field(default_factory=BudgetContent)

    @property
    def ok(self) -> bool:
        """Whether nothing must be mended; warnings do not count."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.severity is Severity.WARNING)

    @property
    def summary(self) -> Summary:
        return summarise(self.content)

    @property
    def can_be_taken(self) -> bool:
        """Whether every cell could be read, so that the rows can become a draft."""
        unread = any(row.wrong for row in self.content.entries)
        return not unread and not any(found.code in UNTAKEN for found in self.findings)

    def as_json(self) -> dict[str, Any]:
        """As in contracts/commands."""
        summary = self.summary
        return {
            "ok": self.ok,
            "total_cost": summary.total_cost,
            "requested": summary.requested,
            "by_member": summary.by_member,
            "by_year": {str(year or ""): amount for year, amount in summary.by_year.items()},
            "findings": [found.as_json() for found in self.findings],
        }


def check_content(content: BudgetContent, context: BudgetContext) -> CheckResult:
    """Check a budget's rows against every rule."""
    named = content.with_names_of(context.names)
    return CheckResult(_sorted(apply_rules(named, context)), named)


def check_workbook(data: bytes, context: BudgetContext, name: str = "budget.xlsx") -> CheckResult:
    """Check a workbook that somebody sent: guarded, read in a child process, never trusted.

    A file that is harmful or no workbook gets the one finding `unreadable_workbook`.
    """
    verdict = inspect(data, name, purpose="budget")
    if not verdict.accepted:
        return _unreadable(verdict.message)
    try:
        return check_reading(read_received(data), context)
    except Unreadable as error:
        return _unreadable(error.message)


def read_received(data: bytes) -> Reading:
    """Read a workbook that the guard has let in, in a child process. Raises Unreadable."""
    read = call(READER, data=data, seconds=SECONDS, megabytes=MEGABYTES)
    return Reading.from_json(read)


def check_reading(reading: Reading, context: BudgetContext) -> CheckResult:
    """Check what was read of a workbook: is it ours, and do its rows keep the rules."""
    if not context.years:
        context = replace(context, years=reading.years)
    checked = check_content(reading.content, context)
    findings = [*reading.findings, *_foreign(reading, context), *checked.findings]
    return CheckResult(_sorted(findings), checked.content)


def _unreadable(message: str) -> CheckResult:
    return CheckResult((Finding("unreadable_workbook", Severity.ERROR, "", "", message),))


def _foreign(reading: Reading, context: BudgetContext) -> Iterable[Finding]:
    """Whether the workbook is this round's template, in this version."""
    again = "Hämta arbetsboken på nytt i portalen och flytta dit uppgifterna."
    template = reading.keys.get("template", "")
    if template != context.template:
        what = f"hör till ”{template[:60]}”" if template else "är inte portalens mall"
        yield Finding(
            "wrong_template", Severity.ERROR, TEMPLATE, "B1", f"Arbetsboken {what}. {again}"
        )
    elif reading.keys.get("version", "") != str(context.version):
        version = reading.keys.get("version", "")[:20]
        yield Finding(
            "wrong_version",
            Severity.ERROR,
            TEMPLATE,
            "B2",
            f"Arbetsboken är gjord för version {version or '?'} av mallen, men ansökan har version "
            f"{context.version}. {again}",
        )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By sheet, row and column; each finding once."""
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def _place(found: Finding) -> tuple[int, int, int, str]:
    cell = re.fullmatch(r"([A-Z]+)([0-9]+)", found.cell)
    column, row = (cell[1], int(cell[2])) if cell else ("", 0)
    return SHEET_ORDER.get(found.sheet, 9), row, len(column), column
