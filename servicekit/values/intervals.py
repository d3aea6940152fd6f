"""Intervals of confidence for a share of successes among trials.

Wilson's score interval (E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
Journal of the American Statistical Association 22, 1927, pages 209 to 212). It stays within [0, 1] and says something
sensible where trials are few or the share is 0 or 1, where the textbook's p ± z·√(p(1−p)/n) shrinks to a point.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Z_95 = Decimal("1.959963984540054")
"""How many standard errors to either side hold 95 % of a normal distribution."""
SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Interval:
    """The bounds of a share, both ratios in [0, 1], low ≤ high."""

    low: Decimal
    high: Decimal


def wilson(successes: int, trials: int, z: Decimal = Z_95) -> Interval | None:
    """Return Wilson's score interval of a share, unrounded, at 95 % unless `z` says otherwise; None without trials.

    Raises:
        ValueError: fewer successes than none, or more than trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share.")
    if trials == 0:
        return None
    n = Decimal(trials)
    share = Decimal(successes) / n
    whole = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / whole
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt() / whole
    low = Decimal(0) if successes == 0 else max(Decimal(0), centre - half)
    high = Decimal(1) if successes == trials else min(Decimal(1), centre + half)
    return Interval(low, high)


def difference(first: tuple[int, int], second: tuple[int, int], z: Decimal = Z_95) -> Interval | None:
    """Return the hybrid score interval of the first share less the second, unrounded; None where either has no trials.

    Each share is given as (successes, trials); the bounds lie in [-1, 1]. R. G. Newcombe, "Interval estimation for the
    difference between independent proportions", Statistics in Medicine 17, 1998, pages 873 to 890, method 10.
    """
    mine, theirs = wilson(*first, z), wilson(*second, z)
    if mine is None or theirs is None:
        return None
    one, other = Decimal(first[0]) / first[1], Decimal(second[0]) / second[1]
    below = ((one - mine.low) ** 2 + (theirs.high - other) ** 2).sqrt()
    above = ((mine.high - one) ** 2 + (other - theirs.low) ** 2).sqrt()
    return Interval(max(Decimal(-1), one - other - below), min(Decimal(1), one - other + above))


def shown_ratio(ratio: Decimal) -> Decimal:
    """Round a ratio to the four decimals that answers show, half away from zero."""
    return ratio.quantize(SHOWN, rounding=ROUND_HALF_UP)


def ratio_of(part: int, whole: int) -> Decimal | None:
    """Return a share, unrounded; None of nothing (NUMBERS: a denominator of 0 gives null)."""
    return Decimal(part) / whole if whole else None
