"""Answers about past days, kept in memory while nothing is added to the past: a baseline asks for the same few days."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
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
AT_ONCE = 5000
"""So many rows are gone through before others have their turn."""
SETTLED = timedelta(minutes=10)
"""A day is kept in memory once no transaction that began in it can still be under way."""


Row = tuple[str, date, str, int, Decimal, int, int]
"""Counts without their person, and no object of ours: the collector would go through hundreds of thousands of them."""
People = Mapping[UUID, tuple[Row, ...]]


@dataclass
class Memory:
    """What one database said of past days: each person's counts, and the sums of what was asked for."""

    people: "OrderedDict[tuple[date, int], People]" = field(default_factory=OrderedDict)
    sums: "OrderedDict[tuple[object, ...], Standing]" = field(default_factory=OrderedDict)
    reckoning: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who works something out: whoever asks for the same meanwhile waits and finds it.

    Whoever takes it has a connection already: those who wait may have all the others.
    """


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
        async with memory.reckoning:
            found = memory.sums.get(key) or await _reckoned(tx, memory, key, until)
    return found


async def _reckoned(
    tx: Questions, memory: Memory, key: tuple[date, Moment, UUID | None, bool], until: datetime
) -> Standing:
    day, moment, person_id, whole = key
    everybody = await _everybody_on(tx, memory, (day, moment.past_revision), until)
    if person_id is None:
        people: Iterable[UUID] = everybody
    else:
        people = await subtree(tx, person_id, day) if whole else [person_id]
    found = standing_of(day, await _summed(everybody, people))
    if _is_settled(tx, until):
        _keep(memory.sums, key, found, KEPT_SUMS)
    return found


async def _everybody_on(tx: Questions, memory: Memory, key: tuple[date, int], until: datetime) -> People:
    found = memory.people.get(key)
    if found is None:
        found = await _by_person(await tx.all(EVERYBODY, until=until))
        if _is_settled(tx, until):
            _keep(memory.people, key, found, KEPT_DAYS)
    return found


async def _by_person(rows: Sequence[Any]) -> People:
    """Return each person's rows; a word, date or currency that comes again is kept once."""
    found: dict[UUID, list[Row]] = {}
    same: dict[Any, Any] = {}
    for number, (person_id, place, quarter, currency, *figures) in enumerate(rows, start=1):
        named = (same.setdefault(place, place), same.setdefault(quarter, quarter), same.setdefault(currency, currency))
        found.setdefault(person_id, []).append((*named, *figures))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    return {person_id: tuple(each) for person_id, each in found.items()}


def _is_settled(tx: Questions, until: datetime) -> bool:
    return until + SETTLED <= tx.database.clock()


def _keep(kept: "OrderedDict[Any, T]", key: object, found: T, most: int) -> None:
    kept[key] = found
    while len(kept) > most:
        kept.popitem(last=False)


async def _summed(everybody: People, people: Iterable[UUID]) -> list[Counts]:
    sums: dict[tuple[str, date, str], list[Any]] = {}
    added = 0
    for person_id in people:
        for place, quarter, currency, count, amount, unknown_amount, simulated in everybody.get(person_id, ()):
            total = sums.setdefault((place, quarter, currency), [0, Decimal(0), 0, 0])
            total[0] += count
            total[1] += amount
            total[2] += unknown_amount
            total[3] += simulated
            added += 1
        if added > AT_ONCE:
            added = 0
            await asyncio.sleep(0)
    return [Counts(EVERYTHING, *key, *total) for key, total in sums.items()]
