"""The form of the public page where anyone checks a document."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row, Submit
from django import forms

from finsam.documents.verification import plain_code

GREATEST_FILE = 250 * 1024 * 1024


class CheckForm(forms.Form):
    """A file, or the id and the code that stand at the foot of the document."""

    hide_optional = True
    file = forms.FileField(
        label="Handlingen som fil",
        required=False,
        help_text="PDF eller Word. Filen jämförs och sparas inte.",
    )
    short_id = forms.CharField(
        label="Handlingens id",
        required=False,
        max_length=40,
        help_text="Åtta tecken längst ned på varje sida, till exempel K7QF-2M9D.",
    )
    check_code = forms.CharField(
        label="Kod", required=False, max_length=40, help_text="Åtta tecken efter ordet kod."
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.layout = Layout(
            Fieldset("Med filen", "file"),
            Fieldset("Eller med id och kod", Row("short_id", "check_code")),
        )
        helper.add_input(Submit("check", "Kontrollera"))
        return helper

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > GREATEST_FILE:
            raise forms.ValidationError("Filen är större än någon handling härifrån.")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("file") or self.errors:
            return cleaned
        if not plain_code(cleaned.get("short_id", "")):
            self.add_error("short_id", "Skriv handlingens id, eller välj en fil.")
        elif not plain_code(cleaned.get("check_code", "")):
            self.add_error("check_code", "Skriv också koden, som står efter id:t.")
        return cleaned


class LetterheadForm(forms.Form):
    """A Word template or a logo that is sent in."""

    file = forms.FileField(label="Fil", error_messages={"required": "Välj filen först."})

    def __init__(self, *args: Any, accept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = accept
