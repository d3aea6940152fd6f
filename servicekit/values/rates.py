"""Exchange rates: the latest on or before a date is in force, and nothing is converted without one."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """How much of `to_currency` one unit of `from_currency` was worth on a date."""

    from_currency: str
    to_currency: str
    date: dt.date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """The factor that turns an amount into the wanted currency, of which date; `inverse` of a quote the other way."""

    from_currency: str
    to_currency: str
    date: dt.date | None
    factor: Decimal
    inverse: bool = False


def rate_on(quotes: Sequence[Quote], from_currency: str, to_currency: str, day: dt.date) -> Rate | None:
    """Return the rate in force on a day: the latest quote on or before it, of the two directions the later one.

    A quote the other way is inverted where it is the only or the later one; there is no way through a third currency.
    """
    if from_currency == to_currency:
        return Rate(from_currency, to_currency, None, Decimal(1))
    pairs = {(from_currency, to_currency): False, (to_currency, from_currency): True}
    best: Quote | None = None
    for quote in quotes:
        pair = (quote.from_currency, quote.to_currency)
        if pair not in pairs or quote.date > day:
            continue
        if best is None or (quote.date, not pairs[pair]) > (best.date, best.from_currency == from_currency):
            best = quote
    if best is None:
        return None
    inverse = best.from_currency != from_currency
    factor = 1 / best.rate if inverse else best.rate
    return Rate(from_currency, to_currency, best.date, factor, inverse)


def rates_of(quotes: Sequence[Quote], into: str, currencies: Iterable[str], day: dt.date) -> dict[str, Rate]:
    """Return the rate in force on a day from each of the currencies that has one."""
    found = {currency: rate_on(quotes, currency, into, day) for currency in currencies}
    return {currency: rate for currency, rate in found.items() if rate is not None}


def factors(rates: Mapping[str, Rate]) -> dict[str, Decimal]:
    """Return what to multiply with, by currency."""
    return {currency: rate.factor for currency, rate in rates.items()}


def converting(rates: Mapping[str, Rate]) -> list[Rate]:
    """Return the rates by which anything is converted: those that have a date."""
    return [rate for rate in rates.values() if rate.date is not None]


def oldest_date(rates: Sequence[Rate]) -> dt.date | None:
    """Return the date of the oldest rate in use, or None where nothing was converted."""
    return min((rate.date for rate in rates if rate.date is not None), default=None)
