"""The potential of a customer, from 0 to 100: a weighted sum of parts, each with its reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import log10
from types import MappingProxyType

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"tier": 15, "size": 20, "growth": 15, "whitespace": 20, "pipeline": 15, "neglect": 15}
)
"""What each part is worth at most; together 100. The model's version is told with every score."""

MODEL_VERSION = 1
TIERS: Mapping[str | None, Decimal] = MappingProxyType(
    {
        "strategic": Decimal(1),
        "key": Decimal("0.8"),
        "growth": Decimal("0.6"),
        "standard": Decimal("0.3"),
        None: Decimal("0.4"),
    }
)
LARGEST_STAFF, LARGEST_REVENUE, LARGEST_PIPELINE = 5, 10, 7
"""Powers of ten: 100,000 people, 10 thousand million and 10 million of the reporting currency count in full."""

LONGEST_NEGLECT = 180
"""Days without an activity that count in full."""

POPULAR_SHARE = Decimal("0.2")
FEWEST_BUYERS = 2
"""A product line is popular with an industry's buyers if this share of them, and so many, buy it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer; money is in the reporting currency, None where unknown.

    Attributes:
        bought: product lines that it has won or open opportunities of.
        popular: product lines that customers of its industry buy.
        unconverted: whether money in a currency without a rate is left out.
    """

    tier: str | None = None
    employees: int | None = None
    revenue: Decimal | None = None
    won_last_year: Decimal = Decimal(0)
    won_year_before: Decimal = Decimal(0)
    pipeline: Decimal = Decimal(0)
    bought: Collection[str] = frozenset()
    popular: Collection[str] = frozenset()
    last_activity: date | None = None
    unconverted: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score: `points` of at most `weight`; not `known` where nothing says more than the points."""

    name: str
    weight: int
    points: Decimal
    known: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Potential:
    """The score and its parts, the weightiest reasons first."""

    score: Decimal
    parts: tuple[Part, ...] = field(default=())


def potential(facts: Facts, today: date) -> Potential:
    """Return how much more a customer may be worth; the parts add up to the score exactly."""
    judged = {
        "tier": _tier(facts),
        "size": _size(facts),
        "growth": _growth(facts),
        "whitespace": _whitespace(facts),
        "pipeline": _pipeline(facts),
        "neglect": _neglect(facts, today),
    }
    parts = [
        Part(name, WEIGHTS[name], (ratio * WEIGHTS[name]).quantize(Decimal("0.1")), known, reason)
        for name, (ratio, known, reason) in judged.items()
    ]
    parts.sort(key=lambda part: (-part.points, part.name))
    return Potential(sum((part.points for part in parts), Decimal("0.0")), tuple(parts))


def popular_lines(buyers: int, buyers_by_line: Mapping[str, int]) -> frozenset[str]:
    """Return the product lines that a share of an industry's buyers, and more than one of them, buy."""
    least = max(Decimal(FEWEST_BUYERS), POPULAR_SHARE * buyers)
    return frozenset(line for line, count in buyers_by_line.items() if count >= least)


Judged = tuple[Decimal, bool, str]


def _tier(facts: Facts) -> Judged:
    told = f"The customer's tier is {facts.tier}." if facts.tier else "The customer is not classified yet."
    return TIERS[facts.tier], facts.tier is not None, told


def _size(facts: Facts) -> Judged:
    staff = _share_of_power(Decimal(facts.employees or 0), LARGEST_STAFF)
    revenue = _share_of_power(facts.revenue or Decimal(0), LARGEST_REVENUE)
    if facts.employees is None and facts.revenue is None:
        return Decimal(0), False, "Neither employees nor revenue are known."
    told = [
        f"{facts.employees} employees" if facts.employees is not None else "",
        f"a revenue of {facts.revenue:.0f}" if facts.revenue is not None else "",
    ]
    return max(staff, revenue), True, f"It has {' and '.join(filter(None, told))}."


def _growth(facts: Facts) -> Judged:
    both = facts.won_last_year + facts.won_year_before
    if both == 0:
        return Decimal(0), False, "Nothing was won in the last two years."
    change = (facts.won_last_year - facts.won_year_before) / both
    told = f"Won {facts.won_last_year:.0f} in the last twelve months, {facts.won_year_before:.0f} in those before."
    return (1 + change) / 2, True, told


def _whitespace(facts: Facts) -> Judged:
    if not facts.popular:
        return Decimal(0), False, "Nothing is known of what customers of its industry buy."
    missing = set(facts.popular) - set(facts.bought)
    told = f"It buys {len(facts.popular) - len(missing)} of {len(facts.popular)} product lines that its industry buys."
    return Decimal(len(missing)) / len(facts.popular), True, told


def _pipeline(facts: Facts) -> Judged:
    left_out = " (without money in currencies that have no rate)" if facts.unconverted else ""
    told = f"The weighted open pipeline is {facts.pipeline:.0f}{left_out}."
    return _share_of_power(facts.pipeline, LARGEST_PIPELINE), not facts.unconverted, told


def _neglect(facts: Facts, today: date) -> Judged:
    if facts.last_activity is None:
        return Decimal(1), True, "There was no activity yet."
    days = max(0, (today - facts.last_activity).days)
    return Decimal(min(days, LONGEST_NEGLECT)) / LONGEST_NEGLECT, True, f"The last activity was {days} days ago."


def _share_of_power(value: Decimal, largest: int) -> Decimal:
    """Return the power of ten of a value as a share of the largest that counts, in [0, 1]."""
    if value <= 0:
        return Decimal(0)
    return min(Decimal(1), Decimal(str(round(log10(1 + float(value)) / largest, 6))))
