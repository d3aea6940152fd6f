"""The models, all of them exponential smoothing (statsmodels): of the level, and of a cycle of 3 or of 12 months.

Their parameters are set, not fitted: of a few years of months, fitted ones follow chance, and the past figures of a
model with set ones rest on nothing later. Which of them count is decided by how they did (`rules.combining`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from services.forecast.suggestion.rules.combining import Said


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How fast level and cycle follow; a cycle of one month is none, a level of 0 stays as it began."""

    cycle: int
    level: float
    season: float


MODELS = (
    Smoothing(1, 0.1, 0.0),
    Smoothing(1, 0.3, 0.0),
    Smoothing(3, 0.0, 0.3),
    Smoothing(3, 0.0, 0.5),
    Smoothing(3, 0.1, 0.3),
    Smoothing(3, 0.1, 0.5),
    Smoothing(12, 0.0, 0.5),
)


def said_by_models(actual: Sequence[float], ahead: int) -> list[Said]:
    """Return what each model says of the months of a history and of the one so many months after it."""
    return [_said(model, np.asarray(actual, dtype=float), ahead) for model in MODELS]


def _said(model: Smoothing, actual: "np.typing.NDArray[np.float64]", ahead: int) -> Said:
    """Say of each month what the model's state `ahead` months before it says."""
    count = len(actual)
    said: list[float | None] = [None] * (count + 1)
    if count <= model.cycle:
        return said
    level, season = _state(model, actual)
    cycles = -(-ahead // model.cycle) * model.cycle
    for month in range(model.cycle + ahead - 1, count + 1):
        at, same = _places(month, count, ahead, cycles)
        said[month] = float(level[at] + (season[same] if model.cycle > 1 else 0.0))
    return said


def _places(month: int, count: int, ahead: int, cycles: int) -> tuple[int, int]:
    """Return which month's level, and which month's place in the cycle, a month is forecast from."""
    coming = count - 1 + ahead if month == count else month
    return coming - ahead, coming - cycles


def _state(model: Smoothing, actual: "np.typing.NDArray[np.float64]") -> tuple[Sequence[float], Sequence[float]]:
    """Return level and cycle after each month."""
    if model.cycle == 1:
        smoothing = ExponentialSmoothing(actual, initialization_method="known", initial_level=actual[0])
        fit = smoothing.fit(smoothing_level=model.level, optimized=False)
        return fit.level, ()
    begun = actual[: model.cycle]
    smoothing = ExponentialSmoothing(
        actual,
        seasonal="add",
        seasonal_periods=model.cycle,
        initialization_method="known",
        initial_level=begun.mean(),
        initial_seasonal=begun - begun.mean(),
    )
    fit = smoothing.fit(smoothing_level=model.level, smoothing_seasonal=model.season, optimized=False)
    return fit.level, fit.season
