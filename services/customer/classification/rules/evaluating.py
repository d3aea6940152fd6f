"""What an evaluation comes to.

Score = Σ weight × (value − 1) ÷ (levels − 1) ÷ Σ weights × 100, reckoned exactly. What is not known counts neither as
low nor as high: the score then lies between two bounds, and there is a tier only if both lie in its band.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from services.customer.classification.rules.refusals import (
    CriterionNotInScheme,
    CriterionTwice,
    NothingEvaluated,
    ValueOutsideScale,
)
from services.customer.classification.rules.schemes import FULL_SCORE, Band, Scheme
from services.customer.customers.rules.values import Tier

CENT = Decimal("0.01")
BETWEEN, OF = ";", "="


@dataclass(frozen=True, slots=True)
class Judged:
    """The value that somebody gave a criterion; None where they do not know."""

    criterion: str
    value: int | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody judged of a customer, by the criteria of which scheme; `confirms` decides on it at once."""

    scheme_number: int
    values: Sequence[Judged]
    note: str | None
    confirms: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The bounds of the score, shown rounded down, so that no score is shown in a band that it does not reach.

    `tier` is None where the bounds lie in different bands; `unknown` are the criteria without a value.
    """

    lowest: Decimal
    highest: Decimal
    tier: Tier | None
    unknown: tuple[str, ...]


def check_values(scheme: Scheme, judged: Sequence[Judged]) -> None:
    """Refuse values that the scheme does not ask for, or that lie outside a scale."""
    levels = {criterion.key: len(criterion.levels) for criterion in scheme.criteria}
    seen: set[str] = set()
    for place, one in enumerate(judged):
        if one.criterion not in levels:
            raise CriterionNotInScheme(place, list(levels))
        if one.criterion in seen:
            raise CriterionTwice(place)
        if one.value is not None and not 1 <= one.value <= levels[one.criterion]:
            raise ValueOutsideScale(place, levels[one.criterion])
        seen.add(one.criterion)
    if all(one.value is None for one in judged):
        raise NothingEvaluated


def evaluate(scheme: Scheme, judged: Sequence[Judged]) -> Outcome:
    """Return what checked values come to."""
    return outcome_of(scheme, shares_of(profile_of(scheme, judged)))


def outcome_of(scheme: Scheme, shares: Mapping[str, Fraction]) -> Outcome:
    """Return what known shares of the scales, each in [0, 1], come to; criteria without one are not known."""
    whole = sum((Fraction(criterion.weight) for criterion in scheme.criteria), Fraction())
    parts = (Fraction(one.weight) * shares[one.key] for one in scheme.criteria if one.key in shares)
    known = sum(parts, Fraction())
    unknown = tuple(criterion.key for criterion in scheme.criteria if criterion.key not in shares)
    open_weight = sum((Fraction(one.weight) for one in scheme.criteria if one.key not in shares), Fraction())
    lowest = known / whole * FULL_SCORE
    highest = (known + open_weight) / whole * FULL_SCORE
    bottom, top = tier_of(scheme.bands, lowest), tier_of(scheme.bands, highest)
    return Outcome(_shown(lowest), _shown(highest), bottom if bottom == top else None, unknown)


def tier_of(bands: Sequence[Band], score: Fraction) -> Tier:
    """Return the tier of a score in [0, 100]: of the highest band that it reaches."""
    return max((band for band in bands if Fraction(band.from_score) <= score), key=lambda band: band.from_score).tier


def profile_of(scheme: Scheme, judged: Sequence[Judged]) -> str:
    """Return the known values as `key=step/steps;…` in the order of the keys: equal profiles come to the same."""
    levels = {criterion.key: len(criterion.levels) for criterion in scheme.criteria}
    known = sorted((one.criterion, one.value) for one in judged if one.value is not None)
    return BETWEEN.join(f"{key}{OF}{value - 1}/{levels[key] - 1}" for key, value in known)


def shares_of(profile: str) -> dict[str, Fraction]:
    """Return the share of its scale that each criterion of a profile reached."""
    return {key: Fraction(share) for key, share in (part.split(OF) for part in profile.split(BETWEEN) if part)}


def _shown(score: Fraction) -> Decimal:
    return (Decimal(score.numerator) / Decimal(score.denominator)).quantize(CENT, rounding=ROUND_FLOOR)
