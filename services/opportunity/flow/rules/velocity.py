"""How much is won per day, and of what: NUMBERS, Velocity, coverage, ageing, win rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from servicekit.values.intervals import Interval, ratio_of, wilson


class Part(StrEnum):
    """What a velocity is made of beside the count, each of which may be unknown."""

    WIN_RATE = "win_rate"
    MEAN_AMOUNT = "mean_amount"
    MEAN_CYCLE_DAYS = "mean_cycle_days"


@dataclass(frozen=True, slots=True)
class Bunch:
    """Opportunities of one state in one currency.

    Attributes:
        state: `open`, `won` or `lost`.
        amount: the sum of the known amounts.
        known: how many amounts are known.
        cycle_days: the sum of the days from opening to decision, of those whose beginning is known.
        cycles: how many those are.
    """

    state: str
    currency: str
    count: int
    amount: Decimal
    known: int
    cycle_days: int
    cycles: int
    simulated: int = 0


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many, and what is known of their amounts in one currency.

    Attributes:
        count: how many there are.
        amount: the sum of what is known and could be converted, unrounded.
        known: how many amounts are in it.
        unknown: how many amounts nobody knows.
        unconverted: by currency, sums that no rate could bring there.
    """

    count: int
    amount: Decimal
    known: int
    unknown: int
    simulated: int
    unconverted: Mapping[str, Decimal]

    @property
    def mean(self) -> Decimal | None:
        """The mean of the amounts that are known, unrounded; None where none is."""
        return self.amount / self.known if self.known else None


def amounts_of(bunches: Sequence[Bunch], state: str, rates: Mapping[str, Decimal]) -> Amounts:
    """Return what is known of the amounts of one state; `rates` turns each currency into the one reported in."""
    mine = [bunch for bunch in bunches if bunch.state == state]
    converted = [bunch for bunch in mine if bunch.currency in rates]
    return Amounts(
        sum(bunch.count for bunch in mine),
        sum((bunch.amount * rates[bunch.currency] for bunch in converted), Decimal(0)),
        sum(bunch.known for bunch in converted),
        sum(bunch.count - bunch.known for bunch in mine),
        sum(bunch.simulated for bunch in mine),
        {bunch.currency: bunch.amount for bunch in mine if bunch.currency not in rates and bunch.amount},
    )


@dataclass(frozen=True, slots=True)
class Velocity:
    """What is won per day at the present rate: open count × win rate × mean amount ÷ mean cycle.

    `per_day` is None where a part is unknown; `missing` says which.
    """

    open: Amounts
    won: Amounts
    lost: Amounts
    mean_cycle_days: Decimal | None
    cycles: int

    @property
    def win_rate(self) -> Decimal | None:
        """Won ÷ (won + lost), unrounded."""
        return ratio_of(self.won.count, self.won.count + self.lost.count)

    @property
    def win_rate_interval(self) -> Interval | None:
        """Where the win rate lies with 95 % confidence."""
        return wilson(self.won.count, self.won.count + self.lost.count)

    @property
    def missing(self) -> list[Part]:
        """The parts that are unknown; a mean cycle of no day at all says nothing either."""
        known = {
            Part.WIN_RATE: self.win_rate is not None,
            Part.MEAN_AMOUNT: self.open.mean is not None,
            Part.MEAN_CYCLE_DAYS: bool(self.mean_cycle_days),
        }
        return [part for part in Part if not known[part]]

    @property
    def per_day(self) -> Decimal | None:
        """Money per day in the currency of the amounts, unrounded."""
        rate, mean, cycle = self.win_rate, self.open.mean, self.mean_cycle_days
        if rate is None or mean is None or not cycle:
            return None
        return self.open.count * rate * mean / cycle


def velocity_of(bunches: Sequence[Bunch], rates: Mapping[str, Decimal]) -> Velocity:
    """Return the velocity of what is open, at the rate and in the cycle of what was decided.

    The cycle is that of the won ones: a lost one often is only noticed late to be lost.
    """
    won = [bunch for bunch in bunches if bunch.state == "won"]
    cycles = sum(bunch.cycles for bunch in won)
    days = Decimal(sum(bunch.cycle_days for bunch in won))
    return Velocity(
        open=amounts_of(bunches, "open", rates),
        won=amounts_of(bunches, "won", rates),
        lost=amounts_of(bunches, "lost", rates),
        mean_cycle_days=days / cycles if cycles else None,
        cycles=cycles,
    )
