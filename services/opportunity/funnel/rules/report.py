"""A funnel report as plain values: what stands where, against what used to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from servicekit.values.dates import quarter_of
from servicekit.values.errors import RuleViolated
from servicekit.values.money import round_money
from servicekit.values.rates import Rate
from services.opportunity.definitions.rules import Definition
from services.opportunity.funnel.rules.figures import Figure, Group, figure_of, shown_parts, weighted_figure
from services.opportunity.funnel.rules.health import Comparison, Health, health
from services.opportunity.scopes.rules import Scope


class Basis(StrEnum):
    """What health compares."""

    COUNT = "count"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Standing:
    """Groups of one day by place, and those that were won in the day's quarter up to the day."""

    places: Mapping[str, Sequence[Group]]
    won_in_quarter: Sequence[Group]

    def in_place(self, place: str) -> Sequence[Group]:
        """Return the groups of an open stage, or of everything won or lost."""
        return self.places.get(place, ())

    @property
    def currencies(self) -> set[str]:
        """The currencies of all groups."""
        return {group.currency for groups in self.places.values() for group in groups}


def standing_of(day: date, groups: Iterable[tuple[date, Group]]) -> Standing:
    """Sort a day's groups, each with the quarter of its decision."""
    quarter = quarter_of(day).start
    places: dict[str, list[Group]] = {}
    won_in_quarter = []
    for decided, group in groups:
        places.setdefault(group.place, []).append(group)
        if decided == quarter and group.place == "won":
            won_in_quarter.append(group)
    return Standing(places, won_in_quarter)


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage: what stands in it (in the last: what was won in the quarter), and how healthy that is.

    `weighted` is None for the last stage: what is won is no pipeline. `change` is since the same day a quarter before.
    """

    stage: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated_count: int
    weighted: Decimal | None
    change: Decimal | None
    health: Health


@dataclass(frozen=True, slots=True)
class Total:
    """Everything open, won or lost."""

    count: int
    amount: Decimal
    unknown_amount: int
    simulated_count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages and totals of one day in one currency; `unconverted` holds what no rate could bring there."""

    stages: Sequence[StageLine]
    open: Total
    won: Total
    lost: Total
    weighted: Decimal
    unconverted: Mapping[str, Decimal]


class AsOfInFuture(RuleViolated):
    """Nobody knows yet where things will stand."""

    code = "as_of_in_future"

    def __init__(self) -> None:
        super().__init__("as_of lies in the future.", field="query:as_of")


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """A funnel with the scope, day, rates and days that it rests on."""

    scope: Scope
    as_of: date
    currency: str
    basis: Basis
    funnel: Funnel
    rates: Sequence[Rate]
    baseline_days: Sequence[date]


def funnel_of(
    definition: Definition,
    now: Standing,
    before: Sequence[Standing],
    *,
    rates: Mapping[str, Decimal],
    currency: str,
    basis: Basis,
) -> Funnel:
    """Return the report; `before` are the standings that the baseline rests on, the latest first."""
    figures = [figure_of(now.in_place(stage.key), rates) for stage in definition.open_stages]
    amounts, _ = shown_parts([figure.amount for figure in figures], currency)
    parts = [weighted_figure(figure, s.probability) for figure, s in zip(figures, definition.open_stages, strict=True)]
    weights, weighted_total = shown_parts(parts, currency)

    def compared(figure: Figure, past: Iterable[Sequence[Group]]) -> tuple[Decimal | None, Health]:
        if basis is Basis.COUNT:
            current, earlier = figure.count, [sum(group.count for group in groups) for groups in past]
            return (Decimal(current - earlier[0]) if earlier else None), health(current, earlier)
        amounts = [figure_of(groups, rates).amount for groups in past]
        return (figure.amount - amounts[0] if amounts else None), health(figure.amount, amounts)

    lines = []
    for stage, figure, amount, weight in zip(definition.open_stages, figures, amounts, weights, strict=True):
        change, state = compared(figure, [standing.in_place(stage.key) for standing in before])
        lines.append(_line(stage.key, figure, amount, weight, change=change, state=state))
    won_now = figure_of(now.won_in_quarter, rates)
    change, state = compared(won_now, [standing.won_in_quarter for standing in before])
    lines.append(
        _line(definition.close.key, won_now, round_money(won_now.amount, currency), None, change=change, state=state)
    )
    won, lost = (figure_of(now.in_place(place), rates) for place in ("won", "lost"))
    together = [*figures, won, lost]
    return Funnel(
        lines,
        _total(figures, currency),
        _total([won], currency),
        _total([lost], currency),
        weighted_total,
        _unconverted(together),
    )


def _line(
    stage: str, figure: Figure, amount: Decimal, weight: Decimal | None, *, change: Decimal | None, state: Health
) -> StageLine:
    return StageLine(stage, figure.count, amount, figure.unknown_amount, figure.simulated, weight, change, state)


def _total(figures: Sequence[Figure], currency: str) -> Total:
    return Total(
        sum(figure.count for figure in figures),
        round_money(sum((figure.amount for figure in figures), Decimal(0)), currency),
        sum(figure.unknown_amount for figure in figures),
        sum(figure.simulated for figure in figures),
    )


def _unconverted(figures: Sequence[Figure]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for figure in figures:
        for currency, amount in figure.unconverted.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
    return found


def days_compared(before: Sequence[Comparison]) -> list[date]:
    """Return the days that a baseline rests on."""
    return [comparison.day for comparison in before]
