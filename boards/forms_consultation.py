"""The forms of consultation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from boards.deadlines import CONSULTATION_DAYS, first_working_day
from boards.models import Body, BodyKind, Position
from finsam import clock
from finsam.fields import DayField, LongTextField


class AskForm(forms.Form):
    """Whom to ask, until when, and what in particular."""

    bodies = forms.MultipleChoiceField(
        label="Vilka ska yttra sig?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst en grupp som ska yttra sig."},
    )
    due_on = DayField(label="Sista dag")
    question = LongTextField(
        label="Fråga eller upplysning till dem som ska yttra sig", required=False, max_length=2000
    )

    def __init__(self, *args: Any, bodies: Sequence[Body], **kwargs: Any) -> None:
        day = first_working_day(clock.today() + timedelta(days=CONSULTATION_DAYS))
        kwargs["initial"] = {"due_on": day, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["bodies"].choices = [  # type: ignore[attr-defined]
            (str(body.pk), _named(body)) for body in bodies
        ]


class LastDayForm(forms.Form):
    due_on = DayField(label="Ny sista dag")


class StatementForm(forms.Form):
    """A member's own statement."""

    hide_optional = True
    position = forms.ChoiceField(
        label="Ställningstagande",
        choices=Position.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Välj om du stöder förslaget."},
    )
    text = LongTextField(
        label="Synpunkter",
        required=False,
        max_length=8000,
        help_text="Följer med till styrelsen. Skriv inget som rör enskilda deltagare.",
    )


def _named(body: Body) -> str:
    if body.kind == BodyKind.COUNCIL:
        return f"{body.name} (tidig syn på idén)"
    return f"{body.name} ({body.municipality})" if body.municipality else body.name
