"""Answers about past days, kept in memory while nothing is added to the past: a baseline asks for the same few days."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from orgchart.questions import subtree
from servicekit.data.database import Database
from servicekit.data.transactions import Questions
from services.opportunity.funnel.rules.report import Standing
from services.opportunity.funnel.store.counters import Counts, standing_of
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
    sums: "OrderedDict[tuple[object, ...], Standing]" = field(default_factory=OrderedDict)


T = TypeVar("T")
_memories: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


async def moment_of(tx: Questions) -> Moment:
    """Return what answers about the past depend on now."""
    return await tx.one(MOMENT)


def remembered(
    database: Database, days: Iterable[date], moment: Moment, *, person_id: UUID | None, whole: bool
) -> list[Standing] | None:
    """Return what `standing_on` would say of each day if nothing has to be asked for that, else None."""
    memory = _memories.setdefault(database, Memory())
    found = [memory.sums.get((day, moment, person_id, whole)) for day in days]
    known = [standing for standing in found if standing is not None]
    return known if len(known) == len(found) else None


async def standing_on(
    tx: Questions, day: date, until: datetime, moment: Moment, *, person_id: UUID | None, whole: bool
) -> Standing:
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
        found = standing_of(day, _summed(everybody))
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


def _keep(kept: "OrderedDict[Any, T]", key: object, found: T, most: int) -> None:
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
