"""Splitting a sum by shares, so that the parts always add up to the sum."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

Share = int | Decimal | Fraction


def split(amount: int, shares: Sequence[Share]) -> list[int]:
    """Whole kronor per share by largest remainder; ties go to the earlier share.

    Nobody gets a whole krona more or less than the exact share, and the parts sum to `amount`.
    Raises ValueError on a negative amount or share, or when no share is above zero.
    """
    weights = _whole_weights(shares)
    total = sum(weights)
    if amount < 0 or total == 0 or min(weights) < 0:
        raise ValueError("A split needs a sum of at least 0 and shares that are above 0 together.")
    parts, remainders = [], []
    for weight in weights:
        whole, remainder = divmod(amount * weight, total)
        parts.append(whole)
        remainders.append(remainder)
    left = amount - sum(parts)
    largest_first = sorted(range(len(weights)), key=lambda place: -remainders[place])
    for place in largest_first[:left]:
        parts[place] += 1
    return parts


def _whole_weights(shares: Sequence[Share]) -> list[int]:
    """The shares as whole numbers in the same proportions."""
    whole = [share for share in shares if isinstance(share, int)]
    if len(whole) == len(shares):
        return whole
    exact = [Fraction(share) for share in shares]
    scale = lcm(*(share.denominator for share in exact))
    return [int(share * scale) for share in exact]
