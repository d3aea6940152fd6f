"""The figures of a report, as plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Total:
    """Opportunities in one state: how many, their known amounts, and how many of them have none that is known."""

    count: int
    amount: str
    unknown_amount: int


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel; the last one counts what was won in the quarter. `health` is in percent."""

    stage: str
    count: int
    amount: str
    health: str | None
    state: str


@dataclass(frozen=True)
class Level:
    """One person's record in the roll-up.

    `gathered` is what came from below with their own (`own` says how much of it): gathered + adjustment = result.
    Nothing is handed in yet where the figures are null.
    """

    person: str
    level: int
    state: str
    own: str | None
    gathered: str | None
    adjustment: str | None
    result: str | None


@dataclass(frozen=True)
class Forecast:
    """The latest cycle, from its top down."""

    period: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class PlanLine:
    """What production is to have ready: how much of what, when, where."""

    product: str
    month: str
    place: str
    quantity: str
    amount: str


@dataclass(frozen=True)
class Plan:
    """The latest demand plan."""

    version: int
    lines: tuple[PlanLine, ...]


@dataclass(frozen=True)
class Report:
    """What is loaded.

    `simulated` counts made-up opportunities; `unconverted` are amounts by currency that no rate could bring into the
    reporting currency, so that they are in no sum; `unavailable` names services that did not answer.
    """

    customers: int
    currency: str
    as_of: str
    rate_date: str | None
    won: Total
    lost: Total
    open: Total
    stages: tuple[Stage, ...]
    simulated: int
    unconverted: Mapping[str, str]
    forecast: Forecast | None
    demand_plan: Plan | None
    unavailable: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return asdict(self)

    @property
    def funnel_is_empty(self) -> bool:
        """Whether there is no opportunity at all."""
        return not (self.won.count or self.lost.count or self.open.count)


def money(amount: str) -> str:
    """Return an amount for people, with thousands separated, cents only where there are any."""
    number = Decimal(amount)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"
