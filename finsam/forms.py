"""What our forms have in common."""

from __future__ import annotations

from typing import Any

from django import forms

from finsam.errors import DomainError
from finsam.personal_numbers import masked, personal_numbers


class DomainForm(forms.Form):
    """A form that takes the domain's refusals as its own errors."""

    def add_domain_error(self, error: DomainError) -> None:
        """Show the refusal at the field that it names, or above the form."""
        add_domain_error(self, error)


class SaysNoPersonalNumber(forms.Form):
    """A form whose `body` is sent to others: a personal identity number in it is asked about once.

    With one in the text the form gets a box to tick, for what only looks like one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = personal_numbers(str(self.data.get("body", ""))) if self.is_bound else []
        if self.numbers:
            self.fields["anyway"] = forms.BooleanField(
                label="Skicka ändå: det är inget personnummer, eller det måste stå där",
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.numbers and not said.get("anyway"):
            shown = ", ".join(masked(number) for number in dict.fromkeys(self.numbers))
            self.add_error(
                "body",
                f"Det ser ut att stå ett personnummer i texten ({shown}). Ta bort det: "
                "meddelanden hör till ärendet och kan lämnas ut.",
            )
        return said


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal at the field that it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
