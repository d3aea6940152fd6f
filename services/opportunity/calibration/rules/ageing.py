"""Since when does an opportunity stand too long in its stage, or is nothing done about it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from servicekit.values.dates import start_of_day
from services.opportunity.calibration.rules.calibrating import WonDays
from services.opportunity.calibration.rules.places import Place

FEWEST_WON = 20
"""Below, a fixed number of days counts instead of what the won ones took."""


class ThresholdSource(StrEnum):
    """Where a threshold comes from: the 75th percentile of the won ones, or a fixed number of days (a setting)."""

    WON_HISTORY = "won_history"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Threshold:
    """How many days in a stage are not too long yet; `won_count` are the won ones that were in it."""

    order: int
    days: Decimal
    source: ThresholdSource
    won_count: int

    def limit(self, now: datetime) -> datetime:
        """Return the instant before which somebody must have entered the stage to stand in it too long by now."""
        return now - timedelta(seconds=float(self.days * 86_400))


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing was done lately: the latest activity before a day, or where none is known the last change before then."""

    day: date
    instant: datetime


def thresholds(orders: Sequence[int], won: Mapping[int, WonDays], fixed_days: int) -> list[Threshold]:
    """Return the threshold of each open stage."""
    found = []
    for order in orders:
        days = won.get(order, WonDays())
        if days.count >= FEWEST_WON and days.percentile_75 is not None:
            found.append(Threshold(order, days.percentile_75, ThresholdSource.WON_HISTORY, days.count))
        else:
            found.append(Threshold(order, Decimal(fixed_days), ThresholdSource.FIXED, days.count))
    return found


def idle_since(today: date, days: int, zone: ZoneInfo) -> Idle:
    """Return before when the last activity lies of what has had none for so many days."""
    day = today - timedelta(days=days)
    return Idle(day, start_of_day(day, zone))


def limits_by_stage(found: Sequence[Threshold], places: Sequence[Place], now: datetime) -> dict[str, str]:
    """Return the limit of each stage of each version, under the version and the stage with a colon between."""
    limits = {threshold.order: threshold.limit(now).isoformat() for threshold in found}
    return {f"{place.version}:{place.stage}": limits[place.order] for place in places if place.order in limits}
