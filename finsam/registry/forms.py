"""Searching the register and the events; wrong values are left out, not punished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from finsam.fields import DayField
from finsam.forms import DomainForm


class RegisterSearch(forms.Form):
    """Words and year."""

    q = forms.CharField(label="Sök i diariet", required=False, max_length=100)
    year = forms.TypedChoiceField(label="År", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = self.fields["year"]
        assert isinstance(year, forms.ChoiceField)  # noqa: S101 - for the type checker
        year.choices = [("", "Alla år"), *((each, str(each)) for each in years)]


class SecrecyForm(DomainForm):
    section = forms.CharField(
        label="Sekretess enligt", max_length=80, help_text="Till exempel OSL 26:1."
    )


class EventSearch(forms.Form):
    """Case, person and days."""

    case = forms.CharField(label="Diarienummer", required=False, max_length=40)
    actor = forms.CharField(label="Person", required=False, max_length=100)
    first = DayField(label="Från och med", required=False)
    last = DayField(label="Till och med", required=False)

    def clean_first(self) -> date | None:
        return _of_our_time(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _of_our_time(self.cleaned_data["last"])


def asked(form: forms.Form) -> dict[str, Any]:
    """What was asked for in a form that need not be right: only the fields that were."""
    form.is_valid()
    return form.cleaned_data


def _of_our_time(day: date | None) -> date | None:
    """Days at the ends of the calendar cannot be turned into moments; nothing happened then."""
    return day if day is not None and 1900 <= day.year <= 2200 else None
