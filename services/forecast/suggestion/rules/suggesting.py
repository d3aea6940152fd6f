"""The suggested figures of a person: in total and by customer group and product line, the parts adding up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from servicekit.values.money import spread
from services.forecast.suggestion.rules.combining import FEWEST_TRIED, TRIED_MONTHS, Said, combined, interval_of

Part = tuple[str | None, str | None]
"""Customer group and product line; None where neither was told."""

Models = Callable[[Sequence[float], int], Sequence[Said]]
"""What each model says of a history's months and of the one so many months after it."""


class Lacking(StrEnum):
    """Why no figure is suggested."""

    NOTHING_WON = "nothing_won"
    TOO_LITTLE_HISTORY = "too_little_history"


@dataclass(frozen=True, slots=True)
class Tried:
    """A past month on which the suggestion was tried: how many months before the coming one, and both figures."""

    months_before: int
    forecast: float
    actual: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A suggested figure with its interval and the months it was tried on, or why there is none."""

    amount: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    coverage: float | None
    tried: tuple[Tried, ...]
    lacking: Lacking | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested of one month: in total, and by part so that those with a figure add up to the total."""

    total: Figure
    parts: Mapping[Part, Figure]


@dataclass(frozen=True, slots=True)
class _Raw:
    """What the models say together of a history that begins with its first sale."""

    length: int
    actual: Sequence[float]
    said: Sequence[float | None]

    @property
    def coming(self) -> float | None:
        """The figure of the coming month, where it was tried often enough before."""
        tried = sum(each is not None for each in self.said[:-1])
        return self.said[-1] if tried >= FEWEST_TRIED else None

    def at(self, months_before: int) -> float | None:
        """Return what was said of a past month."""
        place = self.length - months_before
        return self.said[place] if place >= 0 else None


def suggest(history: Mapping[Part, Sequence[float]], ahead: int, scale: int, models: Models) -> Suggested:
    """Suggest the figures of one month from what was won by part in each month up to `ahead` months before it.

    The total is forecast from the history of the total, each part from its own; the parts are then brought to the
    total in proportion, by largest remainder, and so are the past months on which they were tried.
    """
    totals = [sum(amounts) for amounts in zip(*history.values(), strict=True)]
    whole = _raw(totals, ahead, models)
    raw = {part: _raw(amounts, ahead, models) for part, amounts in history.items()}
    if whole.coming is None:
        return Suggested(_none(whole), {part: _none(each) for part, each in raw.items()})
    amount = _rounded(whole.coming, scale)
    figures = [part for part, each in raw.items() if each.coming is not None]
    amounts = dict(zip(figures, spread(amount, [_exact(raw[part].coming) for part in figures], scale), strict=True))
    factors = {before: _factor(whole, raw.values(), before) for before in range(1, TRIED_MONTHS + 1)}
    parts = {
        part: _figure(amounts[part], each, factors, scale) if part in amounts else _none(each)
        for part, each in raw.items()
    }
    return Suggested(_figure(amount, whole, dict.fromkeys(factors, 1.0), scale), parts)


def _raw(amounts: Sequence[float], ahead: int, models: Models) -> _Raw:
    first = next((month for month, amount in enumerate(amounts) if amount > 0), len(amounts))
    since = amounts[first:]
    said = combined(since, models(since, ahead), ahead) if since else [None]
    return _Raw(len(since), since, [None if each is None else max(each, 0.0) for each in said])


def _factor(whole: _Raw, parts: Iterable[_Raw], months_before: int) -> float:
    """Return what brings the parts of a past month to its total, as those of the coming month are brought to theirs."""
    said = [each.at(months_before) for each in parts]
    below, above = sum(each for each in said if each is not None), whole.at(months_before)
    return above / below if above is not None and below > 0 else 1.0


def expected(amount: Decimal, tried: tuple[Tried, ...], scale: int) -> Figure:
    """Return a figure with the interval that its past gives it."""
    interval = interval_of([each.forecast - each.actual for each in tried])
    margin = _rounded(interval.margin, scale)
    return Figure(amount, max(amount - margin, Decimal(0)), amount + margin, interval.coverage, tried, None)


def _figure(amount: Decimal, raw: _Raw, factors: Mapping[int, float], scale: int) -> Figure:
    tried = tuple(
        Tried(before, said * factor, raw.actual[raw.length - before])
        for before, factor in sorted(factors.items(), reverse=True)
        if before <= raw.length and (said := raw.at(before)) is not None
    )
    return expected(amount, tried, scale)


def _none(raw: _Raw) -> Figure:
    lacking = Lacking.TOO_LITTLE_HISTORY if raw.length else Lacking.NOTHING_WON
    return Figure(None, None, None, None, (), lacking)


def _exact(figure: float | None) -> Decimal:
    return Decimal(repr(figure or 0.0))


def _rounded(figure: float, scale: int) -> Decimal:
    return Decimal(repr(figure)).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
