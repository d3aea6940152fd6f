"""The last answers about past days, for a baseline asks for the same few days all day long.

An answer is used only while nothing was told of its day or before since (`Moment`), which is asked together with what
is told of today: processes that remember and processes that do not say the same.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from weakref import WeakKeyDictionary

from servicekit.data.database import Database
from servicekit.data.transactions import Questions
from services.opportunity.funnel.rules.standing import Standing
from services.opportunity.funnel.store.days import Moment, standing_on

KEPT = 1000
"""Sums of so many days and scopes, some ten kilobytes each."""

Key = tuple[date, UUID | None, bool]


@dataclass
class Memory:
    """What one database said, with the revision and the chart that it rests on."""

    sums: "OrderedDict[Key, tuple[int, int, Standing]]" = field(default_factory=OrderedDict)


_memories: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


def remembered(
    database: Database, days: Sequence[date], moment: Moment, *, person_id: UUID | None, whole: bool
) -> list[Standing] | None:
    """Return what stood on each day if that is remembered and holds at a moment, asked for these days; else None."""
    sums = _memories.setdefault(database, Memory()).sums
    found = []
    for day, revision in zip(days, moment.revisions, strict=True):
        known = sums.get((day, person_id, whole))
        if known is None or known[:2] != (revision, moment.chart_version):
            return None
        found.append(known[2])
    return found


async def standings_on(
    tx: Questions, days: Sequence[date], moment: Moment, *, person_id: UUID | None, whole: bool
) -> list[Standing]:
    """Return what stood on each day; the moment was asked for these days, and at the same instant as `tx` asks."""
    sums = _memories.setdefault(tx.database, Memory()).sums
    found = []
    for day, revision in zip(days, moment.revisions, strict=True):
        key = (day, person_id, whole)
        known = sums.get(key)
        if known is None or known[:2] != (revision, moment.chart_version):
            known = (revision, moment.chart_version, await standing_on(tx, day, person_id=person_id, whole=whole))
            sums[key] = known
            while len(sums) > KEPT:
                sums.popitem(last=False)
        sums.move_to_end(key)
        found.append(known[2])
    return found
