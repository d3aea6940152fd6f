"""How many of those that reached a stage reached a later one (NUMBERS, Conversion between stages)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from servicekit.values.intervals import Interval, ratio_of, wilson


@dataclass(frozen=True, slots=True)
class Path:
    """How far some opportunities had come: the order of the highest stage reached, 0 for none.

    Attributes:
        before: ahead of the window.
        within: by the window's end.
        reached: by the day as of which it is told.
        is_open: whether they are still open on that day.
        count: how many opportunities.
        simulated: how many of them are made up.
    """

    before: int
    within: int
    reached: int
    is_open: bool
    count: int
    simulated: int = 0

    def is_of_cohort(self, order: int) -> bool:
        """Whether they first reached a stage in the window; a stage that was skipped is reached."""
        return self.before < order <= self.within


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a cohort reached a later stage; `rate` and `interval` are None of an empty cohort."""

    cohort: int
    reached: int

    @property
    def rate(self) -> Decimal | None:
        """The share, a ratio in [0, 1], unrounded."""
        return ratio_of(self.reached, self.cohort)

    @property
    def interval(self) -> Interval | None:
        """Where the share lies with 95 % confidence."""
        return wilson(self.reached, self.cohort)


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one stage to a later one, of all and of those alone that are decided."""

    from_order: int
    to_order: int
    all: Share
    decided_only: Share


def conversion(paths: Sequence[Path], from_order: int, to_order: int) -> Conversion:
    """Return how many of those that first reached one stage in the window reached another."""
    cohort = [path for path in paths if path.is_of_cohort(from_order)]
    return Conversion(
        from_order,
        to_order,
        _share(cohort, to_order),
        _share([path for path in cohort if not path.is_open], to_order),
    )


def conversions(paths: Sequence[Path], orders: Sequence[int]) -> list[Conversion]:
    """Return the conversion from each stage to each later one; `orders` rise."""
    return [conversion(paths, first, then) for place, first in enumerate(orders) for then in orders[place + 1 :]]


def cohort_size(paths: Iterable[Path], order: int) -> int:
    """Return how many first reached a stage in the window."""
    return sum(path.count for path in paths if path.is_of_cohort(order))


def _share(paths: Sequence[Path], order: int) -> Share:
    return Share(sum(path.count for path in paths), sum(path.count for path in paths if path.reached >= order))
