"""The forms of an early termination: the proposal, and on which meeting it is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from applications.models import Termination, TerminationGround
from boards.models import Meeting
from finsam.fields import DayField, LongTextField
from finsam.typography import moment_long


def _meeting_field(meetings: Iterable[Meeting], *, required: bool) -> forms.ChoiceField:
    choices = [(str(one.pk), f"{one.body.name}, {moment_long(one.starts_at)}") for one in meetings]
    if not required:
        choices = [*choices, ("", "Inget möte än")]
    return forms.ChoiceField(label="Tas upp på", choices=choices, required=required)


class TerminationForm(forms.Form):
    """What the board is asked to decide; with a meeting while it is new."""

    ground = forms.ChoiceField(
        label="Grund", choices=TerminationGround.choices, widget=forms.RadioSelect
    )
    reason = LongTextField(
        label="Motivering",
        max_length=4000,
        help_text="Vad som har hänt och varför insatsen inte kan fortsätta. Står i ärendet och i "
        "beslutsbrevet.",
    )
    stops_on = DayField(
        label="Finansieringen upphör från och med",
        help_text="Kostnader till och med dagen före betalas.",
    )
    claims_until = DayField(label="Sista dag för slutrekvisition")
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        meetings: Iterable[Meeting] | None = None,
        termination: Termination | None = None,
        **kwargs: Any,
    ) -> None:
        if termination is not None:
            names = ("ground", "reason", "stops_on", "claims_until", "revision")
            kwargs["initial"] = {name: getattr(termination, name) for name in names}
        super().__init__(*args, **kwargs)
        if meetings is not None:
            self.fields["meeting"] = _meeting_field(meetings, required=False)

    def clean_ground(self) -> TerminationGround:
        return TerminationGround(self.cleaned_data["ground"])


class AgendaForm(forms.Form):
    """On which of the board's meetings it is taken up."""

    def __init__(self, *args: Any, meetings: Iterable[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = _meeting_field(meetings, required=True)
