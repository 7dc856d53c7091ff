"""Moving money between accounts: once for each key, never below an account's floor."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from budgets.models import Account, Transfer, TransferReason
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.typography import kronor


class InsufficientFunds(DomainError):
    """The account does not hold what was asked for; `left` is what it holds, in kronor."""

    def __init__(self, account: Account, amount: int, left: int) -> None:
        super().__init__(
            "insufficient_funds",
            f"{kronor(amount)} ryms inte: i {account.in_words} finns {kronor(left)} kvar. "
            f"Välj högst {kronor(left)}, eller flytta dit mer först.",
            "amount",
        )
        self.account = account
        self.left = left


def transfer(
    *,
    source: Account,
    target: Account,
    amount: int,
    reason: TransferReason,
    key: str,
    actor: User | None,
    event: Event | None = None,
    note: str = "",
    reverses: Transfer | None = None,
) -> Transfer:
    """Move `amount` whole kronor from one account to another, once for each `key`.

    The same key again gives the transfer that was made, or Conflict when it was another one.
    Raises InsufficientFunds, saying what is left, when the source would go below its floor; both
    the conditional update and the database's own check keep it, whoever else moves money at once.
    In a transaction that also writes events, write the event (or lock the chain's head) first.
    """
    _check_accounts(source, target, amount)
    with transaction.atomic():
        made, is_new = _claim(
            Transfer(
                association_id=source.association_id,
                source=source,
                target=target,
                amount=amount,
                reason=reason,
                key=key,
                actor=actor,
                event=event,
                note=note,
                reverses=reverses,
            )
        )
        if is_new:
            _move(source, target, amount)
    return made


def reverse(
    *, made: Transfer, key: str, actor: User | None, note: str, event: Event | None = None
) -> Transfer:
    """Correct a transfer by one the other way; the mistaken one stays as it was.

    Raises NotPossible when it has been reversed already or is itself a reversal, and
    InsufficientFunds when the money has moved on.
    """
    if made.reverses_id:
        raise NotPossible(
            "reversal", "En rättelse kan inte rättas. Gör en ny överföring i stället."
        )
    earlier = Transfer.objects.filter(reverses=made).first()
    if earlier is not None and earlier.key != key:
        raise NotPossible("already_reversed", "Överföringen är redan rättad.")
    return transfer(
        source=made.target,
        target=made.source,
        amount=made.amount,
        reason=TransferReason.CORRECTION,
        key=key,
        actor=actor,
        event=event,
        note=note,
        reverses=made,
    )


def balance_now(account: Account) -> int:
    """What lies in the account at this moment, read from the database."""
    balance: int = Account.objects.values_list("balance", flat=True).get(pk=account.pk)
    return balance


def opening_account(association: Association) -> Account:
    """The outside account from which opening balances come."""
    account, _ = Account.objects.get_or_create(
        association=association,
        kind="opening",
        defaults={"name": "Ingående balans", "may_be_negative": True},
    )
    return account


def equity_account(association: Association) -> Account:
    """The association's equity (eget kapital), opened when first asked for."""
    account, _ = Account.objects.get_or_create(
        association=association, kind="equity", defaults={"name": "Eget kapital"}
    )
    return account


def year_account(association: Association, year: int) -> Account:
    """Where a year's paid-in contributions lie until the year is divided."""
    account, _ = Account.objects.get_or_create(
        association=association, kind="year", year=year, defaults={"name": f"Årets medel {year}"}
    )
    return account


def _check_accounts(source: Account, target: Account, amount: int) -> None:
    if source.association_id != target.association_id:
        raise ValueError("Money does not leave its association.")
    if source.pk == target.pk:
        raise NotPossible("same_account", "Välj två olika konton.")
    if amount <= 0:
        raise NotPossible("amount_not_positive", "Beloppet ska vara större än noll.", "amount")


def _claim(wanted: Transfer) -> tuple[Transfer, bool]:
    """Insert the transfer, or find the one that already holds its key."""
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        made = Transfer.objects.filter(association=wanted.association_id, key=wanted.key).first()
        if made is None:
            raise
        if _facts(made) != _facts(wanted):
            raise Conflict(
                "key_used",
                "Samma begäran har redan utförts med andra uppgifter. Ladda om sidan.",
            ) from None
        return made, False
    return wanted, True


def _facts(made: Transfer) -> tuple[object, ...]:
    return (made.source_id, made.target_id, made.amount, made.reason, made.reverses_id)


def _move(source: Account, target: Account, amount: int) -> None:
    """Change both balances, in the order of their ids so that no two moves wait in a circle."""
    for account in sorted((source, target), key=lambda account: account.pk):
        if account.pk == target.pk:
            Account.objects.filter(pk=target.pk).update(balance=F("balance") + amount)
            continue
        enough = Q(may_be_negative=True) | Q(balance__gte=amount)
        taken = Account.objects.filter(enough, pk=source.pk).update(balance=F("balance") - amount)
        if not taken:
            raise InsufficientFunds(source, amount, balance_now(source))
    for account in (source, target):
        account.refresh_from_db(fields=["balance"])
