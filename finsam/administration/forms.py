"""The administrator's forms: a role from a day to a day, a member, a notice board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet

from finsam import clock
from finsam.administration.founding import Founding
from finsam.associations.models import Association, AssociationKind, Member, NoticeBoard
from finsam.fields import DayField, LongText
from finsam.forms import DomainForm
from finsam.people.models import ERASED_ADDRESS, Role, RoleKind

if TYPE_CHECKING:
    _MemberForm = forms.ModelForm[Member]
    _NoticeBoardForm = forms.ModelForm[NoticeBoard]
else:
    _MemberForm = _NoticeBoardForm = forms.ModelForm


LONGEST_NAME = 120


class RoleForm(DomainForm):
    email = forms.EmailField(
        label="E-post", help_text="Adressen som personen loggar in med.", max_length=254
    )
    name = forms.CharField(
        label="Namn",
        max_length=120,
        required=False,
        help_text="Behövs bara om personen inte finns i portalen.",
    )
    kind = forms.ChoiceField(label="Roll", choices=RoleKind)
    member = forms.ModelChoiceField(
        Member.objects.none(),
        label="För medlem",
        required=False,
        empty_label="Ingen särskild medlem",
        help_text="Måste väljas för sökande och firmatecknare.",
    )
    valid_from = DayField(label="Från och med")
    valid_to = DayField(
        label="Till och med", required=False, help_text="Tomt betyder tills vidare."
    )
    delegation = forms.CharField(
        label="Stöd för behörigheten",
        max_length=200,
        required=False,
        help_text="För firmatecknare: till exempel delegationsbeslutets nummer.",
    )

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"valid_from": clock.today()})
        super().__init__(*args, **kwargs)
        members = association.members.filter(is_active=True)
        self.fields["member"].queryset = members  # type: ignore[attr-defined]

    def clean_kind(self) -> RoleKind:
        return RoleKind(self.cleaned_data["kind"])


class FoundingForm(DomainForm):
    """A new association; members one a line."""

    name = forms.CharField(label="Namn", max_length=120, help_text="Som i förbundsordningen.")
    short_name = forms.CharField(label="Kortnamn", max_length=60, help_text="Till exempel orten.")
    slug = forms.SlugField(
        label="Adress",
        max_length=60,
        help_text="Det som står i webbadressen, med små bokstäver. Kan inte ändras sedan.",
    )
    kind = forms.ChoiceField(label="Slag", choices=AssociationKind)
    register_prefix = forms.CharField(
        label="Prefix i diarienummer",
        max_length=12,
        help_text="Några bokstäver före årtalet. Kan inte ändras sedan.",
    )
    email = forms.EmailField(label="Förbundets e-post")
    regions = forms.CharField(
        label="Regioner", required=False, widget=LongText, help_text="En på varje rad."
    )
    municipalities = forms.CharField(
        label="Kommuner",
        required=False,
        widget=LongText,
        help_text="En på varje rad. Skriv gärna antalet invånare efter ett semikolon: bidragen "
        "kan då fördelas efter det.",
    )
    administrator_name = forms.CharField(label="Administratörens namn", max_length=120)
    administrator_email = forms.EmailField(label="Administratörens e-post")
    hide_optional = True

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).lower()

    def clean_regions(self) -> list[str]:
        return _lines(self.cleaned_data["regions"])

    def clean_municipalities(self) -> list[tuple[str, int | None]]:
        found: list[tuple[str, int | None]] = []
        for line in _lines(self.cleaned_data["municipalities"]):
            name, _, count = (part.strip() for part in line.partition(";"))
            digits = "".join(count.split())
            if digits and not (digits.isascii() and digits.isdecimal() and len(digits) < 9):
                raise forms.ValidationError(f"”{line}”: skriv antalet invånare med siffror.")
            found.append((name, int(digits) if digits else None))
        return found

    @property
    def said(self) -> Founding:
        """What a valid form says."""
        values = dict(self.cleaned_data)
        return Founding(**{**values, "kind": AssociationKind(values["kind"])})


def _lines(text: str) -> list[str]:
    """The lines that say something. Raises ValidationError for one that is no name."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for line in lines:
        if len(line) > LONGEST_NAME:
            raise forms.ValidationError(f"”{line[:40]}…” är för långt. Skriv ett namn på raden.")
    return lines


class PersonForm(DomainForm):
    name = forms.CharField(label="Namn", max_length=120, required=False)
    email = forms.EmailField(label="E-post", max_length=254, required=False)
    hide_optional = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned["name"] and not cleaned["email"]:
            self.add_error("name", "Skriv personens namn, e-postadress eller båda.")
        return cleaned


class RoleFilterForm(forms.Form):
    q = forms.CharField(label="Sök person eller medlem", max_length=80, required=False)
    roll = forms.ChoiceField(
        label="Roll", required=False, choices=[("", "Alla roller"), *RoleKind.choices]
    )
    hide_optional = True

    def narrow(self, rows: QuerySet[Role]) -> QuerySet[Role]:
        """Only what the form asks for."""
        if not self.is_valid():
            return rows
        if text := self.cleaned_data["q"]:
            named = Q(user__name__icontains=text) | Q(user__email__icontains=text)
            named &= ~Q(user__email__endswith=ERASED_ADDRESS)
            rows = rows.filter(named | Q(member__name__icontains=text))
        kind = self.cleaned_data["roll"]
        return rows.filter(kind=kind) if kind else rows


class EndRoleForm(DomainForm):
    WHEN = (("now", "Nu genast"), ("day", "Efter en viss dag"))
    when = forms.ChoiceField(
        label="När ska rollen upphöra?", choices=WHEN, widget=forms.RadioSelect, initial="now"
    )
    last_day = DayField(label="Sista dagen som rollen gäller", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("when") == "day" and not cleaned.get("last_day"):
            self.add_error("last_day", "Välj vilken dag som är den sista.")
        return cleaned


class MemberForm(_MemberForm):
    class Meta:
        model = Member
        fields = ("name", "short_name", "kind", "organisation_number", "population", "position",
                  "is_active")  # fmt: skip


class NoticeBoardForm(_NoticeBoardForm):
    address = forms.URLField(label="Webbadress", required=False, assume_scheme="https")

    class Meta:
        model = NoticeBoard
        fields = ("name", "email", "address")
