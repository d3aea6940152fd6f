"""Exchange rates, frozen when the cycle opens, and what a confirmed amount comes to in its currency.

An amount is converted and rounded once; its parts follow by largest remainder, so that they add up to it.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import ClassVar

from servicekit.values.errors import RuleViolated
from servicekit.values.money import scale_of, spread

PRECISION = 60
"""Significant digits while multiplying: an amount has 20, a rate up to 24."""


class RateMissing(RuleViolated):
    """No rate into the currency of the cycle was known when it opened; `currency` is the one without."""

    code = "rate_missing"
    members: ClassVar[tuple[str, ...]] = ("currency",)

    def __init__(self, currency: str, into: str) -> None:
        super().__init__(f"No exchange rate from {currency} into {into} was frozen with this cycle.", field="/amount")
        self.currency = currency


def rate_into(currency: str, into: str, frozen: Mapping[str, Decimal]) -> Decimal:
    """Return the frozen rate from a currency into the cycle's.

    Raises:
        RateMissing: none was known when the cycle opened.
    """
    if currency == into:
        return Decimal(1)
    rate = frozen.get(currency)
    if rate is None:
        raise RateMissing(currency, into)
    return rate


def has_rate(currency: str, into: str, frozen: Mapping[str, Decimal]) -> bool:
    """Tell whether a rate from a currency into the cycle's was known when it opened."""
    return currency == into or currency in frozen


def converted(amount: Decimal, factors: Sequence[Decimal], currency: str) -> Decimal:
    """Return an amount times factors (rate, probability), rounded once to the scale of the currency."""
    with localcontext(prec=PRECISION):
        product = amount
        for factor in factors:
            product *= factor
        return product.quantize(Decimal(1).scaleb(-scale_of(currency)), rounding=ROUND_HALF_UP)


def converted_parts(
    parts: Sequence[Decimal], factors: Sequence[Decimal], currency: str
) -> tuple[Decimal, list[Decimal]]:
    """Return the converted sum of the parts, and the parts by largest remainder so that they add up to it."""
    whole = converted(sum(parts, Decimal(0)), factors, currency)
    return whole, spread(whole, parts, scale_of(currency))
