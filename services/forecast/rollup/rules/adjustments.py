"""Adjustments: how a superior revises what came from below, and what becomes of it when that changes.

Each adjustment has a scope (a category or the plan figure; one direct report or all) and a mode. When the figure
in its scope changes it is computed again by its mode, and flagged until the superior confirms it. What is won
(`closed`) is a fact: it is part of the figure that an adjustment judges, and never changed by one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.rules.quantities import PRECISION, rounded_parts
from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.cells import ZERO, Cell, Figures, Part
from services.forecast.rollup.rules.spreading import over_weeks, spread_over


class Mode(StrEnum):
    """`delta` adds an amount, `absolute` sets the figure, `ratio` multiplies it."""

    DELTA = "delta"
    ABSOLUTE = "absolute"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class NamedLine:
    """Where an adjustment belongs that has no line below: it was `quantity` when it came to `amount`.

    By week it is spread evenly over the working days of the month.
    """

    item: Item
    month: date
    place: str
    quantity: Decimal
    amount: Decimal
    is_by_week: bool = False


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A superior's judgement; `base` is the figure in its scope that they last looked at."""

    id: UUID
    mode: Mode
    value: Decimal
    category: Category | None
    seat_id: UUID | None
    base: Decimal
    line: NamedLine | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an adjustment comes to now.

    `is_flagged`: the figure below is not the one that was judged. `needs_figure`: the mode gives a figure that
    cannot be (below what is won, or below 0); nothing is adjusted until the superior gives a new one.
    """

    adjustment: Adjustment
    base: Decimal
    delta: Decimal
    parts: tuple[Part, ...]
    is_flagged: bool
    needs_figure: bool

    @property
    def result(self) -> Decimal:
        """The figure in scope after the adjustment."""
        return self.base + self.delta


class AdjustmentValueWrong(RuleViolated):
    """A delta of 0, a figure or ratio below 0, or more decimals than the currency has."""

    code = "adjustment_value_wrong"


class FigureImpossible(RuleViolated):
    """The adjustment would take the figure below what is won, or below 0: give a new figure."""

    code = "new_figure_needed"
    members: ClassVar[tuple[str, ...]] = ("base", "lowest", "computed")

    def __init__(self, base: Decimal, lowest: Decimal, computed: Decimal) -> None:
        super().__init__(
            f"That gives {computed}; from below come {base}, of which {lowest} are won: give a new figure.",
            field="/value",
        )
        self.base, self.lowest, self.computed = str(base), str(lowest), str(computed)


class NoLineBelow(RuleViolated):
    """Nothing from below can carry the adjustment: it must say to which product, month and place it belongs."""

    code = "no_line_below"

    def __init__(self) -> None:
        super().__init__(
            "There is no line below to carry this: name product or product line, month and place.", field="/line"
        )


class ClosedIsFact(RuleViolated):
    """What is won is not adjusted."""

    code = "closed_is_fact"


class AdjustmentsOpen(Conflict):
    """Adjustments wait for the superior's word; `adjustment_ids` are those."""

    code = "adjustments_open"
    members: ClassVar[tuple[str, ...]] = ("adjustment_ids",)

    def __init__(self, adjustment_ids: Sequence[UUID]) -> None:
        super().__init__("What lies below has changed: confirm, replace or withdraw these adjustments first.")
        self.adjustment_ids = [str(adjustment_id) for adjustment_id in adjustment_ids]


def check_value(mode: Mode, value: Decimal, category: Category | None, scale: int) -> None:
    """Refuse a value that the mode has no use for, and any on what is won."""
    if category in (Category.CLOSED, Category.OMITTED):
        raise ClosedIsFact("Only commit, best_case and pipeline are adjusted.", field="/category")
    if mode is Mode.DELTA and value == 0:
        raise AdjustmentValueWrong("A delta of 0 changes nothing.", field="/value")
    if mode is not Mode.DELTA and value < 0:
        raise AdjustmentValueWrong(f"A figure or ratio is 0 or more, not {value}.", field="/value")
    if mode is not Mode.RATIO and value != round(value, scale):
        raise AdjustmentValueWrong(f"The currency of the cycle has {scale} decimals.", field="/value")


def delta_of(mode: Mode, value: Decimal, base: Decimal, scale: int) -> Decimal:
    """Return what an adjustment adds to a figure: 100 → 90 by −10, 90 or 0.9; 130 → 120, 90 or 117."""
    if mode is Mode.DELTA:
        return value
    if mode is Mode.ABSOLUTE:
        return value - base
    with localcontext(prec=PRECISION):
        return (base * value).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP) - base


def applied(
    adjustments: Sequence[Adjustment], gathered: Sequence[Part], plan: Collection[Category], scale: int
) -> list[Applied]:
    """Return what each adjustment comes to, in order: each judges the figure that those before it leave.

    `gathered` are the submitted cells of the direct reports, each in its report's name.
    """
    parts = _by_place(gathered)
    outcomes: list[Applied] = []
    for adjustment in adjustments:
        outcome = _apply(adjustment, list(parts.values()), plan, scale)
        outcomes.append(outcome)
        if len(outcomes) == len(adjustments):
            break
        for change in outcome.parts:
            place = (change.seat_id, change.cell)
            before = parts.get(place)
            figures = change.figures if before is None else before.figures + change.figures
            parts[place] = Part(change.seat_id, change.cell, figures)
    return outcomes


def check_possible(outcome: Applied, gathered: Sequence[Part], plan: Collection[Category]) -> None:
    """Refuse a new adjustment that cannot be carried out on what is gathered now."""
    adjustment = outcome.adjustment
    if not outcome.needs_figure:
        return
    scoped = _in_scope(adjustment, gathered, plan)
    won = sum((part.figures.amount for part in scoped if part.cell.category is Category.CLOSED), ZERO)
    if outcome.delta > 0:
        raise NoLineBelow
    raise FigureImpossible(outcome.base, won, outcome.result)


def check_settled(outcomes: Sequence[Applied]) -> None:
    """Refuse to submit while an adjustment is flagged or needs a new figure."""
    waiting = [outcome.adjustment.id for outcome in outcomes if outcome.is_flagged or outcome.needs_figure]
    if waiting:
        raise AdjustmentsOpen(waiting)


def _apply(adjustment: Adjustment, parts: Sequence[Part], plan: Collection[Category], scale: int) -> Applied:
    scoped = _in_scope(adjustment, parts, plan)
    base = sum((part.figures.amount for part in scoped), ZERO)
    delta = delta_of(adjustment.mode, adjustment.value, base, scale)
    flagged = base != adjustment.base
    changes = _changes(adjustment, delta, [part for part in scoped if part.cell.category is not Category.CLOSED], scale)
    if changes is None:
        return Applied(adjustment, base, delta, (), flagged, needs_figure=True)
    return Applied(adjustment, base, delta, tuple(changes), flagged, needs_figure=False)


def _changes(adjustment: Adjustment, delta: Decimal, carriers: Sequence[Part], scale: int) -> list[Part] | None:
    """Return the change of each carrying part, or None where they cannot carry it."""
    if delta == 0:
        return []
    if delta < -sum((part.figures.amount for part in carriers), ZERO):
        return None
    if adjustment.line is not None and delta > 0:
        return _named(adjustment, adjustment.line, delta, scale)
    return spread_over(delta, carriers, scale) if carriers else None


def _named(adjustment: Adjustment, line: NamedLine, delta: Decimal, scale: int) -> list[Part]:
    with localcontext(prec=PRECISION):
        exact = line.quantity * delta / line.amount if line.amount else line.quantity
    quantity = rounded_parts([exact], line.item.unit_is_whole)[0]
    cell = Cell(adjustment.category or Category.COMMIT, line.item, line.month, line.place)
    if not line.is_by_week:
        return [Part(adjustment.seat_id, cell, Figures(quantity, delta))]
    weeks = over_weeks(Figures(quantity, delta), line.month, line.item, scale)
    return [Part(adjustment.seat_id, replace(cell, week=week), figures) for week, figures in weeks.items()]


def _in_scope(adjustment: Adjustment, parts: Sequence[Part], plan: Collection[Category]) -> list[Part]:
    categories = plan if adjustment.category is None else (adjustment.category,)
    return [part for part in parts if part.cell.category in categories and adjustment.seat_id in (None, part.seat_id)]


def _by_place(parts: Sequence[Part]) -> dict[tuple[UUID | None, Cell], Part]:
    places: dict[tuple[UUID | None, Cell], Part] = {}
    for part in parts:
        place = (part.seat_id, part.cell)
        before = places.get(place)
        places[place] = part if before is None else Part(part.seat_id, part.cell, before.figures + part.figures)
    return places
