"""Money: exact decimals with an ISO 4217 currency, rounded once, split without a cent lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import lcm

from babel.core import get_global

from servicekit.values.errors import Malformed

LARGEST_AMOUNT = Decimal(10) ** 16
"""Amounts are kept as numeric(20,4)."""


class UnknownCurrency(Malformed):
    """The code is not one of ISO 4217."""

    code = "unknown_currency"


class AmountNotExact(Malformed):
    """The amount has more decimals than its currency, or is too large to keep."""

    code = "amount_not_exact"


@cache
def known_currencies() -> frozenset[str]:
    """Return the codes of ISO 4217, past ones included."""
    return frozenset(get_global("all_currencies"))


@cache
def scale_of(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217: JPY 0, CNY 2, KWD 3).

    Raises:
        UnknownCurrency: the code is not one of ISO 4217.
    """
    if currency not in known_currencies():
        raise UnknownCurrency(f"'{currency}' is not an ISO 4217 currency code, such as CNY or USD.")
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's scale, half away from zero (NUMBERS: once, at the end)."""
    return amount.quantize(Decimal(1).scaleb(-scale_of(currency)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def exact_money(amount: Decimal, currency: str, *, field: str | None = None) -> Money:
    """Return the money if its amount can be kept as it is.

    Raises:
        UnknownCurrency: the code is not one of ISO 4217.
        AmountNotExact: more decimals than the currency has, or 10^16 and more.
    """
    scale = scale_of(currency)
    if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
        raise AmountNotExact("An amount is a finite decimal below 10^16.", field=field)
    if amount != round_money(amount, currency):
        raise AmountNotExact(f"{currency} has {scale} decimals; {amount} has more.", field=field)
    return Money(round_money(amount, currency) + 0, currency)  # + 0: there is no -0


def spread(total: Decimal, weights: Sequence[Decimal], scale: int) -> list[Decimal]:
    """Split a total in proportion to weights, by largest remainder, so that the parts add up to it.

    Args:
        total: a multiple of 10^-scale; may be negative.
        weights: not negative; if all are 0 the total is split equally.
        scale: decimals of each part.

    Ties go to the earlier part (NUMBERS: by line order).
    """
    if not weights:
        return []
    shares, _ = in_one_unit(weights) if any(weights) else ([1] * len(weights), 1)
    unit = Decimal(1).scaleb(-scale)
    units = int(abs(total) / unit)
    whole = sum(shares)
    parts = [share * units // whole for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda index: (-(shares[index] * units % whole), index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    sign = -1 if total < 0 else 1
    return [sign * part * unit for part in parts]


def in_one_unit(values: Sequence[Decimal | int]) -> tuple[list[int], int]:
    """Return values as whole numbers of one unit, and how many of it make 1: what is exact and quick to compare."""
    ratios = [value.as_integer_ratio() for value in values]
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios], common
