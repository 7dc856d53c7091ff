"""Reading sums as Swedes write them, and refusing what could be read in two ways."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from finsam.errors import DomainError
from finsam.typography import number

LARGEST = 10**12
LONGEST = 40
SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\t"), " ")
MINUSES = dict.fromkeys(map(ord, "\u2212\u2013\u2014\u2010\u2011"), "-")
UNIT = re.compile(r"\s*(?:kr\.?|kronor|sek)$", re.IGNORECASE)
DASH_ENDING = re.compile(r"\s*[:,.]\s*-$")
WRITTEN = re.compile(r"([+-]?) ?([0-9](?:[0-9 .,]*[0-9])?)")
DECIMALS = re.compile(r"(.+)([.,])([0-9]{1,2})")
GROUPS = re.compile(r"[0-9]{1,3}(?:[ .,][0-9]{3})+")
TWO_READINGS = re.compile(r"([0-9]+)[.,]([0-9]{3})")
PLAIN_DECIMAL = re.compile(r"([+-]?[0-9]{1,9})(?:[.,]([0-9]{1,10}))?")


class AmountError(DomainError):
    """What is written is no sum in whole kronor.

    `nearest` is the sum in whole kronor when only the öre are at fault; `readings` are the two
    sums in whole kronor when what is written can be read in two ways.
    """

    def __init__(
        self, code: str, message: str, nearest: int | None = None, readings: tuple[int, ...] = ()
    ) -> None:
        super().__init__(code, message)
        self.nearest = nearest
        self.readings = readings


def read_kronor(raw: object) -> int:
    """Whole kronor from a number or from text: 9000000, "9 000 000", "9.000.000", "12 500:-".

    Raises AmountError with code `not_a_number` or `not_whole_kronor`. The sign is kept: that
    an amount is below zero is for the rules to judge.
    """
    value = _read(raw, whole_only=True)
    if abs(value) >= LARGEST:
        raise AmountError("not_a_number", "Beloppet är orimligt stort. Skriv det i hela kronor.")
    whole = int(value.to_integral_value(ROUND_HALF_UP))
    if whole != value:
        raise AmountError(
            "not_whole_kronor",
            f"{_shown(value)} kr har ören. Skriv i hela kronor, till exempel {number(whole)}.",
            whole,
        )
    return whole


def read_ore(raw: object) -> int:
    """Öre from an amount in kronor: "12 345,67" → 1234567. For payments alone.

    Raises AmountError with code `not_a_number` or `negative_amount`.
    """
    value = _read(raw)
    if value < 0:
        raise AmountError("negative_amount", "Beloppet är under noll. Skriv 0 eller mer.")
    if value >= LARGEST:
        raise AmountError("not_a_number", "Beloppet är orimligt stort.")
    return int((value * 100).to_integral_value(ROUND_HALF_UP))


def read_decimal(raw: object) -> Decimal:
    """A share or a count such as 40.1, "40,1" or "40,1 %"; never grouped in thousands.

    Raises AmountError with code `not_a_number`.
    """
    if not isinstance(raw, str):
        return _from_number(raw)
    text = _plain(raw).removesuffix("%").strip()
    found = PLAIN_DECIMAL.fullmatch(text)
    if not found:
        raise AmountError("not_a_number", f"”{_cut(raw)}” är inget tal. Skriv till exempel 40,1.")
    return Decimal(f"{found[1]}.{found[2] or 0}")


def _read(raw: object, *, whole_only: bool = False) -> Decimal:
    return _from_text(raw, whole_only) if isinstance(raw, str) else _from_number(raw)


def _from_number(raw: object) -> Decimal:
    """The number of a cell; truth values, dates and what is no finite number are refused."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise AmountError("not_a_number", f"”{_cut(raw)}” är inget tal. Skriv ett tal.")
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise AmountError("not_a_number", f"”{_cut(raw)}” är inget tal. Skriv ett tal.")
    return abs(value) if value == 0 else value


def _from_text(raw: str, whole_only: bool) -> Decimal:
    text = DASH_ENDING.sub("", UNIT.sub("", _plain(raw))).strip()
    found = WRITTEN.fullmatch(text)
    if not found or len(text) > LONGEST:
        raise _no_sum(raw)
    sign, body = found[1], found[2]
    decimals = DECIMALS.fullmatch(body)
    whole, mark, ore = decimals.groups() if decimals else (body, "", "")
    value = Decimal(f"{_whole_part(raw, whole, mark, whole_only)}.{ore or 0}")
    return -value if sign == "-" and value else value


def _whole_part(raw: str, body: str, decimal_mark: str, whole_only: bool) -> int:
    """The kronor of what is written before the öre, read by its groups of three."""
    digits = re.sub(r"[ .,]", "", body)
    if digits == body:
        return int(body)
    marks = re.sub(r"[0-9 ]", "", body)
    if TWO_READINGS.fullmatch(body) and not decimal_mark:
        raise _two_readings(raw, body, whole_only)
    if not GROUPS.fullmatch(body) or (decimal_mark and decimal_mark in marks):
        raise _no_sum(raw)
    if len(set(marks)) > 1:
        raise _two_readings(raw, body, whole_only) if marks[-1] not in marks[:-1] else _no_sum(raw)
    return int(digits)


def _two_readings(raw: str, body: str, whole_only: bool) -> AmountError:
    """Refuse a sign that may part thousands or öre, and say which two sums it could be.

    Where whole kronor alone are taken a sum with öre is named, but not offered.
    """
    as_groups = int(re.sub(r"[ .,]", "", body))
    before, after = re.split(r"[.,](?=[0-9]{3}$)", body)
    as_decimal = Decimal(f"{re.sub(r'[ .,]', '', before)}.{after}")
    return AmountError(
        "not_a_number",
        f"”{_cut(raw)}” kan betyda {number(as_groups)} kr eller {_shown(as_decimal)} kr. "
        + (
            f"Här skrivs hela kronor: skriv {as_groups} om det är så mycket du menar."
            if whole_only and as_decimal % 1
            else f"Skriv {as_groups} eller {_shown(as_decimal)}."
        ),
        readings=(as_groups, int(as_decimal.to_integral_value(ROUND_HALF_UP))),
    )


def _no_sum(raw: str) -> AmountError:
    return AmountError(
        "not_a_number",
        f"”{_cut(raw)}” är inget belopp. Skriv siffror i hela kronor, till exempel 12 500.",
    )


def _plain(raw: str) -> str:
    """Every kind of space and dash as the plain one, and single spaces only."""
    return " ".join(raw.translate(SPACES).translate(MINUSES).split())


def _shown(value: Decimal) -> str:
    """1500 → "1 500", 1.5 → "1,50"."""
    whole = int(abs(value))
    digits = f"{abs(value) - whole:f}".partition(".")[2].rstrip("0")
    sign = "\u2212" if value < 0 else ""
    return f"{sign}{number(whole)}" + (f",{digits.ljust(2, '0')}" if digits else "")


def _cut(raw: object) -> str:
    shown = {True: "SANT", False: "FALSKT"}[raw] if isinstance(raw, bool) else str(raw)
    text = " ".join(shown.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
