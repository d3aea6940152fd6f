"""A funnel report as plain values: what stands where, against what used to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import RuleViolated
from servicekit.values.money import round_money
from servicekit.values.rates import Rate
from services.opportunity.baselines.rules import Basis
from services.opportunity.calibration.rules.choosing import Used
from services.opportunity.definitions.rules import Definitions, find_stage
from services.opportunity.funnel.rules.coverage import Coverage, coverage
from services.opportunity.funnel.rules.figures import Figure, Group, figure_of, shown_parts, weighted_figure
from services.opportunity.funnel.rules.health import NO_HEALTH, Health, Trend, trend
from services.opportunity.funnel.rules.measures import Measure, Past, Ruler
from services.opportunity.scopes.rules import Scope


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage: what stands in it (in the last: what was won in the quarter), and how healthy that is.

    `weighted` is None for the last stage: what is won is no pipeline. `change` is since the same day a quarter before,
    and `before` how healthy it was then.
    """

    stage: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated_count: int
    weighted: Decimal | None
    change: Decimal | None
    health: Health
    measure: Measure
    before: Health

    @property
    def trend(self) -> Trend:
        """Where health goes."""
        return trend(self.health, self.before)


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
    """A funnel with the scope, day, rates and days that it rests on.

    `compared_with` is the same relative day of the quarter before, if anything was recorded then.
    """

    scope: Scope
    as_of: date
    currency: str
    basis: Basis
    funnel: Funnel
    rates: Sequence[Rate]
    baseline_days: Sequence[date]
    compared_with: date | None
    calibration_id: UUID | None = None

    @property
    def coverage(self) -> Coverage:
        """Whether what is open suffices for the quota; there are none yet."""
        return coverage(self.funnel.open.amount, None, self.funnel.open.unknown_amount)


def funnel_of(
    definitions: Definitions,
    now: Past,
    previous: Past | None,
    *,
    rates: Mapping[str, Decimal],
    currency: str,
    basis: Basis,
    used: Used | None = None,
) -> Funnel:
    """Return the report in the stages of the latest version; what stands in older ones has their probabilities.

    `used` are the calibrated ones that count instead, where they do.

    `previous` is the same relative day of the quarter before, where anything is known of it.
    """
    definition = definitions.latest
    now, previous = now.told_in(definitions), previous.told_in(definitions) if previous else None
    figures = [figure_of(now.standing.in_place(stage.key), rates) for stage in definition.open_stages]
    amounts, _ = shown_parts([figure.amount for figure in figures], currency)
    parts = [_worth(now.standing.in_place(stage.key), definitions, rates, used) for stage in definition.open_stages]
    weights, weighted_total = shown_parts(parts, currency)
    won_now = figure_of(now.standing.won_in_quarter, rates)
    ruler = Ruler(definition.close.key, basis, rates, currency)
    lines = [
        _line(ruler, stage.key, now, previous, figure=figure, amount=amount, weight=weight)
        for stage, figure, amount, weight in zip(
            definition.stages,
            [*figures, won_now],
            [*amounts, round_money(won_now.amount, currency)],
            [*weights, None],
            strict=True,
        )
    ]
    won, lost = (figure_of(now.standing.in_place(place), rates) for place in ("won", "lost"))
    return Funnel(
        lines,
        _total(figures, currency),
        _total([won], currency),
        _total([lost], currency),
        weighted_total,
        _unconverted([*figures, won, lost]),
    )


def _worth(
    groups: Sequence[Group], definitions: Definitions, rates: Mapping[str, Decimal], used: Used | None
) -> Decimal:
    """Return what a stage is worth: each group by the probability of the stage of the version that it stands in."""
    found = Decimal(0)
    for (version, place), some in _by_stage(groups).items():
        calibrated = used.of_stage(version, place) if used else None
        configured = find_stage(definitions[version], place).probability
        found += weighted_figure(figure_of(some, rates), configured if calibrated is None else calibrated)
    return found


def _by_stage(groups: Sequence[Group]) -> dict[tuple[int, str], list[Group]]:
    found: dict[tuple[int, str], list[Group]] = {}
    for group in groups:
        found.setdefault((group.funnel_version, group.place), []).append(group)
    return found


def _line(
    ruler: Ruler,
    stage: str,
    now: Past,
    previous: Past | None,
    *,
    figure: Figure,
    amount: Decimal,
    weight: Decimal | None,
) -> StageLine:
    measure = ruler.measure(stage, now)
    before = ruler.health_of(stage, previous) if previous else NO_HEALTH
    change = ruler.shown(ruler.value(stage, now) - ruler.value(stage, previous)) if previous else None
    return StageLine(
        stage,
        figure.count,
        amount,
        figure.unknown_amount,
        figure.simulated,
        weight,
        change,
        ruler.health_of(stage, now),
        measure,
        before,
    )


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
