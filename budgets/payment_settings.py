"""What an association has decided about its payments; where it is silent nothing is presumed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db import transaction

from budgets.models import EconomySettings, EquityLevel
from budgets.payment_accounts import read_account
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event

# Bank, country, place, and perhaps an office (ISO 9362, as ISO 20022 writes it).
BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")


def economy_settings(association: Association) -> EconomySettings:
    """The association's settings; silent ones where none are kept."""
    found = EconomySettings.objects.filter(association=association).first()
    return found or EconomySettings(association=association)


def move_percent_of(association: Association) -> int | None:
    """How much of a line may be moved to it without the office's word, in per cent of it."""
    return economy_settings(association).move_percent


def save_economy_settings(
    *,
    association: Association,
    move_percent: int | None,
    payer_account_type: str,
    payer_account: str,
    payer_bic: str,
    levels: Sequence[tuple[int | None, int | None, int | None]],
    actor: User,
) -> EconomySettings:
    """Keep the settings and the table of equity levels; writes `economy_settings_changed`.

    The same again changes nothing. A level is (year's contributions up to, per cent, kronor).
    Raises DomainError for a level that says both or neither, or two for the same contributions.
    """
    number = read_account(payer_account_type, payer_account) if payer_account.strip() else ""
    bic = payer_bic.strip().upper()
    if bic and not BIC.fullmatch(bic):
        raise DomainError(
            "bic",
            "BIC har 8 eller 11 tecken, till exempel SWEDSESS. Fråga banken.",
            "payer_bic",
        )
    for _, percent, amount in levels:
        if (percent is None) == (amount is None):
            raise DomainError("equity_level", "Skriv antingen procent eller kronor på varje rad.")
    if len({up_to for up_to, _, _ in levels}) != len(levels):
        raise DomainError("equity_level", "Två rader gäller samma bidrag. Ta bort den ena.")
    said = {
        "move_percent": move_percent,
        "payer_account_type": payer_account_type if number else "",
        "payer_account": number,
        "payer_bic": bic,
    }
    with transaction.atomic():
        locked_head(association)
        before = economy_settings(association)
        if before.pk and _is_kept(before, said, levels):
            return before
        kept, _ = EconomySettings.objects.update_or_create(association=association, defaults=said)
        EquityLevel.objects.filter(association=association).delete()
        EquityLevel.objects.bulk_create(
            EquityLevel(association=association, up_to=up_to, percent=percent, amount=amount)
            for up_to, percent, amount in levels
        )
        record_event(
            association=association,
            actor=actor,
            action="economy_settings_changed",
            obj=kept,
            payload={**said, "levels": [list(level) for level in levels]},
        )
    return kept


def _is_kept(
    before: EconomySettings,
    said: Mapping[str, object],
    levels: Sequence[tuple[int | None, int | None, int | None]],
) -> bool:
    """Whether the settings and the levels are those already."""
    kept = EquityLevel.objects.filter(association=before.association_id)
    return set(kept.values_list("up_to", "percent", "amount")) == set(levels) and all(
        getattr(before, name) == value for name, value in said.items()
    )
