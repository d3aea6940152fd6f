"""What own past bias makes of a figure: a suggested revision, which is never applied by itself.

Whoever forecast Σ forecast where Σ actual was won has a bias of Σ(forecast − actual) ÷ Σ actual, so that a figure
divided by 1 + bias is what such a figure came to so far. What is won already is fact: nothing less is suggested.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from servicekit.values.money import round_money
from services.forecast.accuracy.rules.measuring import PRECISION, Accuracy, Grain, Sums, accuracy_of

FEWEST_PERIODS = 3
"""Below, past bias is told and nothing is suggested."""
MOST_PERIODS = 12
"""No more than so many of the latest periods are looked at: people change."""


class NoSuggestion(StrEnum):
    """Why nothing is suggested."""

    NO_FIGURE = "no_figure"
    TOO_FEW_PERIODS = "too_few_periods"
    NOTHING_WON = "nothing_won"
    NOTHING_FORECAST = "nothing_forecast"


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """What somebody had handed in by the deadline of a period that is over, and what was won."""

    period_start: date
    forecast: Decimal
    actual: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A seat's figure that counts, and how much of it is won."""

    amount: Decimal
    closed: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What past bias suggests in place of a figure, over how many periods; null with the reason where it does not."""

    past: Accuracy
    suggested: Decimal | None
    reason: NoSuggestion | None


def suggestion(figure: Figure | None, past: Sequence[PastPeriod], currency: str) -> Suggestion:
    """Return figure ÷ (1 + bias), rounded to the currency, and not less than what is won."""
    latest = sorted(past, key=lambda each: each.period_start, reverse=True)[:MOST_PERIODS]
    sums = Sums.over(Grain(each.forecast, each.actual) for each in latest)
    found = accuracy_of(sums, is_over=True)
    reason = _reason(figure, sums)
    if figure is None or reason is not None:
        return Suggestion(found, None, reason)
    with localcontext(prec=PRECISION):
        came_to = round_money(figure.amount * sums.actual / sums.forecast, currency)
    return Suggestion(found, max(came_to, figure.closed), None)


def _reason(figure: Figure | None, sums: Sums) -> NoSuggestion | None:
    if sums.count < FEWEST_PERIODS:
        return NoSuggestion.TOO_FEW_PERIODS
    if sums.actual == 0:
        return NoSuggestion.NOTHING_WON
    if sums.forecast == 0:
        return NoSuggestion.NOTHING_FORECAST
    return NoSuggestion.NO_FIGURE if figure is None else None
