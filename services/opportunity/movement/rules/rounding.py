"""Rounds a table so that its rows and columns still add up, each figure to one of the two whole numbers beside it.

With one row this is the largest remainder. With several, what one row gains another loses: that is a flow from rows to
columns, and it is found by augmenting paths. A figure that is whole, 0 among them, stays as it is.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor


def rounded(rows: Sequence[Sequence[Fraction]], fixed: Mapping[int, int]) -> list[list[int]]:
    """Return the table in whole numbers: each row adds up to 0 as it did, each column to a number beside its sum.

    Args:
        rows: figures with their signs; those of a row add up to 0.
        fixed: what the columns of these places have to add up to, each a number beside its sum.
    """
    table = [[floor(figure) for figure in row] for row in rows]
    if not table:
        return table
    sums = [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]
    present = [sum(column) for column in zip(*table, strict=True)]
    least = [fixed.get(place, floor(total)) - present[place] for place, total in enumerate(sums)]
    most = [fixed.get(place, ceil(total)) - present[place] for place, total in enumerate(sums)]
    raising = _Raising(rows, [-sum(row) for row in table], least)
    raising.run()
    raising.room = most
    raising.run()
    for place, raised in enumerate(raising.raised):
        for column in raised:
            table[place][column] += 1
    return table


class _Raising:
    """Which figures go up instead of down: so many of each row as it needs, in a column while there is room."""

    def __init__(self, rows: Sequence[Sequence[Fraction]], needs: list[int], room: list[int]) -> None:
        remainders = [[figure - floor(figure) for figure in row] for row in rows]
        self.choices = [
            sorted((place for place, part in enumerate(row) if part), key=lambda place, row=row: (-row[place], place))  # type: ignore[misc]
            for row in remainders
        ]
        self.needs = needs
        self.room = room
        self.raised: list[set[int]] = [set() for _ in rows]
        self.taken = [0] * len(room)

    def run(self) -> None:
        """Raise what can be raised."""
        for row, need in enumerate(self.needs):
            while len(self.raised[row]) < need and self._raise_one(row):
                pass

    def _raise_one(self, start: int) -> bool:
        """Raise one more figure of a row; others move their own to make room (breadth first, so no path is long)."""
        came_from: dict[int, tuple[int, int | None]] = {}
        waiting: list[tuple[int, int | None]] = [(start, None)]
        for row, given_up in waiting:
            for column in self.choices[row]:
                if column in came_from or column in self.raised[row]:
                    continue
                came_from[column] = (row, given_up)
                if self.taken[column] < self.room[column]:
                    self._move(column, came_from)
                    return True
                waiting.extend((other, column) for other, theirs in enumerate(self.raised) if column in theirs)
        return False

    def _move(self, column: int, came_from: Mapping[int, tuple[int, int | None]]) -> None:
        self.taken[column] += 1
        at: int | None = column
        while at is not None:
            row, given_up = came_from[at]
            self.raised[row].add(at)
            if given_up is not None:
                self.raised[row].discard(given_up)
            at = given_up
