"""How long opportunities stand in a stage."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The days spent in a stage by those that left it, all of them and the won ones among them.

    Of an opportunity that was in the stage more than once its visits are added up: one figure for each opportunity.
    `quartiles` are the 25th, 50th and 75th percentile, between two values in proportion; None where there is nothing.
    """

    order: int
    count: int
    quartiles: Sequence[float] | None
    won_count: int
    won_quartiles: Sequence[float] | None
    simulated: int


NO_PACE = Pace(0, 0, None, 0, None, 0)
