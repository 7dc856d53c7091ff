"""Forms around minutes and memos: corrections, and files that come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from boards.forms import ShortText
from boards.models import Meeting
from finsam.fields import LongTextField


class CorrectionForm(forms.Form):
    """At which meeting, and how it shall read instead."""

    meeting = forms.ChoiceField(label="Tas upp på", error_messages={"required": "Välj ett möte."})
    text = LongTextField(
        label="Så ska det stå",
        help_text="Skriv hela rättelsen så att den kan läsas för sig. Den blir förslaget till "
        "beslut.",
        max_length=4000,
        widget=ShortText,
        error_messages={"required": "Skriv hur det ska stå i stället."},
    )

    def __init__(self, *args: Any, meetings: Sequence[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.pk), str(one)) for one in meetings]
        self.fields["meeting"].choices = choices  # type: ignore[attr-defined]


class WordFileForm(forms.Form):
    """One Word file."""

    file = forms.FileField(
        label="Ändrad Word-fil",
        help_text="Filen jämförs med portalen först. Inget ändras förrän du har valt.",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={"required": "Välj filen."},
    )
