"""How likely a win is by own history, and how good the probabilities were (NUMBERS, Probabilities)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from servicekit.values.intervals import SHOWN, Interval, wilson

SHOWN_DAYS = Decimal("0.01")
FEWEST_DECIDED = 20
"""Below, a calibrated probability is reported and not used."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Decided opportunities: the order of the highest stage reached, whether they were won, and the day of decision."""

    reached: int
    is_won: bool
    day: date
    count: int
    simulated: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """Entries into an open stage by opportunities that are decided by now.

    `probability` is what counted then: what a person had said, else what the stage of that version is configured with.
    """

    order: int
    probability: Decimal
    day: date
    is_won: bool
    count: int


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance to win from a stage, among those that are decided and reached it.

    `probability` is (won + 1) ÷ (decided + 2) to four decimals: it is used exactly as it is shown.
    """

    decided: int
    won: int

    @property
    def probability(self) -> Decimal:
        """The calibrated probability, a ratio in (0, 1)."""
        return (Decimal(self.won + 1) / (self.decided + 2)).quantize(SHOWN, rounding=ROUND_HALF_UP)

    @property
    def interval(self) -> Interval | None:
        """Where the share of the won lies with 95 % confidence; None where nothing is decided."""
        return wilson(self.won, self.decided)

    @property
    def is_used(self) -> bool:
        """Whether enough is decided for it to be used."""
        return self.decided >= FEWEST_DECIDED


@dataclass(frozen=True, slots=True)
class Judged:
    """How far probabilities were off, as sums of (probability − outcome)², unrounded.

    Attributes:
        entries: how many entries into the stage were judged.
        configured: the sum for what counted at the time.
        compared: the entries before which 20 had been decided, so that a calibrated probability could have been used.
        configured_compared: the sum for what counted at the time, of these entries alone.
        calibrated: the sum for what had been calibrated from what was decided before the day of the entry.
    """

    entries: int = 0
    configured: Decimal = Decimal(0)
    compared: int = 0
    configured_compared: Decimal = Decimal(0)
    calibrated: Decimal = Decimal(0)

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(
            self.entries + other.entries,
            self.configured + other.configured,
            self.compared + other.compared,
            self.configured_compared + other.configured_compared,
            self.calibrated + other.calibrated,
        )


def brier(squares: Decimal, count: int) -> Decimal | None:
    """Return the mean of squares to four decimals; None of nothing."""
    return (squares / count).quantize(SHOWN, rounding=ROUND_HALF_UP) if count else None


def chance_of(outcomes: Iterable[Outcome], order: int) -> Chance:
    """Return the chance to win from a stage."""
    reached = [outcome for outcome in outcomes if outcome.reached >= order]
    return Chance(sum(each.count for each in reached), sum(each.count for each in reached if each.is_won))


def judge(outcomes: Sequence[Outcome], entries: Sequence[Entry], order: int) -> Judged:
    """Judge the probabilities of a stage at every entry into it, the calibrated ones out of sample.

    What was decided on the day of the entry itself is not known before it.
    """
    decisions = sorted((one for one in outcomes if one.reached >= order), key=lambda one: one.day)
    total, decided, won, place = Judged(), 0, 0, 0
    for entry in sorted((one for one in entries if one.order == order), key=lambda one: one.day):
        while place < len(decisions) and decisions[place].day < entry.day:
            decided += decisions[place].count
            won += decisions[place].count if decisions[place].is_won else 0
            place += 1
        total += _judged(entry, Chance(decided, won))
    return total


def _judged(entry: Entry, known: Chance) -> Judged:
    outcome = Decimal(1) if entry.is_won else Decimal(0)
    configured = (entry.probability - outcome) ** 2 * entry.count
    if not known.is_used:
        return Judged(entry.count, configured)
    calibrated = (known.probability - outcome) ** 2 * entry.count
    return Judged(entry.count, configured, entry.count, configured, calibrated)


@dataclass(frozen=True, slots=True)
class WonDays:
    """The days that won ones spent in a stage: how many there are, and the quartiles, None where there are none."""

    count: int = 0
    percentile_25: Decimal | None = None
    median: Decimal | None = None
    percentile_75: Decimal | None = None


def shown_days(days: float) -> Decimal:
    """Return a number of days to two decimals."""
    return Decimal(days).quantize(SHOWN_DAYS, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class StageCalibration:
    """What own history says of an open stage; `configured` is its probability in the version that it is told in."""

    stage: str
    order: int
    configured: Decimal
    chance: Chance
    judged: Judged
    won_days: WonDays


def used_probabilities(stages: Iterable[StageCalibration]) -> Mapping[int, Decimal]:
    """Return the calibrated probabilities that are to be used, by the order of the stage."""
    return {each.order: each.chance.probability for each in stages if each.chance.is_used}
