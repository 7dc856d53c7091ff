"""What the office marks before a document is handed out, by section, or why it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from finsam.documents.release.masks import Mask
from finsam.forms import DomainForm

GROUPS = 3
SHORTEST = 3
PAGES = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?")


class MaskForm(DomainForm):
    """Three sections, each with what is masked by it: words line by line, and whole pages."""

    hide_optional = True

    def __init__(self, *args: Any, pages: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages = pages
        for number in range(1, GROUPS + 1):
            self.fields[f"section_{number}"] = forms.CharField(
                label="Sekretess enligt",
                max_length=60,
                required=False,
                help_text="Till exempel OSL 26:1. Det står i stället för det som maskeras.",
            )
            self.fields[f"words_{number}"] = forms.CharField(
                label="Ord och meningar",
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text="En per rad. De maskeras överallt i handlingen.",
            )
            self.fields[f"pages_{number}"] = forms.CharField(
                label="Hela sidor", required=False, max_length=60, help_text="Till exempel 2, 5–6."
            )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = Layout(
            *(
                Fieldset(
                    f"Grund {number}", f"section_{number}", f"words_{number}", f"pages_{number}"
                )
                for number in range(1, GROUPS + 1)
            )
        )
        return helper

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for number in range(1, GROUPS + 1):
            lines = _lines(said.get(f"words_{number}", ""))
            pages = said.get(f"pages_{number}", "")
            if (lines or pages) and not said.get(f"section_{number}"):
                self.add_error(f"section_{number}", "Skriv vilken sekretessregel det gäller.")
            short = next((line for line in lines if len(line) < SHORTEST), None)
            if short is not None:
                self.add_error(
                    f"words_{number}", f"”{short}” är för kort. Skriv minst {SHORTEST} tecken."
                )
            if pages and _numbers(pages, self.pages) is None:
                self.add_error(
                    f"pages_{number}",
                    f"Skriv sidnummer mellan 1 och {self.pages}, till exempel 2, 5–6.",
                )
        return said

    def masks(self) -> list[Mask]:
        """What is marked in a form that is valid."""
        return [mask for number in range(1, GROUPS + 1) for mask in self._group(number)]

    def _group(self, number: int) -> Iterator[Mask]:
        section = " ".join(self.cleaned_data[f"section_{number}"].split())
        for line in _lines(self.cleaned_data[f"words_{number}"]):
            yield Mask(section, words=line)
        for page in _numbers(self.cleaned_data[f"pages_{number}"], self.pages) or []:
            yield Mask(section, page=page)


class RefusalForm(DomainForm):
    section = forms.CharField(
        label="Sekretess enligt", max_length=80, help_text="Till exempel OSL 26:1."
    )
    reason = forms.CharField(
        label="Skäl för beslutet",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Står i beslutet. Skriv det så att inget hemligt framgår.",
    )


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := " ".join(each.split()))]


def _numbers(text: str, most: int) -> list[int] | None:
    """The pages that are named, each once; None when it cannot be read or a page is not there."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]*,[,\s]*", text.strip())):
        match = PAGES.fullmatch(part)
        if match is None:
            return None
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(found) if all(1 <= page <= most for page in found) else None
