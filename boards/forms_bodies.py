"""The forms of bodies and seats."""

from __future__ import annotations

from typing import Any

from django import forms

from boards.models import Body, BodyKind, SeatFunction
from finsam import clock
from finsam.associations.models import Association, Member, PartyKind
from finsam.fields import DayField


class BodyForm(forms.Form):
    name = forms.CharField(label="Namn", max_length=120)
    kind = forms.ChoiceField(label="Slag", choices=BodyKind.choices)
    municipality = forms.ModelChoiceField(
        label="Kommun",
        queryset=Member.objects.none(),
        required=False,
        empty_label="Hela området",
        help_text="För en lokal samrådsgrupp: den kommun vars ärenden gruppen yttrar sig om.",
    )

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = BodyKind.choices
        if association.bodies.filter(kind=BodyKind.BOARD).exists():
            choices = [one for one in choices if one[0] != BodyKind.BOARD]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = association.members.filter(  # type: ignore[attr-defined]
            kind=PartyKind.MUNICIPALITY, parent=None, is_active=True
        ).order_by("position")


class SeatForm(forms.Form):
    member = forms.ModelChoiceField(
        label="Utsedd av", queryset=Member.objects.none(), empty_label="Välj medlem"
    )
    function = forms.ChoiceField(label="Uppdrag", choices=SeatFunction.choices)
    email = forms.EmailField(
        label="E-post",
        help_text="Har personen redan ett konto räcker adressen. Annars läggs ett konto upp.",
    )
    name = forms.CharField(label="Namn", max_length=120, required=False)
    valid_from = DayField(label="Från och med")
    valid_to = DayField(label="Till och med", required=False)

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        kwargs["initial"] = {"valid_from": clock.today(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        members = body.association.members.filter(parent=None, is_active=True)
        if body.kind == BodyKind.BOARD:
            members = members.exclude(kind=PartyKind.EXTERNAL)
        else:
            self.fields["member"].required = False
        self.fields["member"].queryset = members.order_by("position")  # type: ignore[attr-defined]


class EndSeatForm(forms.Form):
    last_day = DayField(label="Sista dag")
