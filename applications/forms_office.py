"""The office's forms: filter, completion, the association's settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.db.models import Q

from applications.looks import APPLICATION
from applications.models import ApplicationState, ApplicationTemplate, Round, Section
from applications.queries import ApplicationQuerySet
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.fields import DayField, LongText, LongTextField
from finsam.people.models import User
from finsam.registry.events import record_event

if TYPE_CHECKING:
    _AssociationForm = forms.ModelForm[Association]
else:
    _AssociationForm = forms.ModelForm

SHOWN_STATES = [state for state in ApplicationState if state != ApplicationState.DRAFT]


class ExtensionForm(forms.Form):
    """More time for one applicant, with the reason."""

    member = forms.ModelChoiceField(
        label="Vem får längre tid?", queryset=Member.objects.none(), empty_label="Välj medlem"
    )
    last_day = DayField(label="Ny sista dag")
    reason = LongTextField(label="Skäl", max_length=1000, widget=LongText({"rows": "3"}))

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = association.members.filter(  # type: ignore[attr-defined]
            is_active=True
        ).order_by("position", "name")


class FilterForm(forms.Form):
    q = forms.CharField(label="Sök", required=False, max_length=80)
    lage = forms.ChoiceField(
        label="Läge",
        required=False,
        choices=[
            ("", "Alla lägen"),
            *((state.value, APPLICATION[state].text) for state in SHOWN_STATES),
        ],
    )
    omgang = forms.ModelChoiceField(
        label="Omgång", required=False, queryset=Round.objects.none(), empty_label="Alla omgångar"
    )
    hide_optional = True

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["omgang"].queryset = Round.objects.filter(association=association)  # type: ignore[attr-defined]

    def narrow(self, found: ApplicationQuerySet) -> ApplicationQuerySet:
        """Only what the form asks for."""
        text, state = self.cleaned_data["q"], self.cleaned_data["lage"]
        round_ = self.cleaned_data["omgang"]
        if text:
            named = Q(title__icontains=text) | Q(case__number__icontains=text)
            found = found.filter(named | Q(parties__name__icontains=text)).distinct()
        if state:
            found = found.filter(state=state)
        return found.filter(round=round_) if round_ else found


class SupplementForm(forms.Form):
    sections = forms.ModelMultipleChoiceField(
        label="Avsnitt som ska kompletteras",
        queryset=Section.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst ett avsnitt."},
    )
    message = LongTextField(label="Vad behöver kompletteras?", max_length=4000)
    last_day = DayField(label="Sista dag")

    def __init__(self, *args: Any, template: ApplicationTemplate, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"last_day": clock.today() + timedelta(days=14)})
        super().__init__(*args, **kwargs)
        self.fields["sections"].queryset = template.sections.all()  # type: ignore[attr-defined]


class AssociationForm(_AssociationForm):
    class Meta:
        model = Association
        fields = (
            "name", "short_name", "initials", "headline", "lead", "email", "phone", "address",
            "office_name", "director_title",
            "council_name", "board_name", "dispatch_days", "remote_participation",
            "public_register", "colour",
        )  # fmt: skip
        widgets = {
            "lead": forms.Textarea(attrs={"rows": 3}),
            "address": forms.Textarea(attrs={"rows": 3}),
        }

    def record(self, actor: User) -> None:
        """Save and tell which fields were changed."""
        with transaction.atomic():
            association = self.save()
            record_event(
                association=association,
                actor=actor,
                action="association_changed",
                obj=association,
                payload={"fields": sorted(self.changed_data)},
            )
