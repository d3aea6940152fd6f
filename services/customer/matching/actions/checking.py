"""The uniqueness check: each company of a list against the whole base, without writing and without regard to scope.

What is answered names customers whether or not somebody may see them: `finding` masks it for whoever asks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from servicekit.data.transactions import Questions
from services.customer.matching.actions.counting import statistics_of
from services.customer.matching.actions.deriving import asked_keys, crowded_keys, profile_from
from services.customer.matching.rules.company import Company
from services.customer.matching.rules.deciding import Decision, decide
from services.customer.matching.rules.fingerprints import fingerprint
from services.customer.matching.rules.profiles import Profile, profile_of
from services.customer.matching.rules.scoring import score
from services.customer.matching.rules.statistics import Statistics
from services.customer.matching.store import candidates as store
from services.customer.matching.store.candidates import Asked, Found

MOST_COMPARED = 40
"""Customers that one company is compared with: those with which it shares the most."""
AT_ONCE = 20
"""Companies that are looked up by one statement."""


class Overlaid(Mapping[str, int]):
    """Some counts over others, without copying either."""

    def __init__(self, over: Mapping[str, int], under: Mapping[str, int]) -> None:
        self._over = over
        self._under = under

    def __getitem__(self, key: str) -> int:
        return self._over[key] if key in self._over else self._under[key]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._under, **self._over})

    def __len__(self) -> int:
        return len({**self._under, **self._over})


async def check(tx: Questions, companies: Sequence[Company]) -> list[Decision[UUID]]:
    """Decide for each company whether the base has it: `matched`, `new` or `review`, with the candidates and why.

    A few statements for each `AT_ONCE` companies, however large the base is. Within a `Writing` it sees what the
    transaction has written. Two who check at once both see nothing of each other: whoever makes a customer of the
    answer relies on the unique keys, or locks first.
    """
    decisions: list[Decision[UUID]] = []
    for start in range(0, len(companies), AT_ONCE):
        decisions += await _check_some(tx, companies[start : start + AT_ONCE])
    return decisions


async def candidates_of(tx: Questions, companies: Sequence[Company], best: int = MOST_COMPARED) -> list[list[UUID]]:
    """Return who would be compared with each company, who shares the most first."""
    statistics = await statistics_of(tx)
    profiles = [profile_of(company) for company in companies]
    found = await store.candidates(tx, list(_asked(profiles, statistics)), best)
    grouped = _by_place(found)
    return [[one.customer_id for one in grouped.get(place, ())] for place in range(len(companies))]


async def _check_some(tx: Questions, companies: Sequence[Company]) -> list[Decision[UUID]]:
    statistics = await statistics_of(tx)
    profiles = [profile_of(company) for company in companies]
    found = _by_place(await store.candidates(tx, list(_asked(profiles, statistics)), MOST_COMPARED))
    counted = await _with_crowds(tx, profiles, statistics)
    return [
        decide((one.customer_id, score(profile, profile_from(one.profile), counted)) for one in found.get(place, ()))
        for place, profile in enumerate(profiles)
    ]


def _asked(profiles: Sequence[Profile], statistics: Statistics) -> Iterator[Asked]:
    for place, profile in enumerate(profiles):
        for key, weight in asked_keys(profile, statistics).items():
            yield Asked(place, key, weight)


def _by_place(found: Sequence[Found]) -> Mapping[int, list[Found]]:
    return {place: list(some) for place, some in groupby(found, key=lambda one: one.place)}


async def _with_crowds(tx: Questions, profiles: Sequence[Profile], statistics: Statistics) -> Statistics:
    """Return the count with exact figures for the phones and addresses that are asked about."""
    spelled = {fingerprint(key): key for profile in profiles for key in crowded_keys(profile)}
    exact = await store.holders(tx, list(spelled))
    return replace(statistics, counts=Overlaid({spelled[key]: many for key, many in exact.items()}, statistics.counts))
