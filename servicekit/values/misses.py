"""How far forecasts lay from what came (NUMBERS, Accuracy): the one place where WAPE and bias are worked out.

WAPE = Σ|forecast − actual| ÷ Σ actual; bias = Σ(forecast − actual) ÷ Σ actual, positive when too high; the WAPE of the
total is |Σ(forecast − actual)| ÷ Σ actual. Nothing is rounded here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

Number = TypeVar("Number", float, Decimal)


@dataclass(frozen=True, slots=True)
class Shares(Generic[Number]):
    """WAPE, bias and the WAPE of the total, as shares of what came."""

    wape: Number
    bias: Number
    total_wape: Number


@dataclass(frozen=True, slots=True)
class Misses(Generic[Number]):
    """Sums over the finest grain: what came, how far it was missed without a sign, and by how much it was exceeded."""

    actual: Number
    error: Number
    excess: Number

    @property
    def shares(self) -> Shares[Number] | None:
        """The shares that these sums come to; None where nothing came."""
        if not self.actual:
            return None
        return Shares(self.error / self.actual, self.excess / self.actual, abs(self.excess) / self.actual)


def misses_of(pairs: Iterable[tuple[Number, Number]], zero: Number) -> Misses[Number]:
    """Return the sums over pairs of forecast and actual; `zero` is what an empty sum is."""
    pairs = list(pairs)
    return Misses(
        actual=sum((actual for _, actual in pairs), zero),
        error=sum((abs(forecast - actual) for forecast, actual in pairs), zero),
        excess=sum((forecast - actual for forecast, actual in pairs), zero),
    )
