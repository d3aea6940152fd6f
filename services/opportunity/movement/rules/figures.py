"""Adds the parts up exactly: in one currency at one day's rates, unknown amounts counted and never taken for 0."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.opportunity.movement.rules.parts import Alike, Part, changed, entering, leaving, parts_of

SHIFTED = "shifted"
"""What a stage gained (negative: lost) because others moved into it and out of it; 0 over all stages."""
Column = Part | str
Row = UUID | str
WHOLE = "whole"
"""The row of the scope itself."""
BETWEEN = "between"
"""The row that takes out what only went from one part of the scope to another."""


@dataclass(slots=True)
class Figure:
    """How many, the exact sum of what could be converted, of how many the amount is unknown.

    `unconverted` holds what no rate could bring into the reporting currency, by currency.
    """

    count: int = 0
    amount: Fraction = Fraction(0)
    unknown: int = 0
    unconverted: dict[str, Decimal] = field(default_factory=dict)

    def add(self, other: "Figure", sign: int = 1) -> None:
        """Add another to this one, or take it away."""
        self.count += sign * other.count
        self.amount += sign * other.amount
        self.unknown += sign * other.unknown
        for currency, amount in other.unconverted.items():
            self.unconverted[currency] = self.unconverted.get(currency, Decimal(0)) + sign * amount


Figures = dict[Column, Figure]
Table = dict[Row, Figures]


class Money:
    """Brings amounts into the reporting currency."""

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        self._rates = {currency: Fraction(rate) for currency, rate in rates.items()}

    def figure(self, count: int, amount: Decimal, unknown: int, currency: str) -> Figure:
        """Return the figure of amounts in one currency."""
        rate = self._rates.get(currency)
        if rate is None:
            return Figure(count, Fraction(0), unknown, {currency: amount} if amount else {})
        return Figure(count, Fraction(amount) * rate, unknown)

    def start(self, one: Alike) -> Figure:
        """Return what they were worth at the start."""
        return self.figure(one.count, one.start_amount, one.start_unknown, one.start_currency)

    def end(self, one: Alike) -> Figure:
        """Return what they are worth at the end."""
        return self.figure(one.count, one.end_amount, one.end_unknown, one.end_currency)

    def changes(self, one: Alike) -> Iterator[tuple[Part, Figure]]:
        """Return what those that are in at both dates rose or fell by.

        An amount that became known counts as risen from nothing, one that became unknown as fallen to nothing. Where
        only one of the two currencies has a rate, or they are two without one, what is not in the sum changes too.
        """
        before, after = self.start(one), self.end(one)
        part = changed(one.direction)
        if part is not None:
            unknown = one.start_unknown if part is Part.RAISED else one.end_unknown
            yield part, Figure(one.count, abs(after.amount - before.amount), unknown)
        for currency in sorted(before.unconverted.keys() | after.unconverted.keys()):
            rose = after.unconverted.get(currency, Decimal(0)) - before.unconverted.get(currency, Decimal(0))
            if rose:
                yield Part.RAISED if rose > 0 else Part.LOWERED, Figure(unconverted={currency: abs(rose)})


def whole_of(found: Sequence[Alike], money: Money) -> Figures:
    """Return the parts of the scope itself."""
    return _table(found, money, _as_whole).get(WHOLE, {})


def branches_of(found: Sequence[Alike], money: Money) -> Table:
    """Return the parts of each branch of the scope, and `between`: with it they add up to the scope, part by part.

    What went from one branch to another left the first and entered the second. In the scope it did neither, so that
    `between` takes both out again and adds what they are above: raised or lowered, moved in or out.
    """
    table = _table(found, money, lambda one: (one.start_branch, one.end_branch))
    between: Figures = {part: Figure() for part in Part}
    for part, figure in whole_of(found, money).items():
        between[part].add(figure)
    for row in table.values():
        for part, figure in row.items():
            between[part].add(figure, -1)
    return table | {BETWEEN: between}


def stages_of(found: Sequence[Alike], money: Money, stage_now: Callable[[int, str], str]) -> Table:
    """Return the parts of each stage; `stage_now` says which one of the current funnel a stage stands for.

    What leaves is told where it stood at the start, all else where it stands at the end; what changed its stage is
    shifted at the amount of the start.
    """
    table: Table = {}
    for one in found:
        before = stage_now(one.start_version, one.start_stage) if one.was_in else ""
        after = stage_now(one.end_version, one.end_stage) if one.is_in else ""
        start, end = money.start(one), money.end(one)
        if one.was_in:
            _add(table, before, Part.OPENING, start)
        if one.stays:
            if before != after:
                _add(table, before, SHIFTED, start, -1)
                _add(table, after, SHIFTED, start)
            for part, figure in money.changes(one):
                _add(table, after, part, figure)
        elif one.was_in:
            _add(table, before, leaving(one.state, is_within=one.end_branch is not None), start)
        else:
            _add(table, after, entering(was_open=one.was_open, was_within=one.start_branch is not None), end)
        if one.is_in:
            _add(table, after, Part.CLOSING, end)
    return table


def steps_of(found: Sequence[Alike], money: Money) -> tuple[Figure, Figure]:
    """Return what advanced to a later stage and what slipped back, of those in at both dates, at the end's amounts."""
    advanced, slipped = Figure(), Figure()
    for one in found:
        if one.step:
            (advanced if one.step > 0 else slipped).add(money.end(one))
    return advanced, slipped


def _as_whole(one: Alike) -> tuple[Row | None, Row | None]:
    return (WHOLE if one.start_branch else None), (WHOLE if one.end_branch else None)


def _table(found: Sequence[Alike], money: Money, rows_of: Callable[[Alike], tuple[Row | None, Row | None]]) -> Table:
    table: Table = {}
    for one in found:
        start_row, end_row = rows_of(one)
        start, end = money.start(one), money.end(one)
        for row in dict.fromkeys(row for row in (start_row, end_row) if row is not None):
            stays = one.stays and start_row == end_row
            for part in parts_of(one, row, start_row, end_row):
                if part not in (Part.RAISED, Part.LOWERED):
                    _add(table, row, part, end if part in _AT_THE_END else start)
            for part, figure in money.changes(one) if stays else ():
                _add(table, row, part, figure)
    return table


_AT_THE_END = frozenset({Part.NEW, Part.ENTERED, Part.MOVED_IN, Part.CLOSING})


def _add(table: Table, row: Row, column: Column, figure: Figure, sign: int = 1) -> None:
    table.setdefault(row, {}).setdefault(column, Figure()).add(figure, sign)
