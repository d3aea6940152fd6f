"""What goes into the process that forecasts and what comes out of it, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.forecast.suggestion.rules.suggesting import Figure, Lacking, Part, Suggested, Tried


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to forecast: months so many after the end of each history, amounts of so many decimals."""

    ahead: Sequence[int]
    scale: int


@dataclass(frozen=True, slots=True)
class History:
    """What somebody has won in each month, by part; every part tells of the same months."""

    person: str
    amounts: Mapping[Part, Sequence[float]]


def told_history(history: History) -> dict[str, Any]:
    """Return a history as plain values."""
    parts = [[group, line, list(amounts)] for (group, line), amounts in history.amounts.items()]
    return {"person": history.person, "parts": parts}


def history_of(told: Mapping[str, Any]) -> History:
    """Return a history from plain values."""
    return History(told["person"], {(group, line): amounts for group, line, amounts in told["parts"]})


def told_suggested(suggested: Suggested) -> dict[str, Any]:
    """Return suggested figures as plain values."""
    parts = [[group, line, _told(figure)] for (group, line), figure in suggested.parts.items()]
    return {"total": _told(suggested.total), "parts": parts}


def suggested_of(told: Mapping[str, Any]) -> Suggested:
    """Return suggested figures from plain values."""
    return Suggested(_figure(told["total"]), {(group, line): _figure(each) for group, line, each in told["parts"]})


def _told(figure: Figure) -> dict[str, Any]:
    amounts = {name: _text(getattr(figure, name)) for name in ("amount", "lower", "upper")}
    tried = [[each.months_before, each.forecast, each.actual] for each in figure.tried]
    return amounts | {"coverage": figure.coverage, "tried": tried, "lacking": figure.lacking}


def _figure(told: Mapping[str, Any]) -> Figure:
    return Figure(
        amount=_decimal(told["amount"]),
        lower=_decimal(told["lower"]),
        upper=_decimal(told["upper"]),
        coverage=told["coverage"],
        tried=tuple(Tried(*each) for each in told["tried"]),
        lacking=Lacking(told["lacking"]) if told["lacking"] else None,
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
