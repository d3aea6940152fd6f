"""Adding up what a group has open and has won, in one currency; nothing is converted without a rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from servicekit.values.money import round_money
from servicekit.values.rates import Rate


@dataclass(frozen=True, slots=True)
class Counted:
    """Opportunities of one state in one currency, of the company itself or of those below it."""

    is_own: bool
    state: str
    currency: str
    count: int
    amount: Decimal
    unknown_amount: int


@dataclass(frozen=True, slots=True)
class Sum:
    """How many opportunities, what they are worth, and of how many the amount is not known (it counts as nothing)."""

    count: int = 0
    amount: Decimal = Decimal(0)
    unknown_amount: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is open and what was won."""

    open: Sum = Sum()
    won: Sum = Sum()


@dataclass(frozen=True, slots=True)
class Rolled:
    """A company's own figures and those with everything below; `unconverted` is in none of the amounts."""

    own: Figures
    whole: Figures
    unconverted: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Companies:
    """How many companies are in the group, and how many of them are in the figures."""

    in_group: int
    counted: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What a group adds up to for the viewer, at which rates, and how many companies are left out."""

    customer_id: UUID
    currency: str
    figures: Rolled
    rates: list[Rate]
    companies: Companies


def roll_up(counted: Sequence[Counted], factors: Mapping[str, Decimal], currency: str) -> Rolled:
    """Add up; each total is rounded once, to the currency's scale."""
    unconverted: dict[str, Decimal] = {}
    for each in counted:
        if each.currency not in factors and each.amount:
            unconverted[each.currency] = unconverted.get(each.currency, Decimal(0)) + each.amount
    own = [each for each in counted if each.is_own]
    return Rolled(_figures(own, factors, currency), _figures(counted, factors, currency), unconverted)


def _figures(counted: Sequence[Counted], factors: Mapping[str, Decimal], currency: str) -> Figures:
    by_state = {state: _sum([one for one in counted if one.state == state], factors, currency) for state in STATES}
    return Figures(**by_state)


STATES = ("open", "won")


def _sum(counted: Sequence[Counted], factors: Mapping[str, Decimal], currency: str) -> Sum:
    amount = sum((one.amount * factors.get(one.currency, Decimal(0)) for one in counted), Decimal(0))
    return Sum(
        sum(one.count for one in counted), round_money(amount, currency), sum(one.unknown_amount for one in counted)
    )
