"""How a scheme would move the base: by the values of the latest evaluations, whatever scheme they were made by."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.customer.classification.rules.evaluating import outcome_of, shares_of
from services.customer.classification.rules.schemes import Scheme
from services.customer.customers.rules.values import Tier


class Unplaced(StrEnum):
    """Why a scheme would place a customer in no tier."""

    UNDECIDED = "undecided"
    NOT_EVALUATED = "not_evaluated"


Place = Tier | Unplaced


@dataclass(frozen=True, slots=True)
class Movement:
    """How many customers a scheme would move from one tier (None: from none) to another place."""

    from_tier: Tier | None
    to: Place
    count: int


def place_of(scheme: Scheme, profile: str | None) -> Place:
    """Return where a scheme places a customer of these values; criteria that it adds are not known."""
    if profile is None:
        return Unplaced.NOT_EVALUATED
    return outcome_of(scheme, shares_of(profile)).tier or Unplaced.UNDECIDED


def movements(scheme: Scheme, alike: Iterable[tuple[str | None, str | None, int]]) -> list[Movement]:
    """Return how many customers move from where to where, from (tier, values, count); they add up to the base."""
    places: dict[str | None, Place] = {}
    counts: dict[tuple[Tier | None, Place], int] = {}
    for tier, profile, count in alike:
        if profile not in places:
            places[profile] = place_of(scheme, profile)
        pair = (Tier(tier) if tier else None, places[profile])
        counts[pair] = counts.get(pair, 0) + count
    order = [*Tier, *Unplaced]
    ranked = sorted(counts.items(), key=lambda item: (_rank(item[0][0]), order.index(item[0][1])))
    return [Movement(source, target, count) for (source, target), count in ranked]


def _rank(tier: Tier | None) -> int:
    return len(Tier) if tier is None else list(Tier).index(tier)
