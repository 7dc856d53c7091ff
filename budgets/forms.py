"""Forms for setting up a year: contributions, payments, pools and frames."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from budgets.frames import PlannedLot
from budgets.models import Account, Contribution, Pool, PoolKind
from finsam.associations.models import Member
from finsam.errors import DomainError
from finsam.fields import MoneyField
from finsam.typography import kronor


class RefusableForm(forms.Form):
    """A form that can show what a capability refused, at its field where that is known."""

    hide_optional = True

    def add_refusal(self, error: DomainError) -> None:
        self.add_error(error.field if error.field in self.fields else None, error.message)


class PaymentForm(RefusableForm):
    """Money that a member has paid in."""

    contribution = forms.ModelChoiceField(
        label="Medlem", queryset=Contribution.objects.none(), empty_label="Välj medlem"
    )
    amount = MoneyField(label="Belopp", least=1)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, contributions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["contribution"]
        choice.queryset = contributions  # type: ignore[attr-defined]
        choice.label_from_instance = _unpaid_words  # type: ignore[attr-defined]


class DivideForm(RefusableForm):
    """How much of the year each pool is to have in all, and what is saved as equity."""

    base_financing = MoneyField(label="Basfinansiering", required=False)
    efforts = MoneyField(label="Individuella och strukturella insatser", required=False)
    to_equity = MoneyField(
        label="Till eget kapital", required=False, help_text="Det som sparas till kommande år."
    )

    @property
    def pools(self) -> dict[PoolKind, int]:
        return {kind: self.cleaned_data.get(str(kind)) or 0 for kind in PoolKind}

    @property
    def saved(self) -> int:
        return self.cleaned_data.get("to_equity") or 0

    @staticmethod
    def initial_of(pools: Iterable[Pool], saved: int) -> dict[str, int]:
        return {pool.kind: pool.assigned_amount for pool in pools} | {"to_equity": saved}


class FrameForm(RefusableForm):
    """A frame: its name, where its money comes from, and how it is planned to be distributed."""

    name = forms.CharField(label="Ramens namn", max_length=160)

    def __init__(
        self, *args: Any, sources: Sequence[Account], members: Sequence[Member], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.accounts, self.members = sources, members
        for account in sources:
            self.fields[f"source-{account.pk}"] = MoneyField(
                label=f"Ur {account.in_words}",
                required=False,
                help_text=f"Där finns {kronor(account.balance)}.",
            )
        for member in members:
            self.fields[f"lot-{member.pk}"] = MoneyField(
                label=f"Planerat för {member.name}", required=False
            )
        self.fields["is_example_plan"] = forms.BooleanField(
            label="Fördelningen är ett räkneexempel", required=False
        )

    @property
    def sources(self) -> list[tuple[Account, int]]:
        drawn = [(each, self.cleaned_data.get(f"source-{each.pk}") or 0) for each in self.accounts]
        return [(account, amount) for account, amount in drawn if amount]

    @property
    def lots(self) -> list[PlannedLot]:
        planned = [(each, self.cleaned_data.get(f"lot-{each.pk}") or 0) for each in self.members]
        return [
            PlannedLot(member.short_name or member.name, amount, member)
            for member, amount in planned
            if amount
        ]


def _unpaid_words(contribution: Contribution) -> str:
    return f"{contribution.member.name}, {kronor(contribution.unpaid_amount)} återstår"
