"""What our forms have in common."""

from __future__ import annotations

from django import forms

from finsam.errors import DomainError


class DomainForm(forms.Form):
    """A form that takes the domain's refusals as its own errors."""

    def add_domain_error(self, error: DomainError) -> None:
        """Show the refusal at the field that it names, or above the form."""
        add_domain_error(self, error)


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal at the field that it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
