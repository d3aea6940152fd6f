"""Classification schemes: weighted criteria, each with a scale, and bands of the score that are tiers.

Scheme 1 is always there. A scheme is never changed: a draft becomes the one in force from its date on, until the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from services.customer.classification.rules.refusals import SchemeMalformed, StartInPast
from services.customer.customers.rules.values import Tier

FULL_SCORE = 100
MOST_CRITERIA = 20
MOST_LEVELS = 10
HIGHEST_FIRST = tuple(Tier)
"""Strategic, key, growth, standard."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a customer is judged by; `levels` describes the values 1, 2, … of its scale, the lowest first.

    `weight` is relative: only its share of all weights counts.
    """

    key: str
    name: str
    weight: Decimal
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The tier of a score from `from_score` (of 100) up to the next band."""

    tier: Tier
    from_score: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """By what customers are classified; an evaluation is outdated after so many days."""

    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]
    outdated_after_days: int


def check_scheme(scheme: Scheme) -> None:
    """Refuse a scheme in which a score might have no tier, or two, or a criterion no scale."""
    keys = [criterion.key for criterion in scheme.criteria]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise SchemeMalformed("Each criterion has a key of its own.", field=f"/criteria/{place}/key")
    tiers = [band.tier for band in scheme.bands]
    for place, band in enumerate(scheme.bands):
        if band.tier in tiers[:place]:
            raise SchemeMalformed("Each tier has one band.", field=f"/bands/{place}/tier")
    _check_order(scheme.bands)


def _check_order(bands: Sequence[Band]) -> None:
    """Bands touch and leave nothing out: the lowest begins at 0, and a higher tier at a higher score."""
    if min(band.from_score for band in bands) != 0:
        raise SchemeMalformed("The lowest band begins at 0, so that every score has a tier.", field="/bands")
    ordered = sorted(bands, key=lambda band: HIGHEST_FIRST.index(band.tier))
    for above, below in pairwise(ordered):
        if above.from_score <= below.from_score:
            raise SchemeMalformed(f"{above.tier} begins above {below.tier}.", field="/bands")


def check_start(from_date: date, today: date) -> None:
    """Refuse to let a scheme have been in force: evaluations of before were made by another."""
    if from_date < today:
        raise StartInPast(today)
