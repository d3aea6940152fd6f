"""A movement as it is shown: rounded once, so that every line adds up and the lines below add up to the one above."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from servicekit.values.errors import RuleViolated
from servicekit.values.money import round_money, scale_of
from servicekit.values.rates import Rate
from services.opportunity.movement.rules.figures import (
    SHIFTED,
    WHOLE,
    Column,
    Figure,
    Figures,
    Row,
    Table,
)
from services.opportunity.movement.rules.parts import TAKEN_AWAY, Part
from services.opportunity.movement.rules.rounding import rounded
from services.opportunity.scopes.rules import Scope, ScopeKind

COLUMNS: tuple[Column, ...] = (*list(Part)[:-1], SHIFTED, Part.CLOSING)
OPENING_PLACE, CLOSING_PLACE = COLUMNS.index(Part.OPENING), COLUMNS.index(Part.CLOSING)


class Breakdown(StrEnum):
    """By what the parts are told as well: by who stands directly below, or by stage."""

    BELOW = "below"
    STAGE = "stage"


class DatesNotInOrder(RuleViolated):
    """A movement goes from a day to a later one."""

    code = "dates_not_in_order"

    def __init__(self) -> None:
        super().__init__("from_date lies after to_date: exchange them.", field="query:from_date")


class MovementInFuture(RuleViolated):
    """Nobody knows yet what will have moved."""

    code = "movement_in_future"

    def __init__(self, today: date) -> None:
        super().__init__(f"to_date lies in the future: ask up to {today.isoformat()}.", field="query:to_date")


class NobodyBelow(RuleViolated):
    """Customers and product lines have nobody below them."""

    code = "nobody_below"

    def __init__(self) -> None:
        super().__init__(
            "by=below needs scope=person, subtree or everything; a customer or product line has by=stage.",
            field="query:by",
        )


def check_dates(from_date: date, to_date: date, today: date) -> None:
    """Refuse a movement backwards or into the future."""
    if to_date > today:
        raise MovementInFuture(today)
    if from_date > to_date:
        raise DatesNotInOrder


def check_breakdown(by: Breakdown | None, kind: ScopeKind) -> None:
    """Refuse people below where there are none."""
    if by is Breakdown.BELOW and kind in {ScopeKind.CUSTOMER, ScopeKind.PRODUCT_LINE}:
        raise NobodyBelow


@dataclass(frozen=True, slots=True)
class Shown:
    """How many, their amount in the reporting currency, of how many it is unknown, and what no rate could convert."""

    count: int
    amount: Decimal
    unknown_amount: int
    unconverted: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """The parts of a scope, of somebody below, or of a stage; every part is there."""

    row: Row
    parts: Mapping[Column, Shown]

    def __getitem__(self, column: Column) -> Shown:
        return self.parts[column]


@dataclass(frozen=True, slots=True)
class Movement:
    """The parts of a scope between two dates, also by line if asked for.

    `advanced` and `slipped` are a second axis: they are among what is in at both dates. `reopened` are among the new.
    """

    scope: Scope
    from_date: date
    to_date: date
    currency: str
    whole: Line
    by: Breakdown | None
    lines: Sequence[Line]
    advanced: Shown
    slipped: Shown
    reopened: int
    simulated: int
    rates: Sequence[Rate]


def lines_of(whole: Figures, table: Table, currency: str) -> tuple[Line, list[Line]]:
    """Return the scope's line and those of a table that adds up to it."""
    rows: Sequence[tuple[Row, Figures]] = list(table.items()) or [(WHOLE, whole)]
    scale = 10 ** scale_of(currency)
    exact = [[_signed(figures, column) * scale for column in COLUMNS] for _, figures in rows]
    ends = {OPENING_PLACE: Part.OPENING, CLOSING_PLACE: Part.CLOSING}
    fixed = {place: _nearest(_signed(whole, part) * scale) for place, part in ends.items()}
    units = rounded(exact, fixed)
    lines = [_line(row, figures, given, currency) for (row, figures), given in zip(rows, units, strict=True)]
    return _line(WHOLE, whole, [sum(column) for column in zip(*units, strict=True)], currency), lines if table else []


def shown(figure: Figure, currency: str) -> Shown:
    """Return a figure that stands by itself."""
    return _shown(figure, _nearest(figure.amount * 10 ** scale_of(currency)), currency)


def in_order(table: Table, rows: Iterable[Row]) -> Table:
    """Return the rows that are named, in that order, with nothing in those that the table has not."""
    return {row: table.get(row, {}) for row in rows}


def sign_of(column: Column) -> int:
    """Return how a part counts: what is taken away below 0, as is the closing, against which all else is held."""
    return -1 if column in TAKEN_AWAY or column == Part.CLOSING else 1


def _signed(figures: Figures, column: Column) -> Fraction:
    figure = figures.get(column)
    return figure.amount * sign_of(column) if figure else Fraction(0)


def _nearest(figure: Fraction) -> int:
    """Return the nearest whole number, halves away from 0 (as `round_money`)."""
    nearest = floor(abs(figure) + Fraction(1, 2))
    return -nearest if figure < 0 else nearest


def _line(row: Row, figures: Figures, units: Sequence[int], currency: str) -> Line:
    parts = {
        column: _shown(figures.get(column, Figure()), sign_of(column) * given, currency)
        for column, given in zip(COLUMNS, units, strict=True)
    }
    return Line(row, parts)


def _shown(figure: Figure, units: int, currency: str) -> Shown:
    amount = Decimal(units).scaleb(-scale_of(currency))
    apart = {code: round_money(amount, code) for code, amount in sorted(figure.unconverted.items()) if amount}
    return Shown(figure.count, amount, figure.unknown, apart)
