"""What a stage is measured by: its history, or what somebody has said, and how each came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from servicekit.values.money import round_money
from services.opportunity.baselines.rules import Baseline, Basis, InForce
from services.opportunity.definitions.rules import Definitions
from services.opportunity.funnel.rules.figures import figure_of
from services.opportunity.funnel.rules.health import NO_HEALTH, PERIODS, Comparison, Health, health
from services.opportunity.funnel.rules.standing import Standing


class BaselineKind(StrEnum):
    """What a baseline comes from: earlier quarters, somebody who said so, or nothing is known."""

    HISTORY = "history"
    MANUAL = "manual"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Past:
    """A day, what stood where then, and what each stage is compared with: earlier days, or what was said of it.

    What was said is by the stages of the latest version of the funnel, as `in_force` tells it.
    """

    standing: Standing
    earlier: Sequence[tuple[Comparison, Standing]] = ()
    said: InForce = field(default_factory=dict)

    def told_in(self, definitions: Definitions) -> "Past":
        """Return the same in the stages of the latest version of the funnel."""
        earlier = [(comparison, standing.told_in(definitions)) for comparison, standing in self.earlier]
        return Past(self.standing.told_in(definitions), earlier, self.said)

    @property
    def currencies(self) -> set[str]:
        """The currencies of all that it tells of."""
        said = {one.currency for some in self.said.values() for one in some if one.currency}
        return said.union(self.standing.currencies, *(standing.currencies for _, standing in self.earlier))


@dataclass(frozen=True, slots=True)
class Period:
    """An earlier quarter that a baseline rests on, the day in it, and what stood in the stage then."""

    start: date
    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """How a baseline came about.

    `periods` are those of its history, the latest first, told also where somebody has said something else.
    `is_partial` says that history does not reach back through all periods. `said` is what the baseline is the sum of
    where it was set by hand.
    """

    kind: BaselineKind
    periods: Sequence[Period]
    is_partial: bool
    said: Sequence[Baseline]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures stages by one basis, amounts in one currency; `close` is the stage that counts what was won."""

    close: str
    basis: Basis
    rates: Mapping[str, Decimal]
    currency: str

    def value(self, stage: str, past: Past) -> Decimal:
        """Return what stands in a stage on a day, unrounded."""
        return self._value(stage, past.standing)

    def shown(self, value: Decimal) -> Decimal:
        """Return a count as it is, and an amount with the decimals of its currency."""
        return value if self.basis is Basis.COUNT else round_money(value, self.currency)

    def health_of(self, stage: str, past: Past) -> Health:
        """Compare what stood in a stage on a day with its baseline of that day."""
        said = past.said.get(stage, ())
        if not said:
            return health(self.value(stage, past), [self._value(stage, each) for _, each in past.earlier])
        expected = self._said(said)
        return NO_HEALTH if expected is None else health(self.value(stage, past), [expected])

    def measure(self, stage: str, past: Past) -> Measure:
        """Say how the baseline of a stage came about."""
        periods = [
            Period(comparison.quarter.start, comparison.day, self.shown(self._value(stage, standing)))
            for comparison, standing in past.earlier
        ]
        said = past.said.get(stage, ())
        kind = BaselineKind.MANUAL if said else BaselineKind.HISTORY if periods else BaselineKind.NONE
        return Measure(kind, periods, len(periods) < PERIODS, said)

    def _value(self, stage: str, standing: Standing) -> Decimal:
        groups = standing.standing_for(stage, self.close)
        if self.basis is Basis.COUNT:
            return Decimal(sum(group.count for group in groups))
        return figure_of(groups, self.rates).amount

    def _said(self, said: Sequence[Baseline]) -> Decimal | None:
        """Return the sum of what was said in the currency of the report; None where no rate brings it there."""
        total = Decimal(0)
        for one in said:
            rate = Decimal(1) if one.currency is None else self.rates.get(one.currency)
            if one.value is None or rate is None:
                return None
            total += one.value * rate
        return total
