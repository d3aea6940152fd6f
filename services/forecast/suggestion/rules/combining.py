"""One figure of what several models say: those count most that would have been nearest in the months before.

What is said of a month rests on nothing later than the month that lies `ahead` months before it: neither the models'
figures nor the weights of the models. A past month is treated as the coming one is, so the past tells how good the
coming figure may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

TRIED_MONTHS = 12
"""So many months back it is looked how good a model was, and how good the suggested figure."""

FEWEST_TRIED = 2
"""On so many past months a figure must have been tried before it is suggested."""

SHARPNESS = 4
"""A model with half the error counts 2 ** SHARPNESS times as much."""

EQUAL_MONTHS = 6
"""So many months of equal models are put before what is known: a few lucky months do not decide alone."""

COVERAGE = 0.8
"""The share of past months that an interval would have held."""

Said = Sequence[float | None]
"""What is said of each month of a history and of the coming one, None where a model cannot say anything yet."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How far off the figure may be to either side, and the share of months that are expected within."""

    margin: float
    coverage: float


def combined(actual: Sequence[float], said: Sequence[Said], ahead: int) -> list[float | None]:
    """Return what the models say together of each month of the history and of the coming one.

    `said` holds, for each model, one figure more than `actual`; the last is of the month `ahead` after the history.
    """
    errors = [_errors(actual, model) for model in said]
    months = range(len(actual) + 1)
    return [_together([model[at] for model in said], errors, _known_at(at, len(actual), ahead)) for at in months]


def _known_at(month: int, length: int, ahead: int) -> int:
    """Return how many months of the history are known where one of them, or the coming one, is spoken of."""
    return length if month == length else max(month - ahead + 1, 0)


def _errors(actual: Sequence[float], said: Said) -> list[float | None]:
    return [None if model is None else abs(model - there) for model, there in zip(said, actual, strict=False)]


def _together(said: Sequence[float | None], errors: Sequence[Sequence[float | None]], known: int) -> float | None:
    """Weigh the models that say something by their errors in the last of the known months."""
    speaking = [(figure, _known(each, known)) for figure, each in zip(said, errors, strict=True) if figure is not None]
    if not speaking:
        return None
    means = [sum(each) / len(each) for _, each in speaking if each]
    usual = sum(means) / len(means) if means else 1.0
    if usual == 0:
        return sum(figure for figure, _ in speaking) / len(speaking)
    weights = [_weight(each, usual) for _, each in speaking]
    return sum(weight * figure for weight, (figure, _) in zip(weights, speaking, strict=True)) / sum(weights)


def _known(errors: Sequence[float | None], known: int) -> list[float]:
    return [each for each in errors[max(known - TRIED_MONTHS, 0) : known] if each is not None]


def _weight(errors: Sequence[float], usual: float) -> float:
    error = (sum(errors) + EQUAL_MONTHS * usual) / (len(errors) + EQUAL_MONTHS)
    return float((usual / error) ** SHARPNESS)


def interval_of(errors: Sequence[float]) -> Interval:
    """Return how far off the next figure may be, from how far off those before it were.

    Of so few errors that none of them stands for `COVERAGE`, the largest one is taken, and what it stands for is told.
    """
    ordered, count = sorted(map(abs, errors)), len(errors)
    place = ceil((count + 1) * COVERAGE)
    if place > count:
        return Interval(ordered[-1], count / (count + 1))
    return Interval(ordered[place - 1], COVERAGE)
