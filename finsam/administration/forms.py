"""The administrator's forms: a role from a day to a day, a member, a notice board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet

from finsam import clock
from finsam.associations.models import Association, Member, NoticeBoard
from finsam.fields import DayField
from finsam.forms import DomainForm
from finsam.people.models import Role, RoleKind

if TYPE_CHECKING:
    _MemberForm = forms.ModelForm[Member]
    _NoticeBoardForm = forms.ModelForm[NoticeBoard]
else:
    _MemberForm = _NoticeBoardForm = forms.ModelForm


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
