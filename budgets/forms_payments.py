"""Forms of payment requests, payment files and the economy's rules."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms

from budgets.amounts import AmountError, read_ore
from budgets.base_claims import BaseClaim
from budgets.forms import RefusableForm
from budgets.models import (
    AccountType,
    BaseFinancing,
    BaseFinancingShare,
    BasePayment,
    EconomySettings,
    EquityLevel,
    PaymentRequest,
)
from budgets.payment_accounts import written
from budgets.payment_lines import Claim, lines_for
from budgets.payments import Written
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.guard import PURPOSES
from finsam.errors import DomainError
from finsam.fields import DayField, LongTextField, MoneyField
from finsam.typography import kronor, number, with_ore

LEVELS = 4
ACCOUNT_TYPES = [("", "Välj"), *AccountType.choices]
FOR_ATTESTATION = "Behövs när ni begär attest."


class OreField(forms.Field):
    """Kronor and öre: 12 345,67; kept as öre."""

    def to_python(self, value: Any) -> int:
        text = str(value or "").strip()
        if not text:
            return 0
        try:
            return read_ore(text)
        except AmountError as error:
            raise forms.ValidationError(error.message, code=error.code) from error


class RequestForm(RefusableForm):
    """A payment request as the member writes it: period, account, and an amount per line."""

    period_from = DayField(label="Från och med")
    period_to = DayField(label="Till och med")
    is_final = forms.BooleanField(
        label="Det här är slutrekvisitionen",
        required=False,
        help_text="Den avslutar bidraget. Det som inte är rekvirerat går tillbaka.",
    )
    account_type = forms.ChoiceField(
        label="Kontoslag", choices=ACCOUNT_TYPES, required=False, help_text=FOR_ATTESTATION
    )
    account_number = forms.CharField(
        label="Kontonummer", max_length=40, required=False, help_text=FOR_ATTESTATION
    )
    extract = forms.FileField(
        label="Utdrag ur redovisningen",
        required=False,
        help_text=f"För hela perioden. {FOR_ATTESTATION} {PURPOSES['account_extract'].in_words}.",
        widget=forms.FileInput(attrs={"accept": PURPOSES["account_extract"].accept}),
    )
    explanation = LongTextField(
        label="Förklaring av avvikelser",
        required=False,
        max_length=2000,
        help_text="Behövs när mer har gått åt på en post än budget och överenskommen andel.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        request: PaymentRequest,
        typed: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`typed` is what was written and not saved when the session ended."""
        kept = dict(request.rows.values_list("line_id", "ore"))
        initial = {
            "period_from": request.period_from,
            "period_to": request.period_to,
            "is_final": request.is_final,
            "account_type": request.account_type,
            "account_number": written(request.account_type, request.account_number),
            "explanation": request.explanation,
            "revision": request.revision,
        }
        if typed is not None:
            initial |= {**typed, "is_final": "is_final" in typed}
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.request, self.refusal = request, None
        self.budget_lines = lines_for(request)
        for line in self.budget_lines:
            ore = kept.get(line.pk, 0)
            self.fields[f"post-{line.pk}"] = OreField(
                label=line.label, required=False, initial=with_ore(ore) if ore else ""
            )

    refusal: DomainError | None

    @property
    def written(self) -> Written:
        said = self.cleaned_data
        return Written(
            said["period_from"],
            said["period_to"],
            said["is_final"],
            said["account_type"],
            said["account_number"],
            said["explanation"],
            {line.pk: said[f"post-{line.pk}"] for line in self.budget_lines},
        )

    def lines(self, claim: Claim) -> list[dict[str, Any]]:
        """Each row of the table with its field."""
        return [
            {"row": row, "field": self[f"post-{line.pk}"]}
            for row, line in zip(claim.rows, self.budget_lines, strict=True)
        ]


class BasePaymentForm(RefusableForm):
    """What a member claims of the base financing for its staff in a team."""

    share = forms.ModelChoiceField(
        label="Myndighet och team",
        queryset=BaseFinancingShare.objects.none(),
        empty_label="Välj",
    )
    amount = MoneyField(label="Belopp", least=1)
    period_from = DayField(label="Från och med")
    period_to = DayField(label="Till och med")
    reference = forms.CharField(
        label="Medlemmens faktura eller rekvisition",
        max_length=60,
        help_text="Numret på den, så som medlemmen har skrivit det.",
    )
    account_type = forms.ChoiceField(label="Kontoslag", choices=ACCOUNT_TYPES)
    account_number = forms.CharField(label="Kontonummer", max_length=40)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(
        self,
        *args: Any,
        base: BaseFinancing,
        members: Collection[int] | None = None,
        **kwargs: Any,
    ) -> None:
        """With `members` for one who claims on their behalf: their shares alone."""
        super().__init__(*args, **{"initial": {"key": uuid.uuid4().hex}, **kwargs})
        shares = base.shares.select_related(
            "base__association", "member", "account", "paid_account"
        )
        choice: Any = self.fields["share"]
        choice.queryset = shares if members is None else shares.filter(member__in=members)
        choice.label_from_instance = _share_words
        if members is not None:
            reference = self.fields["reference"]
            reference.label = "Er faktura eller referens"
            reference.help_text = "Står på utbetalningen, så att ni känner igen den."

    @property
    def claim(self) -> BaseClaim:
        said = self.cleaned_data
        return BaseClaim(
            said["amount"],
            said["period_from"],
            said["period_to"],
            said["reference"],
            said["account_type"],
            said["account_number"],
        )


class BatchForm(RefusableForm):
    """Which approved requests go into a payment file, and the day to pay."""

    requests = forms.ModelMultipleChoiceField(
        label="Rekvisitioner",
        queryset=PaymentRequest.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    base_payments = forms.ModelMultipleChoiceField(
        label="Basfinansiering",
        queryset=BasePayment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    execute_on = DayField(label="Betalningsdag")
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(
        self,
        *args: Any,
        association: Association,
        waiting: Sequence[PaymentRequest],
        base_waiting: Sequence[BasePayment],
        **kwargs: Any,
    ) -> None:
        initial = {
            "execute_on": clock.today(),
            "key": uuid.uuid4().hex,
            "requests": [each.pk for each in waiting],
            "base_payments": [each.pk for each in base_waiting],
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self._offer("requests", PaymentRequest.objects, association, map(_payable, waiting))
        base = map(_base_payable, base_waiting)
        self._offer("base_payments", BasePayment.objects, association, base)

    def _offer(
        self, name: str, rows: Any, association: Association, choices: Iterable[tuple[int, str]]
    ) -> None:
        """Show what waits; anything of the association's own may be sent, so that a form sent
        twice finds what it has put in a file. What nothing waits for is not asked about."""
        field: Any = self.fields[name]
        field.queryset = rows.filter(association=association)
        field.choices = list(choices)
        if not field.choices:
            field.widget = field.hidden_widget()


class PaidForm(RefusableForm):
    """The day when the bank carried out a payment."""

    paid_on = DayField(label="Dag då banken betalade")


class EconomyForm(RefusableForm):
    """The association's own rules for its money."""

    move_percent = forms.IntegerField(
        label="Får flyttas till en budgetpost utan kansliets godkännande, % av posten",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Tomt: varje överskridande av en post prövas av kansliet.",
    )
    payer_account_type = forms.ChoiceField(
        label="Kontot som förbundet betalar från", choices=ACCOUNT_TYPES, required=False
    )
    payer_account = forms.CharField(label="Kontonummer", max_length=40, required=False)
    payer_bic = forms.CharField(label="Bankens BIC", max_length=11, required=False)

    def __init__(
        self, *args: Any, kept: EconomySettings, levels: Sequence[EquityLevel], **kwargs: Any
    ) -> None:
        initial = {
            "move_percent": kept.move_percent,
            "payer_account_type": kept.payer_account_type,
            "payer_account": written(kept.payer_account_type, kept.payer_account),
            "payer_bic": kept.payer_bic,
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.places = range(max(LEVELS, len(levels) + 1))
        for place in self.places:
            level = levels[place] if place < len(levels) else None
            self._add_level(place, level)

    def _add_level(self, place: int, level: EquityLevel | None) -> None:
        parts = {
            "up_to": MoneyField(label=f"Rad {place + 1}: bidrag högst", required=False),
            "percent": forms.IntegerField(
                label=f"Rad {place + 1}: procent", required=False, min_value=0, max_value=1000
            ),
            "amount": MoneyField(label=f"Rad {place + 1}: kronor", required=False),
        }
        for name, field in parts.items():
            value = getattr(level, name) if level else None
            field.initial = "" if value is None else number(value)
            self.fields[f"{name}-{place}"] = field

    @property
    def level_rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of the table, row by row."""
        return [
            (self[f"up_to-{at}"], self[f"percent-{at}"], self[f"amount-{at}"]) for at in self.places
        ]

    @property
    def levels(self) -> list[tuple[int | None, int | None, int | None]]:
        said = self.cleaned_data
        rows = [
            (said[f"up_to-{at}"], said[f"percent-{at}"], said[f"amount-{at}"]) for at in self.places
        ]
        return [row for row in rows if any(value is not None for value in row)]


def _payable(request: PaymentRequest) -> tuple[int, str]:
    account = written(request.account_type, request.account_number)
    return request.pk, (
        f"{request.title}, {request.grant.name}: {with_ore(request.amount * 100)} kr till "
        f"{request.member.name}, {request.get_account_type_display()} {account}"
    )


def _share_words(share: BaseFinancingShare) -> str:
    return f"{share}: {kronor(share.unpaid)} inte utbetalt"


def _base_payable(payment: BasePayment) -> tuple[int, str]:
    account = written(payment.account_type, payment.account_number)
    return payment.pk, (
        f"{payment.title}, {payment.share.team}: {kronor(payment.amount)} till "
        f"{payment.share.member.name}, {payment.get_account_type_display()} {account}"
    )
