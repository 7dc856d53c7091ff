"""Returns of a social investment: planned by unit and year, settled against it, into the fund."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum

from budgets.figures import Figure, provide_figures
from budgets.ledger import equity_account, reverse, transfer
from budgets.models import (
    Account,
    AccountKind,
    Grant,
    PlannedReturn,
    SavingsReturn,
    TransferReason,
)
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Event
from finsam.typography import kronor

MOST_ROWS = 200


@dataclass(frozen=True)
class ReturnRow:
    """A row of the plan: what a unit is to save in a year (kronor), and the share returned (%)."""

    unit: str
    year: int
    expected_saving: int
    share: Decimal

    @property
    def place(self) -> tuple[str, int]:
        return self.unit, self.year


@dataclass(frozen=True)
class ReturnSum:
    """What a plan expects back in kronor, and what has come of it."""

    expected: int
    expected_so_far: int
    returned: int


def share_of(saving: int, share: Decimal) -> int:
    """`share` per cent of a saving, in whole kronor: half a krona upwards."""
    return int((Decimal(saving) * share / 100).quantize(Decimal(1), ROUND_HALF_UP))


def times_planned(grant: Grant) -> int:
    """How many times the plan has been set: what a page was read at, to tell a later change by."""
    events = Event.objects.filter(association=grant.association, action="return_plan_set")
    return events.filter(object_id=str(grant.pk)).count()


def set_return_plan(
    *,
    grant: Grant,
    rows: Sequence[ReturnRow],
    reason: str,
    actor: User,
    read_at: int | None = None,
) -> list[PlannedReturn]:
    """Set, or with a reason change, what is to come back of a grant; writes `return_plan_set`.

    The same plan again changes nothing. Raises NotAllowed for others than the office, DomainError
    for a plan that cannot be one, NotPossible when it would change a year already settled,
    Conflict when the plan has been set since it was read (`read_at`, see `times_planned`).
    """
    wanted = _checked(rows)
    with transaction.atomic():
        association = grant.association
        locked_head(association)
        _require_office(association, actor)
        held = {(row.unit, row.year): row for row in grant.planned_returns.with_returns()}
        if {place: _said(row) for place, row in held.items()} == wanted:
            return list(held.values())
        if read_at is not None and read_at != times_planned(grant):
            raise Conflict(
                "plan_changed",
                "En annan plan är redan gjord sedan du öppnade sidan. Det du skrev står kvar här: "
                "jämför med planen i en annan flik, och spara igen om det här ska gälla.",
            )
        if held and not reason.strip():
            raise DomainError("reason", "Skriv varför planen ändras.", "reason")
        for place, row in held.items():
            _change(row, wanted.pop(place, None))
        PlannedReturn.objects.bulk_create(
            PlannedReturn(
                grant=grant, unit=unit, year=year, expected_saving=saving, share=share,
                expected_amount=share_of(saving, share),
            )
            for (unit, year), (saving, share) in wanted.items()
        )  # fmt: skip
        made = list(grant.planned_returns.all())
        record_event(
            association=association,
            actor=actor,
            action="return_plan_set",
            obj=grant,
            payload={
                "reason": reason.strip(),
                "rows": [[row.unit, row.year, row.expected_saving, str(row.share)] for row in made],
            },
        )
    return made


def settle_return(
    *,
    planned: PlannedReturn,
    actual_saving: int,
    amount: int,
    explanation: str,
    key: str,
    actor: User,
) -> SavingsReturn:
    """Settle a unit's year once: what it saved, and the `amount` (kronor) returned to the fund.

    Writes `savings_returned` and moves the amount from the unit into equity, from which the fund
    invests again. The same key gives what was made. Raises NotAllowed for others than the office,
    NotPossible when the year is settled, DomainError when the amount is above the saving, or is
    another than the agreed share without an explanation.
    """
    with transaction.atomic():
        association = planned.grant.association
        locked_head(association)
        _require_office(association, actor)
        earlier = SavingsReturn.objects.filter(association=association, key=key).first()
        if earlier is not None:
            return _same(earlier, planned, actual_saving, amount, explanation.strip())
        planned = PlannedReturn.objects.select_related("grant__association").get(pk=planned.pk)
        _check_settling(planned, actual_saving, amount, explanation)
        made = SavingsReturn(
            association=association, planned=planned, actual_saving=actual_saving, amount=amount,
            explanation=explanation.strip(), key=key, settled_by=actor,
        )  # fmt: skip
        event = record_event(
            association=association,
            actor=actor,
            action="savings_returned",
            obj=planned,
            payload={
                "unit": planned.unit,
                "year": planned.year,
                "saving": actual_saving,
                "amount": amount,
            },
        )
        if amount:
            made.transfer = transfer(
                source=_unit_account(association, planned.unit),
                target=equity_account(association),
                amount=amount,
                reason=TransferReason.SAVINGS_RETURNED,
                key=f"return-{key}",
                actor=actor,
                event=event,
                note=f"{planned.grant.name}: {planned.unit} {planned.year}"[:250],
            )
        made.save(force_insert=True)
    return made


def annul_return(*, made: SavingsReturn, reason: str, actor: User) -> SavingsReturn:
    """Take back a settled year by a reversing transfer; writes `return_annulled`, once.

    Raises NotAllowed for others than the office, DomainError without a reason, Conflict when it
    was taken back for another reason, InsufficientFunds when the fund has granted the money since.
    """
    if not reason.strip():
        raise DomainError("reason", "Skriv varför avstämningen tas tillbaka.", "reason")
    with transaction.atomic():
        association = made.association
        locked_head(association)
        _require_office(association, actor)
        made = SavingsReturn.objects.select_related("transfer", "planned").get(pk=made.pk)
        if made.annulled_at is not None:
            if made.annulled_because != reason.strip():
                raise Conflict(
                    "annulled",
                    "Rättelsen är redan gjord, med ett annat skäl. Öppna sidan på nytt och se vad "
                    "som står.",
                )
            return made
        event = record_event(
            association=association,
            actor=actor,
            action="return_annulled",
            obj=made.planned,
            payload={"amount": made.amount, "reason": reason.strip()},
        )
        if made.transfer is not None:
            reverse(
                made=made.transfer,
                key=f"return-annulled-{made.pk}",
                actor=actor,
                note=reason.strip()[:250],
                event=event,
            )
        made.annulled_at, made.annulled_by = clock.now(), actor
        made.annulled_because = reason.strip()
        made.save(update_fields=["annulled_at", "annulled_by", "annulled_because"])
    return made


def sum_of(rows: Iterable[PlannedReturn], until: int) -> ReturnSum:
    """What rows read `with_returns` expect, in all and to the end of `until`, and what came."""
    rows = list(rows)
    return ReturnSum(
        sum(row.expected_amount for row in rows),
        sum(row.expected_amount for row in rows if row.year <= until),
        sum(row.settled.amount for row in rows if row.settled),
    )


def return_figures(grant: Grant) -> list[Figure]:
    """What a document that shows the plan shows: each row, and the sum that a new row changes."""
    rows = list(grant.planned_returns.all())
    if not rows:
        return []
    total = Figure(
        f"returns:{grant.pk}:total", "Återföring i allt", sum(row.expected_amount for row in rows)
    )
    return [
        total,
        *(
            Figure(f"return:{row.pk}:amount", f"Återföring {row}", row.expected_amount)
            for row in rows
        ),
    ]


@provide_figures("returns")
def _totals_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    rows = PlannedReturn.objects.filter(grant__association=association, grant__in=pks)
    sums = rows.order_by().values_list("grant").annotate(sum=Sum("expected_amount"))
    return {f"returns:{pk}:total": total for pk, total in sums}


@provide_figures("return")
def _rows_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    rows = PlannedReturn.objects.filter(grant__association=association, pk__in=pks)
    return {
        f"return:{pk}:amount": amount for pk, amount in rows.values_list("pk", "expected_amount")
    }


def _checked(rows: Sequence[ReturnRow]) -> dict[tuple[str, int], tuple[int, Decimal]]:
    if not rows:
        raise DomainError("no_rows", "Planen ska ha minst en enhet och ett år.")
    if len(rows) > MOST_ROWS:
        raise DomainError("too_many_rows", f"Planen kan ha högst {MOST_ROWS} rader.")
    found: dict[tuple[str, int], tuple[int, Decimal]] = {}
    for row in rows:
        if not row.unit.strip():
            raise DomainError("unit", "Skriv vilken enhet som återför.")
        if not 0 < row.share <= 100:
            raise DomainError(
                "share", f"{row.unit} {row.year}: andelen ska vara över 0 och högst 100 procent."
            )
        if row.expected_saving < 0:
            raise DomainError(
                "saving", f"{row.unit} {row.year}: besparingen kan inte vara under noll."
            )
        if row.place in found:
            raise DomainError(
                "row_twice", f"{row.unit} {row.year} står två gånger. Lägg ihop raderna till en."
            )
        found[row.place] = row.expected_saving, row.share.quantize(Decimal("0.01"))
    return found


def _said(row: PlannedReturn) -> tuple[int, Decimal]:
    return row.expected_saving, row.share


def _change(row: PlannedReturn, wanted: tuple[int, Decimal] | None) -> None:
    """Give a row of the plan its new figures, or take it away when the plan has it no more."""
    if wanted == _said(row):
        return
    if row.settled:
        raise NotPossible(
            "settled",
            f"{row.unit} {row.year} är avstämd och kan inte ändras. Ta tillbaka avstämningen "
            "först, eller låt raden stå.",
        )
    if wanted is not None:
        row.expected_saving, row.share = wanted
        row.expected_amount = share_of(*wanted)
        row.save(update_fields=["expected_saving", "share", "expected_amount"])
    elif row.returns.all():
        raise NotPossible(
            "was_settled",
            f"{row.unit} {row.year} har varit avstämd och ska stå kvar. Sätt besparingen till 0.",
        )
    else:
        row.delete()


def _same(earlier: SavingsReturn, planned: PlannedReturn, *said: int | str) -> SavingsReturn:
    there = (earlier.actual_saving, earlier.amount, earlier.explanation)
    if earlier.planned_id != planned.pk or said != there:
        raise Conflict(
            "key_used",
            "Avstämningen är redan gjord, med andra uppgifter. Öppna sidan på nytt och se vad som "
            "står; är det fel tar du tillbaka den och stämmer av igen.",
        )
    return earlier


def _check_settling(
    planned: PlannedReturn, actual_saving: int, amount: int, explanation: str
) -> None:
    if planned.returns.filter(annulled_at=None).exists():
        raise NotPossible("settled", f"{planned.unit} {planned.year} är redan avstämd.")
    if actual_saving < 0 or amount < 0:
        raise DomainError("negative_amount", "Beloppet kan inte vara under noll.", "amount")
    if amount > actual_saving:
        raise DomainError(
            "above_saving",
            f"Det återförda kan vara högst besparingen, {kronor(actual_saving)}.",
            "amount",
        )
    agreed = share_of(actual_saving, planned.share)
    differs = amount != agreed or actual_saving < planned.expected_saving
    if differs and not explanation.strip():
        raise DomainError(
            "explanation",
            f"Planen räknade med en besparing på {kronor(planned.expected_saving)}, och andelen "
            f"av {kronor(actual_saving)} är {kronor(agreed)}. Skriv varför utfallet är ett annat.",
            "explanation",
        )


def _unit_account(association: Association, unit: str) -> Account:
    """The outside account of a unit whose costs have fallen."""
    account, _ = Account.objects.get_or_create(
        association=association,
        kind=AccountKind.RETURNED,
        name=unit,
        defaults={"may_be_negative": True},
    )
    return account


def _require_office(association: Association, actor: User) -> None:
    if not visitor_for(association, actor).has(*OFFICE):
        raise NotAllowed("office", "Bara kansliet kan planera och stämma av återföringen.")
