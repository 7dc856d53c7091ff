"""The office's forms of the national follow-up: direction and method per type, and the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from applications.models import EffortType, NationalEntry
from budgets.forms import RefusableForm
from finsam import clock
from finsam.fields import DayField


class NationalForm(RefusableForm):
    """For each type whether the effort is of it, and its direction and method."""

    def __init__(self, *args: Any, entries: Sequence[NationalEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {entry.type: entry for entry in entries}
        for kind in EffortType:
            entry = kept.get(kind)
            locked = bool(entry and entry.registered_on)
            self.fields[f"ar-{kind.value}"] = forms.BooleanField(
                label=f"Insatsen är en {kind.label.lower()}",
                required=False,
                initial=entry is not None,
                disabled=locked,
            )
            for name, label in (("direction", "Inriktning"), ("method", "Metod")):
                self.fields[f"{name}-{kind.value}"] = forms.CharField(
                    label=f"{label} för {kind.label.lower()}en",
                    required=False,
                    max_length=200,
                    initial=getattr(entry, name, ""),
                    disabled=locked,
                )

    @property
    def said(self) -> dict[str, tuple[str, str]]:
        """Direction and method by type, for the types that are ticked."""
        given = self.cleaned_data
        return {
            kind.value: (given[f"direction-{kind.value}"], given[f"method-{kind.value}"])
            for kind in EffortType
            if given[f"ar-{kind.value}"]
        }


class RegisteredForm(RefusableForm):
    """The day when the effort was registered in the national system."""

    on = DayField(label="Registrerad den", initial=clock.today)
