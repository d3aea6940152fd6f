"""When is a unit's forecast final? When its head has approved every top that belongs to it, and all still hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.cells import Total


class UnitState(StrEnum):
    """How far a unit has come: tops are `missing`, have all `handed_in`, or are all approved: `final`."""

    MISSING = "missing"
    HANDED_IN = "handed_in"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Tops:
    """How many lines end in a unit, and how many of their tops hold; tops = handed_in + stale + missing.

    `approved` are some of those handed in; `late` are missing after their deadline.
    """

    tops: int
    handed_in: int
    stale: int
    missing: int
    late: int
    approved: int


@dataclass(frozen=True, slots=True)
class UnitForecast:
    """What the tops of a unit say that are handed in and still hold; None as id: tops that belong to no unit."""

    unit_id: UUID | None
    name: str | None
    head_id: UUID | None
    tops: Tops
    totals: Mapping[Category, Total]

    @property
    def state(self) -> UnitState:
        """Whether it is final."""
        return state_of(self.tops)


def state_of(tops: Tops) -> UnitState:
    """Return how far a unit has come; what is stale is to be handed in again."""
    if tops.handed_in < tops.tops:
        return UnitState.MISSING
    return UnitState.FINAL if tops.approved == tops.tops else UnitState.HANDED_IN
