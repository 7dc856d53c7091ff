"""The forms of changes: one for each kind that is asked for, the decision, and the delegation."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.changing import lines_of
from applications.models import Application, ApplicationParty, ChangeDelegation, ChangeKind
from applications.report_plan import effort_period
from finsam.associations.models import Member
from finsam.fields import DayField, LongTextField, MoneyField
from finsam.people.models import User
from finsam.typography import date_long


class ChangeForm(forms.Form):
    """What every kind asks for: why."""

    reason = LongTextField(
        label="Varför ändringen behövs", max_length=4000, help_text="Står i beslutet."
    )

    def __init__(self, *args: Any, application: Application, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application, self.actor = application, actor
        self.add_fields()
        self.order_fields([name for name in self.fields if name != "reason"])

    def add_fields(self) -> None:
        """The fields of the kind."""

    def said(self) -> dict[str, Any]:
        """What was filled in, as the capability takes it."""
        return dict(self.cleaned_data)


class TimeChangeForm(ChangeForm):
    ends_on = DayField(label="Insatsens nya sista dag")

    def add_fields(self) -> None:
        period = effort_period(self.application)
        if period is not None:
            self.fields["ends_on"].help_text = f"Nu är den {date_long(period[1])}."


class PartiesChangeForm(ChangeForm):
    joins = forms.ModelChoiceField(
        label="Part som går in", queryset=Member.objects.none(), required=False, empty_label="Ingen"
    )
    leaves = forms.ModelChoiceField(
        label="Part som lämnar",
        queryset=ApplicationParty.objects.none(),
        required=False,
        empty_label="Ingen",
    )

    def add_fields(self) -> None:
        staying = self.application.parties.filter(left_on=None)
        members = Member.objects.filter(association=self.application.association)
        self.fields["joins"].queryset = members.exclude(  # type: ignore[attr-defined]
            pk__in=staying.filter(member__isnull=False).values("member")
        )
        self.fields["leaves"].queryset = staying.filter(is_lead=False)  # type: ignore[attr-defined]


class SumsChangeForm(ChangeForm):
    """The amount of each budget line; together no more than the grant."""

    def add_fields(self) -> None:
        self.lines = {f"line-{line.pk}": line for line in lines_of(self.application, self.actor)}
        for name, line in self.lines.items():
            self.fields[name] = MoneyField(label=line.label, initial=line.amount)

    def said(self) -> dict[str, Any]:
        amounts = {line.key: self.cleaned_data[name] for name, line in self.lines.items()}
        return {"reason": self.cleaned_data["reason"], "amounts": amounts}


class GoalsChangeForm(ChangeForm):
    goals = LongTextField(label="Målen i den nya lydelsen", max_length=8000)


FORMS: dict[str, type[ChangeForm]] = {
    ChangeKind.TIME: TimeChangeForm,
    ChangeKind.PARTIES: PartiesChangeForm,
    ChangeKind.SUMS: SumsChangeForm,
    ChangeKind.GOALS: GoalsChangeForm,
}


class ChangeDecisionForm(forms.Form):
    """The director's decision within the delegation."""

    outcome = forms.ChoiceField(
        label="Beslut",
        choices=[("approve", "Godkänn"), ("refuse", "Avslå")],
        widget=forms.RadioSelect,
    )
    decision = LongTextField(
        label="Skäl", max_length=2000, help_text="Parterna läser det, och styrelsen får det anmält."
    )


class DelegationForm(forms.Form):
    """Which kinds of change the director decides on the board's behalf."""

    kinds = forms.MultipleChoiceField(
        label="Chefen beslutar om",
        choices=ChangeKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Övriga ändringar går till styrelsen. Ett högre belopp gör det alltid.",
    )
    basis = forms.CharField(label="Punkt i delegationsordningen", max_length=120, required=False)

    def __init__(self, *args: Any, delegation: ChangeDelegation, **kwargs: Any) -> None:
        kwargs["initial"] = {"kinds": delegation.kinds, "basis": delegation.basis}
        super().__init__(*args, **kwargs)
