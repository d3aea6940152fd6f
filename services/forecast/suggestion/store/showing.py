"""Suggested figures as they are shown: beside what is confirmed now, with the past months that they were tried on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from servicekit.values.dates import add_months
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.suggestion.store.suggestions import SuggestedFigure, Suggestion


@dataclass(frozen=True, slots=True)
class TriedMonth:
    """What would have been suggested of a past month, and what was won in it."""

    month: date
    suggested: Decimal
    won: Decimal


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggested figure beside what is confirmed now (of a person alone), in the cycle's currency."""

    figure: SuggestedFigure
    as_of: date
    currency: str
    tried: list[TriedMonth]
    confirmed: Decimal | None


def shown(cycle: Cycle, of: Suggestion, figure: SuggestedFigure, confirmed: Mapping[tuple[Any, ...], Decimal]) -> Shown:
    """Return a figure with what is confirmed by seat and month, and by these, customer group and product line."""
    tried = [
        TriedMonth(add_months(of.as_of, -before), Decimal(str(suggested)), Decimal(str(won)))
        for before, suggested, won in figure.tried
    ]
    part = () if figure.is_total else (figure.customer_group, figure.product_line_id)
    beside = confirmed.get((figure.seat_id, figure.month, *part), Decimal(0)) if figure.scope == "own" else None
    return Shown(figure, of.as_of, cycle.currency, tried, beside)
