"""Sums of the funnel: in one currency, unknown amounts counted and never taken for 0, rounded once at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from servicekit.values.money import round_money, scale_of, spread


@dataclass(frozen=True, slots=True)
class Group:
    """Opportunities that stand in one place (an open stage, `won` or `lost`) in one currency.

    `amount` is the sum of the known amounts; `simulated` counts those whose data are made up. `manual_amount` is the
    part of `amount` whose probability somebody has set by hand, `manual_weighted` that part times its probabilities.
    """

    place: str
    currency: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated: int = 0
    funnel_version: int = 1
    manual_amount: Decimal = Decimal(0)
    manual_weighted: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Figure:
    """Groups of one place brought into one currency, unrounded.

    `unconverted` holds what no rate could bring there, by currency: it is in the counts and in no sum.
    """

    count: int = 0
    amount: Decimal = Decimal(0)
    unknown_amount: int = 0
    simulated: int = 0
    unconverted: Mapping[str, Decimal] = field(default_factory=dict)
    manual_amount: Decimal = Decimal(0)
    manual_weighted: Decimal = Decimal(0)


def figure_of(groups: Iterable[Group], rates: Mapping[str, Decimal]) -> Figure:
    """Add groups up; `rates` turns each currency into the one reported in (1 for itself)."""
    count = unknown = simulated = 0
    amount = manual_amount = manual_weighted = Decimal(0)
    unconverted: dict[str, Decimal] = {}
    for group in groups:
        count += group.count
        unknown += group.unknown_amount
        simulated += group.simulated
        rate = rates.get(group.currency)
        if rate is not None:
            amount += group.amount * rate
            manual_amount += group.manual_amount * rate
            manual_weighted += group.manual_weighted * rate
        elif group.amount:
            unconverted[group.currency] = unconverted.get(group.currency, Decimal(0)) + group.amount
    return Figure(count, amount, unknown, simulated, unconverted, manual_amount, manual_weighted)


def weighted(amount: Decimal, probability: Decimal) -> Decimal:
    """Money times a ratio in [0, 1] (not percent), unrounded: totals are rounded once (NUMBERS, Weighted pipeline)."""
    return amount * probability


def weighted_figure(figure: Figure, probability: Decimal) -> Decimal:
    """Return what a stage is worth: by its probability, or by what somebody has set by hand."""
    return weighted(figure.amount - figure.manual_amount, probability) + figure.manual_weighted


def shown_parts(parts: Sequence[Decimal], currency: str) -> tuple[list[Decimal], Decimal]:
    """Round a total once, and its parts so that they add up to it (largest remainder, ties by order)."""
    total = round_money(sum(parts, Decimal(0)), currency)
    return spread(total, parts, scale_of(currency)) if any(parts) else [total] * len(parts), total
