"""How good suggested figures were, and what those of a line say together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from servicekit.values.misses import misses_of
from services.forecast.suggestion.rules.suggesting import Figure, Lacking, Tried, expected

RATIO = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PastAccuracy:
    """WAPE and bias over the months it was tried on; None where nothing was won in them."""

    wape: Decimal | None
    bias: Decimal | None
    periods: int


def past_accuracy(tried: Sequence[Tried]) -> PastAccuracy:
    """Return how good a figure was in past months."""
    shares = misses_of(((each.forecast, each.actual) for each in tried), 0.0).shares
    if shares is None:
        return PastAccuracy(None, None, len(tried))
    return PastAccuracy(ratio(shares.wape), ratio(shares.bias), len(tried))


def ratio(value: float) -> Decimal:
    """Return a share as it is kept."""
    return Decimal(repr(value)).quantize(RATIO, ROUND_HALF_UP)


def of_line(amount: Decimal | None, tried: Iterable[Tried], scale: int, *, nothing_won: bool) -> Figure:
    """Return what the figures of people say together: their sum, how far it may be off, and how good it was.

    Each past month is that of those who had a figure then.
    """
    if amount is None:
        lacking = Lacking.NOTHING_WON if nothing_won else Lacking.TOO_LITTLE_HISTORY
        return Figure(None, None, None, None, (), lacking)
    return expected(amount, tuple(sorted(tried, key=lambda each: -each.months_before)), scale)
