"""Forms of a social investment's return: the plan row by row, and a year of a unit settled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from budgets.forms import RefusableForm
from budgets.models import PlannedReturn
from budgets.returns import MOST_ROWS, ReturnRow, share_of
from finsam.fields import LongText, MoneyField

EMPTY_ROWS = 3
PARTS = {
    "unit": "Enhet",
    "year": "År",
    "expected_saving": "Väntad besparing, kr",
    "share": "Andel, %",
}


class ReasonForm(RefusableForm):
    """Why a plan is changed, or a settled year taken back."""

    reason = forms.CharField(label="Varför?", max_length=2000, required=False, widget=LongText)


class AnnulForm(ReasonForm):
    """Why a settled year is taken back, and which settling of it."""

    made = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(ReasonForm):
    """The plan row by row: an emptied row is taken away, and empty ones stand ready below."""

    rows_shown = forms.IntegerField(widget=forms.HiddenInput, max_value=MOST_ROWS, min_value=1)
    read_at = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, given: Sequence[ReturnRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = min(len(given) + EMPTY_ROWS, MOST_ROWS)
        if self.is_bound and str(self.data.get("rows_shown", "")).isdecimal():
            shown = min(int(self.data["rows_shown"]), MOST_ROWS)
        self.fields["rows_shown"].initial = shown
        self.count = shown
        for at in range(shown):
            row = given[at] if at < len(given) else None
            self.fields |= {f"{part}_{at}": field for part, field in _fields(at, row).items()}

    @property
    def lines(self) -> list[list[tuple[forms.BoundField, str, str]]]:
        """The fields of each row with what stands in them, under the headings of the columns."""
        return [
            [
                (field, field.field.widget.format_value(field.value()) or "", heading)
                for part, heading in PARTS.items()
                if (field := self[f"{part}_{at}"])
            ]
            for at in range(self.count)
        ]

    @property
    def rows(self) -> list[ReturnRow]:
        """The rows that are filled in, of a valid form."""
        said = self.cleaned_data
        return [
            ReturnRow(
                said[f"unit_{at}"],
                said[f"year_{at}"],
                said[f"expected_saving_{at}"],
                said[f"share_{at}"],
            )
            for at in range(self.count)
            if said[f"unit_{at}"]
        ]

    def read_again(self) -> None:
        """Who has been told of another plan and sends the form again means it."""
        self.data = {**self.data.dict(), "read_at": self.initial["read_at"]}  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for at in range(self.count):
            names = [f"{part}_{at}" for part in PARTS]
            empty = [name for name in names if said.get(name) in (None, "")]
            if len(empty) < len(names):
                for name in empty:
                    if name not in self.errors:
                        self.add_error(name, f"Fyll i {self.fields[name].label}, eller töm raden.")
        return said


def _fields(at: int, row: ReturnRow | None) -> dict[str, forms.Field]:
    where = f", rad {at + 1}"
    return {
        "unit": forms.CharField(
            label=f"enhet{where}",
            max_length=160,
            required=False,
            initial=row.unit if row else "",
        ),
        "year": forms.IntegerField(
            label=f"år{where}",
            min_value=1994,
            max_value=2100,
            required=False,
            initial=row.year if row else None,
        ),
        "expected_saving": MoneyField(
            label=f"väntad besparing{where}",
            required=False,
            initial=row.expected_saving if row else None,
        ),
        "share": forms.DecimalField(
            label=f"andel{where}",
            min_value=Decimal("0.01"),
            max_value=100,
            decimal_places=2,
            required=False,
            localize=True,
            initial=row.share.normalize() if row else None,
        ),
    }


class SettleForm(RefusableForm):
    """What a unit saved in a year, and what it has returned."""

    actual_saving = MoneyField(label="Verklig besparing")
    amount = MoneyField(label="Återförs till fonden")
    explanation = forms.CharField(
        label="Förklaring",
        help_text="Behövs när besparingen blev mindre än planen eller andelen en annan.",
        max_length=2000,
        required=False,
        widget=LongText,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, planned: PlannedReturn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actual_saving"].initial = planned.expected_saving
        self.fields["amount"].initial = share_of(planned.expected_saving, planned.share)
