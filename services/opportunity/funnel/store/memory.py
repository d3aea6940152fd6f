"""Answers about past days, kept in memory while nothing is added to the past: a baseline asks for the same few days."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from orgchart.questions import subtree
from servicekit.data.database import Database
from servicekit.data.transactions import Questions
from services.opportunity.funnel.store.counters import Counts
from services.opportunity.funnel.store.past import EVERYBODY, MOMENT, Moment
from services.opportunity.funnel.tables import EVERYTHING

KEPT_DAYS = 32
KEPT_SUMS = 4096
SETTLED = timedelta(minutes=10)
"""A day is kept in memory once no transaction that began in it can still be under way."""


@dataclass
class Memory:
    """What one database said of past days: each person's counts, and the sums of what was asked for."""

    people: "OrderedDict[tuple[date, int], list[Counts]]" = field(default_factory=OrderedDict)
    sums: "OrderedDict[tuple[object, ...], list[Counts]]" = field(default_factory=OrderedDict)


_memories: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


async def moment_of(tx: Questions) -> Moment:
    """Return what answers about the past depend on now."""
    return await tx.one(MOMENT)


async def counts_on(
    tx: Questions, day: date, until: datetime, moment: Moment, *, person_id: UUID | None, whole: bool
) -> list[Counts]:
    """Return what stood where at the end of a past day; `until` is the first instant after it.

    Of everything, of a person alone, or with everybody below them (`whole`) by the reporting line of that day.
    """
    memory = _memories.setdefault(tx.database, Memory())
    key = (day, moment, person_id, whole)
    found = memory.sums.get(key)
    if found is None:
        everybody = await _everybody_on(tx, memory, (day, moment.past_revision), until)
        if person_id is not None:
            people = set(await subtree(tx, person_id, day)) if whole else {person_id}
            everybody = [counts for counts in everybody if counts.person_id in people]
        found = _summed(everybody)
        if _is_settled(tx, until):
            _keep(memory.sums, key, found, KEPT_SUMS)
    return found


async def _everybody_on(tx: Questions, memory: Memory, key: tuple[date, int], until: datetime) -> list[Counts]:
    found = memory.people.get(key)
    if found is None:
        found = [Counts(*row) for row in await tx.all(EVERYBODY, until=until)]
        if _is_settled(tx, until):
            _keep(memory.people, key, found, KEPT_DAYS)
    return found


def _is_settled(tx: Questions, until: datetime) -> bool:
    return until + SETTLED <= tx.database.clock()


def _keep(kept: "OrderedDict[Any, list[Counts]]", key: object, found: list[Counts], most: int) -> None:
    kept[key] = found
    while len(kept) > most:
        kept.popitem(last=False)


def _summed(found: Iterable[Counts]) -> list[Counts]:
    sums: dict[tuple[str, date, str], list[Any]] = {}
    for one in found:
        total = sums.setdefault((one.place, one.quarter, one.currency), [0, Decimal(0), 0, 0])
        total[0] += one.count
        total[1] += one.amount
        total[2] += one.unknown_amount
        total[3] += one.simulated
    return [Counts(EVERYTHING, *key, *total) for key, total in sums.items()]
