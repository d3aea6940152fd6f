"""How far forecasts lay from what was won (NUMBERS, Accuracy).

WAPE and bias are summed over the finest grain (person × period; product × month); the WAPE of the total stands beside
them, so that errors that cancel are seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from servicekit.values.intervals import shown_ratio
from servicekit.values.misses import Misses

ZERO = Decimal(0)
PRECISION = 60


class NoFigure(StrEnum):
    """Why an accuracy is null."""

    PERIOD_NOT_OVER = "period_not_over"
    NOTHING_SUBMITTED = "nothing_submitted"
    NOTHING_WON = "nothing_won"
    NOT_ALL_SUBMITTED = "not_all_submitted"
    NOTHING_ORDERED = "nothing_ordered"


@dataclass(frozen=True, slots=True)
class Grain:
    """What was forecast at the finest grain, and what was won."""

    forecast: Decimal
    actual: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over grains: forecast, actual, and how far they lay apart grain by grain, without a sign."""

    forecast: Decimal = ZERO
    actual: Decimal = ZERO
    error: Decimal = ZERO
    count: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.forecast + other.forecast,
            self.actual + other.actual,
            self.error + other.error,
            self.count + other.count,
        )

    @classmethod
    def over(cls, grains: Iterable[Grain]) -> "Sums":
        """Return the sums over some grains."""
        sums = cls()
        for grain in grains:
            sums += cls(grain.forecast, grain.actual, abs(grain.forecast - grain.actual), 1)
        return sums

    @property
    def misses(self) -> Misses[Decimal]:
        """What WAPE and bias are made of."""
        return Misses(self.actual, self.error, self.forecast - self.actual)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """WAPE, bias and the WAPE of the total as ratios to four decimals; all are null for the same reason, or none is.

    Attributes:
        count: over how many grains they are summed.
        forecast: what was forecast in these, in the currency of the cycle.
        actual: what was won in these.
    """

    count: int
    forecast: Decimal
    actual: Decimal
    wape: Decimal | None
    bias: Decimal | None
    total_wape: Decimal | None
    reason: NoFigure | None


def accuracy_of(sums: Sums, *, is_over: bool, lacking: NoFigure | None = None) -> Accuracy:
    """Return the accuracy that sums come to; null with the reason while the period runs, or over nothing won.

    `lacking` is a reason that is known already, for when the period is over.
    """
    said = (sums.count, sums.forecast, sums.actual)
    reason = _reason(sums, lacking, is_over=is_over)
    with localcontext(prec=PRECISION):
        shares = sums.misses.shares
        if reason is not None or shares is None:
            return Accuracy(*said, None, None, None, reason)
        return Accuracy(*said, _shown(shares.wape), _shown(shares.bias), _shown(shares.total_wape), None)


def _shown(share: Decimal) -> Decimal:
    return shown_ratio(share) + 0  # + 0: there is no -0


def _reason(sums: Sums, lacking: NoFigure | None, *, is_over: bool) -> NoFigure | None:
    if not is_over:
        return NoFigure.PERIOD_NOT_OVER
    if lacking is not None:
        return lacking
    if sums.count == 0:
        return NoFigure.NOTHING_SUBMITTED
    return NoFigure.NOTHING_WON if sums.actual == 0 else None
