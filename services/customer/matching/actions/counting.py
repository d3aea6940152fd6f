"""How frequent keys are: counted from a sample now and then, and kept in memory by each process as it was last counted.

Nothing is counted while somebody writes, so no row is hot. A key that is not listed is rare; one that has become
frequent meanwhile is looked up all the same, with a bound on what it answers, until the next count.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from heapq import nlargest
from random import Random
from uuid import UUID
from weakref import WeakKeyDictionary

from servicekit.data.database import Database
from servicekit.data.transactions import Questions, Writing
from services.customer.matching.actions.deriving import counted_keys, profile_from
from services.customer.matching.rules.statistics import FEWEST, Statistics
from services.customer.matching.store import statistics as store

SAMPLED = 50_000
"""Companies that are counted; a smaller base is counted whole."""
MOST_COUNTED = 60_000
"""Keys that are kept, the most frequent ones: about 8 MB in each process."""
MOST_MET = 200_000
"""Keys that are counted side by side; above, those that were met once only are let go."""
AT_ONCE = 100
"""Profiles read at a time, so that requests are served in between."""
GROWN = 1.25
"""Counted again when the base is so many times larger."""
OLDEST = timedelta(days=1)
_MOST_ROUNDS = 4
_CHECKS_A_MEMORY = 20_000
"""After so many uses the count is read anew, for what is remembered beside it grows with the words that are met."""


@dataclass
class _Known:
    revision: int
    statistics: Statistics
    uses: int = 0


_known: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


async def statistics_of(tx: Questions) -> Statistics:
    """Return the count in force."""
    revision = await store.revision_of(tx)
    known = _known.get(tx.database)
    if known is None or known.revision != revision or known.uses >= _CHECKS_A_MEMORY:
        read, companies, counts = await store.read(tx)
        known = _known[tx.database] = _Known(read, Statistics(companies, counts))
    known.uses += 1
    return known.statistics


async def is_due(tx: Questions) -> bool:
    """Say whether keys should be counted again: never counted, a day old, or the base has grown or shrunk a lot."""
    standing = await tx.one(store.STANDING)
    companies = await store.estimated_companies(tx)
    if companies < 0 or standing.counted_at is None:
        companies = await store.count_companies(tx)
    if standing.counted_at is None:
        return companies > 0
    aged = tx.database.clock() - standing.counted_at > OLDEST and companies > 0
    return aged or not standing.companies / GROWN <= companies <= max(standing.companies * GROWN, FEWEST)


async def recount(tx: Writing) -> bool:
    """Count how many companies have each key, unless somebody else does; say whether it was done."""
    if await store.lock(tx) is None:
        return False
    companies = await store.count_companies(tx)
    if companies <= SAMPLED:
        counted, counts = await _count_all(tx)
    else:
        counted, counts = await _count_sample(tx, companies)
    scale = companies / max(counted, 1)
    frequent = nlargest(MOST_COUNTED, ((many, key) for key, many in counts.items() if many >= FEWEST))
    await store.keep(tx, companies, {key: round(many * scale) for many, key in frequent})
    return True


async def _count_all(tx: Writing) -> tuple[int, Counter[str]]:
    counts: Counter[str] = Counter()
    counted, after = 0, UUID(int=0)
    while rows := await tx.all(store.EVERY, after=after, most=AT_ONCE):
        counted += _add(counts, [row["profile"] for row in rows])
        after = rows[-1]["customer_id"]
        await asyncio.sleep(0)
    return counted, counts


async def _count_sample(tx: Writing, companies: int) -> tuple[int, Counter[str]]:
    """Sample pages of the table, another choice each time, until enough companies were met."""
    counts: Counter[str] = Counter()
    counted, random = 0, Random(companies)  # noqa: S311 (a sample, not a secret)
    percent = min(100.0, 100.0 * AT_ONCE / companies)
    for _ in range(_MOST_ROUNDS * SAMPLED // AT_ONCE):
        rows = await tx.all(store.SAMPLE, percent=percent, seed=random.random(), most=AT_ONCE * _MOST_ROUNDS)
        counted += _add(counts, [row["profile"] for row in rows])
        if counted >= SAMPLED:
            break
        await asyncio.sleep(0)
    return counted, counts


def _add(counts: Counter[str], profiles: list[str]) -> int:
    for text in profiles:
        counts.update(set(counted_keys(profile_from(text))))
    if len(counts) > MOST_MET:
        for key in [key for key, many in counts.items() if many == 1]:
            del counts[key]
    return len(profiles)
