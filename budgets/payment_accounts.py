"""Bank accounts as they are written in Sweden: bankgiro, plusgiro and IBAN, with check digits."""

from __future__ import annotations

import re

from budgets.models import AccountType
from finsam.errors import DomainError

_WRITTEN = {
    AccountType.BANKGIRO: re.compile(r"\d{7,8}"),
    AccountType.PLUSGIRO: re.compile(r"\d{2,8}"),
    AccountType.IBAN: re.compile(r"SE\d{22}"),
}
_EXAMPLE = {
    AccountType.BANKGIRO: "123-4566",
    AccountType.PLUSGIRO: "12 34 56-6",
    AccountType.IBAN: "SE45 5000 0000 0583 9825 7466",
}


def read_account(kind: str, raw: str) -> str:
    """The account's digits without spaces and dashes. Raises DomainError when it cannot be one."""
    if kind not in AccountType.values:
        raise DomainError("account_type", "Välj bankgiro, plusgiro eller IBAN.", "account_type")
    chosen = AccountType(kind)
    plain = re.sub(r"[\s\u00a0\u2010-\u2015-]+", "", raw).upper()
    is_right = bool(_WRITTEN[chosen].fullmatch(plain)) and (
        _is_iban(plain) if chosen is AccountType.IBAN else _has_check_digit(plain)
    )
    if not is_right:
        raise DomainError(
            "account_number",
            f"{chosen.label} {raw.strip() or '(tomt)'} stämmer inte: siffrorna går inte ihop. "
            f"Kontrollera numret, till exempel {_EXAMPLE[chosen]}.",
            "account_number",
        )
    return plain


def written(kind: str, number: str) -> str:
    """As people write it: 123-4566, 12345-6, SE45 5000 …"""
    if kind == AccountType.IBAN:
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    if kind == AccountType.BANKGIRO:
        return f"{number[:-4]}-{number[-4:]}"
    return f"{number[:-1]}-{number[-1:]}" if number else ""


def _has_check_digit(digits: str) -> bool:
    """Modulus 10: every second digit from the right is doubled, digits of digits are summed."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_iban(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
