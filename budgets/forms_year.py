"""Forms of the year's plan: contributions with their keys, and the base financing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from budgets.base_financing import TeamShare
from budgets.contribution_keys import payers_of
from budgets.contributions import Payer
from budgets.forms import RefusableForm
from budgets.models import BaseFinancingShare, KeyBasis
from finsam.associations.models import Member
from finsam.fields import LongTextField, MoneyField
from finsam.typography import number

SPARE_ROWS = 3
BASES = [
    (KeyBasis.AGREED, KeyBasis.AGREED.label),
    (KeyBasis.POPULATION, KeyBasis.POPULATION.label),
    (KeyBasis.SHARES, "Samma andelar som året före"),
]


class ContributionsForm(RefusableForm):
    """What each member is to pay in the year, and the key within each kind of party."""

    total = MoneyField(
        label="Årets bidrag sammanlagt",
        required=False,
        help_text="Skriv summan och välj nyckel, så räknas beloppen fram.",
    )

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        planned: Mapping[int, int],
        bases: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        self.shared = [payer for payer, rows in payers_of(members).items() if len(rows) > 1]
        self.shared = [payer for payer in self.shared if payer is not Payer.STATE]
        for payer in self.shared:
            self.fields[f"key-{payer}"] = forms.ChoiceField(
                label=f"Nyckel inom {payer.label}",
                choices=BASES,
                initial=bases.get(str(payer), KeyBasis.AGREED),
                required=False,
            )
        for member in members:
            self.fields[f"member-{member.pk}"] = MoneyField(
                label=member.name, required=False, initial=planned.get(member.pk)
            )

    @property
    def amounts(self) -> dict[Member, int]:
        return {
            member: self.cleaned_data.get(f"member-{member.pk}") or 0 for member in self.members
        }

    @property
    def keys(self) -> dict[Payer, KeyBasis]:
        said = {payer: self.cleaned_data.get(f"key-{payer}") for payer in self.shared}
        return {payer: KeyBasis(basis) for payer, basis in said.items() if basis}

    def show(self, amounts: Mapping[Member, int]) -> None:
        """Put computed amounts into the fields, for the reader to look at before saving."""
        data = self.data.copy()  # type: ignore[attr-defined]
        for member, amount in amounts.items():
            data[f"member-{member.pk}"] = number(amount)
        self.data = data


class BaseFinancingForm(RefusableForm):
    """Rows of member, team and amount; a row without amount is left out."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        shares: Sequence[BaseFinancingShare],
        asks_reason: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        kept = [share for share in shares if share.amount]
        self.places = range(max(len(kept) + SPARE_ROWS, len(members)))
        self.members = {str(member.pk): member for member in members}
        choices = [("", "Välj"), *((pk, member.name) for pk, member in self.members.items())]
        for at in self.places:
            share = kept[at] if at < len(kept) else None
            self._add_row(at, share, choices)
        self.fields["reason"] = LongTextField(
            label="Vad som gäller sedan bidragen sänktes",
            required=False,
            max_length=2000,
            widget=None if asks_reason else forms.HiddenInput,
        )

    def _add_row(
        self, at: int, share: BaseFinancingShare | None, choices: list[tuple[str, str]]
    ) -> None:
        self.fields[f"member-{at}"] = forms.ChoiceField(
            label=f"Rad {at + 1}: myndighet",
            choices=choices,
            required=False,
            initial=str(share.member_id) if share else "",
        )
        self.fields[f"team-{at}"] = forms.CharField(
            label=f"Rad {at + 1}: konsultationsteam",
            max_length=120,
            required=False,
            initial=share.team if share else "",
        )
        self.fields[f"amount-{at}"] = MoneyField(
            label=f"Rad {at + 1}: belopp",
            required=False,
            initial=number(share.amount) if share else "",
        )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (self[f"member-{at}"], self[f"team-{at}"], self[f"amount-{at}"]) for at in self.places
        ]

    @property
    def shares(self) -> list[TeamShare]:
        said = self.cleaned_data
        return [
            TeamShare(
                self.members[said[f"member-{at}"]],
                said[f"team-{at}"],
                said[f"amount-{at}"],
            )
            for at in self.places
            if said.get(f"member-{at}") and said.get(f"amount-{at}")
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for at in self.places:
            if said.get(f"amount-{at}") and not said.get(f"member-{at}"):
                self.add_error(f"member-{at}", "Välj vilken myndighet beloppet gäller.")
        return said
