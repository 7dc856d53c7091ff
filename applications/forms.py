"""The applicant's small forms: parties, annexes, signatures, messages, sketches."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import PreliminaryAssessment
from finsam.associations.models import Member
from finsam.documents.guard import PURPOSES
from finsam.fields import LongTextField
from finsam.forms import DomainForm, SaysNoPersonalNumber


class BeginForm(DomainForm):
    member = forms.ModelChoiceField(
        Member.objects.none(), label="Vem är huvudman?", empty_label=None, widget=forms.RadioSelect
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        field.queryset = Member.objects.filter(pk__in=[m.pk for m in members])  # type: ignore[attr-defined]
        if len(members) == 1:
            field.initial = members[0].pk


class AddMemberForm(DomainForm):
    """A member of the association as one more party."""

    member = forms.TypedChoiceField(label="Medlem")

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = {str(member.pk): member for member in members}
        field = self.fields["member"]
        field.choices = [("", "Välj medlem"), *((pk, m.name) for pk, m in there.items())]  # type: ignore[attr-defined]
        field.coerce = there.__getitem__  # type: ignore[attr-defined]


class AddExternalForm(DomainForm):
    """Another actor, which takes part through the lead party."""

    external_name = forms.CharField(label="Organisationens namn", max_length=120)
    contact_name = forms.CharField(label="Kontaktperson", max_length=120, required=False)
    contact_email = forms.EmailField(label="Kontaktpersonens e-post", required=False)


class PartyForm(DomainForm):
    unit = forms.CharField(
        label="Enhet",
        max_length=160,
        required=False,
        help_text="Till exempel Arbetsmarknadsenheten.",
    )
    contact_name = forms.CharField(label="Kontaktperson", max_length=120, required=False)
    contact_email = forms.EmailField(label="Kontaktpersonens e-post", required=False)


class InviteForm(DomainForm):
    email = forms.EmailField(
        label="E-postadress",
        help_text="Personen får en länk som fungerar en gång, i 30 dagar.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class NewPersonForm(DomainForm):
    """Somebody who was invited and has no account."""

    name = forms.CharField(
        label="Ditt namn", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Välj ett lösenord",
        strip=False,
        help_text="Minst 12 tecken. En mening på några ord är lätt att minnas och svår att gissa.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AnnexForm(DomainForm):
    file = forms.FileField(
        label="Fil",
        help_text=f"{PURPOSES['annex'].in_words}, högst {PURPOSES['annex'].megabytes} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": PURPOSES["annex"].accept}),
        error_messages={"required": "Välj en fil först.", "empty": "Filen är tom."},
    )
    title = forms.CharField(
        label="Rubrik",
        max_length=160,
        required=False,
        help_text="Så heter bilagan i ansökan. Utan rubrik används filens namn.",
    )


class SignForm(DomainForm):
    password = forms.CharField(
        label="Ditt lösenord",
        strip=False,
        help_text="Skriv lösenordet en gång till. Det visar att det är du som skriver under.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    has_read = forms.BooleanField(
        label="Jag har läst ansökan och skriver under den",
        error_messages={"required": "Kryssa i att du har läst ansökan."},
    )


class DeclineForm(DomainForm):
    """Why the party does not sign the version that was read."""

    reason = LongTextField(
        label="Varför ansökan inte skrivs under",
        max_length=2_000,
        help_text="Alla som skriver i ansökan läser det. Kansliet gör det inte.",
        error_messages={"required": "Skriv varför ansökan inte skrivs under."},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PaperForm(DomainForm):
    """A signature page signed by hand."""

    signatory_name = forms.CharField(label="Namn på den som skrev under", max_length=120)
    signatory_title = forms.CharField(label="Befattning", max_length=120, required=False)
    file = forms.FileField(
        label="Den underskrivna sidan",
        help_text="Skannad eller fotograferad: PDF eller bild.",
        widget=forms.ClearableFileInput(attrs={"accept": PURPOSES["annex"].accept}),
        error_messages={"required": "Välj filen med den underskrivna sidan."},
    )


class SubmitForm(DomainForm):
    confirmed = forms.BooleanField(
        label="Uppgifterna stämmer, och vi lämnar in ansökan",
        error_messages={"required": "Kryssa i att uppgifterna stämmer."},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class SupplementForm(DomainForm):
    message = LongTextField(
        label="Meddelande till kansliet",
        required=False,
        max_length=2000,
        help_text="Berätta kort vad ni har ändrat.",
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class WithdrawForm(DomainForm):
    reason = LongTextField(
        label="Skäl",
        required=False,
        max_length=1000,
        help_text="Behövs inte, men hjälper kansliet att förstå.",
    )


class MessageForm(SaysNoPersonalNumber, DomainForm):
    body = LongTextField(label="Skriv till kansliet", max_length=10_000)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AnswerIdeaForm(DomainForm):
    assessment = forms.ChoiceField(
        label="Förhandsbedömning: passar medlen?",
        choices=[("", "Ingen bedömning än"), *PreliminaryAssessment.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    text = LongTextField(
        label="Svar",
        max_length=10_000,
        help_text="Råd, frågor och nästa steg. Avsändaren får ett meddelande om att svaret finns.",
    )
