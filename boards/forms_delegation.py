"""The form of a delegated decision."""

from __future__ import annotations

from typing import Any

from django import forms

from boards.models import DelegateFunction
from finsam import clock
from finsam.associations.models import Association
from finsam.fields import DayField, LongTextField
from finsam.people.models import Role, RoleKind, User


class DelegatedForm(forms.Form):
    subject = forms.CharField(label="Ärende", max_length=240)
    text = LongTextField(label="Beslut", max_length=4000)
    decided_by = forms.ModelChoiceField(
        label="Beslutat av", queryset=User.objects.none(), empty_label=None
    )
    function = forms.ChoiceField(label="Som", choices=DelegateFunction.choices)
    decided_on = DayField(label="Beslutsdag")
    basis = forms.CharField(
        label="Punkt i delegationsordningen", max_length=120, help_text="Till exempel: punkt 3.2"
    )

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        kwargs["initial"] = {"decided_on": clock.today(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        kinds = (RoleKind.DIRECTOR, RoleKind.CHAIR)
        held = Role.objects.held_on(clock.today()).filter(association=association, kind__in=kinds)
        people = User.objects.filter(pk__in=held.values("user")).order_by("name")
        self.fields["decided_by"].queryset = people  # type: ignore[attr-defined]
