"""What a demand plan says: the decided lines, and how they differ from the version before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import ClassVar
from uuid import UUID

from servicekit.values.dates import Period, month_of
from servicekit.values.errors import Conflict
from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.weeks import days_of_week
from services.forecast.rollup.rules.cells import NOTHING, Figures
from services.forecast.rollup.rules.spreading import over_weeks

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "product_id",
    "product_code",
    "product_name",
    "product_line_id",
    "month",
    "week",
    "place",
    "quantity",
    "unit",
    "amount",
    "currency",
    "change_quantity",
    "change_amount",
    "change_kind",
    "previous_quantity",
    "previous_amount",
    "is_explicit_zero",
)
"""What a table of a plan's lines says of each, in turn."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where demand is: what, in which month (and week, in a cycle by weeks), for which delivery place."""

    item: Item
    month: date
    place: str
    week: date | None = None

    @property
    def days(self) -> Period:
        """The days in which it is needed: the month, or the days of the week that are in the month."""
        return month_of(self.month) if self.week is None else days_of_week(self.week)


class ChangeKind(StrEnum):
    """How a line differs from the version before: by its quantity, and where that is the same by its amount."""

    ADDED = "added"
    RAISED = "raised"
    LOWERED = "lowered"
    FALLEN_AWAY = "fallen_away"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Demand in a place, and how it changed since the version before (all of it, in a first version)."""

    place: Place
    figures: Figures
    change: Figures

    @property
    def change_kind(self) -> ChangeKind:
        """How it differs from the version before."""
        if self.change == NOTHING:
            return ChangeKind.UNCHANGED
        if self.is_explicit_zero:
            return ChangeKind.FALLEN_AWAY
        if self.figures == self.change:
            return ChangeKind.ADDED
        judged_by = self.change.quantity or self.change.amount
        return ChangeKind.RAISED if judged_by > 0 else ChangeKind.LOWERED

    @property
    def before(self) -> Figures:
        """What the version before said."""
        return self.figures + -self.change

    @property
    def is_explicit_zero(self) -> bool:
        """Whether an earlier version had something here and this one has nothing."""
        return self.figures == NOTHING


@dataclass(frozen=True, slots=True)
class DecidedPart:
    """What was decided for a place, and what sales said of it; without a decision those are the same."""

    place: Place
    figures: Figures
    sales: Figures
    decision_id: UUID | None

    @property
    def difference(self) -> Figures:
        """By how much the decision changed what sales said."""
        return self.figures + -self.sales

    def by_weeks(self, scale: int) -> list["DecidedPart"]:
        """Return it by weeks, where only the month is known: a source says no day."""
        if self.place.week is not None:
            return [self]
        place = self.place
        figures = over_weeks(self.figures, place.month, place.item, scale)
        sales = over_weeks(self.sales, place.month, place.item, scale)
        return [
            DecidedPart(replace(place, week=week), of_week, sales[week], self.decision_id)
            for week, of_week in figures.items()
        ]


@dataclass(slots=True)
class Summary:
    """What the lines of a version come to, told some at a time; of those that changed, one is kept."""

    count: int = 0
    total: Decimal = Decimal(0)
    change: Decimal = Decimal(0)
    changed: tuple[PlanLine, ...] = ()

    def add(self, lines: Sequence[PlanLine]) -> None:
        """Take in some more."""
        self.count += len(lines)
        self.total += total_of(lines)
        self.change += change_of(lines)
        if not self.changed:
            self.changed = tuple(islice((line for line in lines if line.change != NOTHING), 1))


class TopsNotApproved(Conflict):
    """The record at the top of a line is not approved, or does not hold any more; `seats` says whose and how."""

    code = "tops_not_approved"
    members: ClassVar[tuple[str, ...]] = ("seats",)

    def __init__(self, seats: Mapping[UUID, str]) -> None:
        super().__init__("Not every forecast at the top of a line is approved and up to date.")
        self.seats = [{"person_id": str(person_id), "state": state} for person_id, state in seats.items()]


class PlanUnchanged(Conflict):
    """The approved forecasts say what the latest version says; `version` is that one."""

    code = "plan_unchanged"
    members: ClassVar[tuple[str, ...]] = ("version",)

    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} says this already.")
        self.version = version


def demand_at(figures_by_place: Iterable[tuple[Place, Figures]]) -> dict[Place, Figures]:
    """Return the sum of the figures of each place, without those that come to nothing."""
    demand: dict[Place, Figures] = {}
    for place, figures in figures_by_place:
        demand[place] = demand.get(place, NOTHING) + figures
    return {place: figures for place, figures in demand.items() if figures != NOTHING}


def decisions_at(parts: Iterable[DecidedPart]) -> dict[Place, dict[UUID, Figures]]:
    """Return by how much each decision changed each place, where it did."""
    changes: dict[Place, dict[UUID, Figures]] = {}
    for part in parts:
        if part.decision_id is not None and part.difference != NOTHING:
            of_place = changes.setdefault(part.place, {})
            of_place[part.decision_id] = of_place.get(part.decision_id, NOTHING) + part.difference
    return changes


def plan_lines(demand: Mapping[Place, Figures], before: Mapping[Place, Figures]) -> list[PlanLine]:
    """Return the lines of a new version, in a settled order.

    What the version before had and the new one has not is an explicit zero. A zero is said again in every version
    after, so that each version alone is enough for who missed the ones between.
    """
    places = sorted({*demand, *before}, key=_order)
    return [
        PlanLine(place, figures, figures + -before.get(place, NOTHING))
        for place in places
        for figures in [demand.get(place, NOTHING)]
    ]


def check_changed(lines: Sequence[PlanLine], latest_version: int | None) -> None:
    """Refuse a version that would say what the latest says."""
    if latest_version is not None and all(line.change == NOTHING for line in lines):
        raise PlanUnchanged(latest_version)


def total_of(lines: Iterable[PlanLine]) -> Decimal:
    """Return the money of all lines."""
    return sum((line.figures.amount for line in lines), Decimal(0))


def change_of(lines: Iterable[PlanLine]) -> Decimal:
    """Return by how much the money of all lines changed since the version before."""
    return sum((line.change.amount for line in lines), Decimal(0))


def neutralised(text: str) -> str:
    """Return the text of a cell so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _order(place: Place) -> tuple[str, str, str, date, str]:
    item, start = place.item, place.week or place.month
    return (str(item.product_line_id or ""), str(item.product_id or ""), item.unit or "", start, place.place)
