"""The forms of the agreement: its free clauses, a signature, a page on paper, and the start."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from boards.agreement_content import texts_of
from boards.models import Agreement
from finsam import clock
from finsam.documents.guard.purposes import PURPOSES
from finsam.fields import DayField, LongTextField

ASSOCIATION = "0"
HELP = {
    "purpose": "Från ansökan. Korta gärna ned.",
    "roles": "Vem leder, vem har arbetsgivaransvar och vilka sitter i styrgruppen.",
    "reporting": "Dagar för delårsrapport och slutrapport, och vad som mäts.",
    "other": "Lämna tomt om inget mer är bestämt.",
}


class AgreementForm(forms.Form):
    """What is written freely; sums, parties and period are not here."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        kwargs["initial"] = {"revision": agreement.revision, **agreement.texts}
        super().__init__(*args, **kwargs)
        for key, heading in texts_of(agreement).items():
            self.fields[key] = LongTextField(
                label=heading, max_length=12_000, required=key != "other", help_text=HELP[key]
            )


class SeenForm(forms.Form):
    """Any act on a version: the hash of what was read. `what` is the agreement or its addendum."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, seen: str, what: str = "avtalet", **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": seen}
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = str(field.label or "").format(what=what) or None


class PartyForm(SeenForm):
    """Any act for one of those who sign."""

    party = forms.ChoiceField(label="För")

    def __init__(self, *args: Any, parties: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["party"]
        field.choices = parties
        if len(parties) == 1:
            field.widget = forms.HiddenInput()
            field.initial = parties[0][0]


class AgreementSignForm(PartyForm):
    has_read = forms.BooleanField(
        label="Jag har läst {what} och skriver under det",
        error_messages={"required": "Kryssa i att du har läst det som du skriver under."},
    )
    password = forms.CharField(
        label="Ditt lösenord",
        strip=False,
        help_text="Skriv lösenordet en gång till. Det visar att det är du som skriver under.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class DeclineForm(PartyForm):
    reason = LongTextField(
        label="Varför {what} inte skrivs under", max_length=2000, help_text="Kansliet läser det."
    )


class TakeBackForm(SeenForm):
    reason = LongTextField(
        label="Varför {what} tas tillbaka", max_length=2000, help_text="Parterna läser det."
    )


class AgreementPaperForm(PartyForm):
    """A page signed by hand that has come to the office."""

    signatory_name = forms.CharField(label="Namn på den som skrev under", max_length=120)
    signatory_title = forms.CharField(label="Befattning", max_length=120, required=False)
    file = forms.FileField(
        label="Den underskrivna sidan",
        help_text="Skannad eller fotograferad: PDF eller bild.",
        widget=forms.ClearableFileInput(attrs={"accept": PURPOSES["annex"].accept}),
        error_messages={"required": "Välj filen med den underskrivna sidan."},
    )
    original_received = forms.BooleanField(label="Originalet är mottaget", required=False)


class StartForm(forms.Form):
    """When the effort began; before the last signature only when one says that it was so."""

    started_on = DayField(label="Insatsen börjar")

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        kwargs["initial"] = {"started_on": clock.today()}
        super().__init__(*args, **kwargs)
        if self._is_early(agreement):
            self.fields["although_unsigned"] = forms.BooleanField(
                label="Insatsen började innan alla hade skrivit under",
                required=False,
                help_text="Det står sedan som en varning på avtalet.",
            )

    def _is_early(self, agreement: Agreement) -> bool:
        try:
            day = date.fromisoformat(self.data.get("started_on", ""))
        except ValueError:
            return False
        signed_at = agreement.signed_at
        return signed_at is not None and day < clock.stockholm(signed_at).date()
