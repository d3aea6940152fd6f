"""Figures of the whole base, as plain functions.

Amounts come by currency, are converted exactly and rounded once; shown parts are spread so that they add up to the
shown total. What has no rate is in no sum, and told apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from servicekit.values.money import round_money, scale_of, spread
from servicekit.values.rates import Rate

YEAR = timedelta(days=365)
MOST_POINTS = 10
"""A Pareto curve is told at each tenth of the customers."""
FOUR_FIFTHS = Decimal("0.8")


class PeriodEmpty(RuleViolated):
    """The period would end before, or on the day, it begins: periods are half-open."""

    code = "period_empty"

    def __init__(self) -> None:
        super().__init__("The period ends after it begins; its end is not part of it.", field="query:won_until")


class SegmentNameTaken(Conflict):
    """The person has a segment of this name."""

    code = "segment_name_taken"

    def __init__(self) -> None:
        super().__init__("You have a segment of this name already.", field="/name")


class Grouping(StrEnum):
    """By what the base is divided."""

    TIER = "tier"
    COUNTRY = "country"
    INDUSTRY = "industry"
    ACCOUNT_MANAGER = "account_manager"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Period:
    """From a day up to, not including, another."""

    start: date
    end: date


def period_of(start: date | None, end: date | None, today: date) -> Period:
    """Return the period that is asked for: without a word, the year up to and including today."""
    end = end or today + timedelta(days=1)
    period = Period(start or end - YEAR, end)
    if period.start >= period.end:
        raise PeriodEmpty
    return period


@dataclass(frozen=True, slots=True)
class Asked:
    """Which customers and period a report is of, in which currency, converted at the rates of which day.

    `people` are the viewer and everybody below them; `filters` are of customers, by name.
    """

    people: Sequence[UUID]
    filters: Mapping[str, object]
    period: Period
    currency: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Basis:
    """By which rates amounts were converted, and what has none and is in no sum."""

    rates: list[Rate]
    unconverted: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many customers (state None) or opportunities of a state and currency a group has."""

    key: str | None
    state: str | None
    currency: str | None
    count: int
    amount: Decimal
    unknown_amount: int
    simulated_count: int


@dataclass(slots=True)
class Total:
    """Opportunities of a state: how many, their amount, of how many it is unknown, how many are simulated."""

    count: int = 0
    amount: Decimal = Decimal(0)
    unknown_amount: int = 0
    simulated_count: int = 0

    def add(self, counted: Counted, factor: Decimal | None) -> None:
        """Add what was counted; without a rate its amount is added nowhere."""
        self.count += counted.count
        self.amount += counted.amount * factor if factor is not None else 0
        self.unknown_amount += counted.unknown_amount
        self.simulated_count += counted.simulated_count

    def join(self, other: "Total") -> None:
        """Add another total."""
        self.count += other.count
        self.amount += other.amount
        self.unknown_amount += other.unknown_amount
        self.simulated_count += other.simulated_count


@dataclass(slots=True)
class Group:
    """A part of the base: its customers, and what is open and was won with them."""

    key: str | None
    customers: int = 0
    open: Total = field(default_factory=Total)
    won: Total = field(default_factory=Total)

    def join(self, other: "Group") -> None:
        """Add another group."""
        self.customers += other.customers
        self.open.join(other.open)
        self.won.join(other.won)


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The base in groups, the largest first; `others` are those beyond the limit, together."""

    groups: list[Group]
    others: Group
    others_groups: int
    whole: Group
    unconverted: dict[str, Decimal]


def segmentation(counted: Iterable[Counted], factors: Mapping[str, Decimal], currency: str, most: int) -> Segmentation:
    """Put together what was counted; the shown amounts of groups and others add up to those of the whole."""
    groups: dict[str | None, Group] = {}
    unconverted: dict[str, Decimal] = {}
    for one in counted:
        group = groups.setdefault(one.key, Group(one.key))
        if one.state is None:
            group.customers += one.count
            continue
        factor = factors.get(one.currency or "")
        if factor is None and one.amount:
            unconverted[one.currency or ""] = unconverted.get(one.currency or "", Decimal(0)) + one.amount
        (group.open if one.state == "open" else group.won).add(one, factor)
    ranked = sorted(groups.values(), key=lambda group: (-group.customers, group.key is None, group.key or ""))
    others, whole = Group(None), Group(None)
    for group in ranked[most:]:
        others.join(group)
    for group in ranked:
        whole.join(group)
    _show([*ranked[:most], others], whole, currency)
    return Segmentation(ranked[:most], others, len(ranked[most:]), whole, unconverted)


def _show(parts: Sequence[Group], whole: Group, currency: str) -> None:
    """Round the whole once, and spread it over its parts."""
    for totals, total in (
        ([part.open for part in parts], whole.open),
        ([part.won for part in parts], whole.won),
    ):
        exact = [one.amount for one in totals]
        total.amount = round_money(total.amount, currency)
        for one, amount in zip(totals, spread(total.amount, exact, scale_of(currency)), strict=True):
            one.amount = amount if any(exact) else round_money(Decimal(0), currency)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A customer at a place by what was won with it, with the sum up to that place; and of the whole."""

    customer_id: UUID
    legal_name: str
    tier: str | None
    place: int
    amount: Decimal
    cumulated: Decimal
    customers: int
    total: Decimal
    squares: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """So many of the largest customers have this share of all that was won."""

    customers: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Concentration:
    """On how few customers what was won rests.

    `top_share` is of the largest asked for; `herfindahl` is Σ share², 1/n where n are equal; `four_fifths` is how many
    of the largest have 80 %. All are None where nothing was won.
    """

    customers: int
    total: Decimal
    top_share: Decimal | None
    herfindahl: Decimal | None
    four_fifths: int | None
    curve: list[Point]


def places_of(customers: int) -> list[int]:
    """Return the places at each tenth of the customers, the last of them included: ⌈n × k ÷ 10⌉."""
    return sorted({-(-customers * tenth // MOST_POINTS) for tenth in range(1, MOST_POINTS + 1)} - {0})


def concentration(ranked: Sequence[Ranked], top: int) -> Concentration:
    """Return the figures from the places that they need: the top, each tenth, and where 80 % are reached."""
    if not ranked or not ranked[0].total:
        return Concentration(ranked[0].customers if ranked else 0, Decimal(0), None, None, None, [])
    customers, total = ranked[0].customers, ranked[0].total
    by_place = {one.place: one for one in ranked}
    last = by_place[min(top, customers)]
    reached = min(one.place for one in ranked if one.cumulated >= total * FOUR_FIFTHS)
    return Concentration(
        customers,
        total,
        ratio(last.cumulated, total),
        ratio(ranked[0].squares, total * total),
        reached,
        [Point(place, ratio(by_place[place].cumulated, total)) for place in places_of(customers)],
    )


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """Return a share in [0, 1] with six decimals."""
    return (part / whole).quantize(Decimal("0.000001"))
