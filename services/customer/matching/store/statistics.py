"""How many customers have each frequent key: one row, counted from a sample, read into memory when it has changed."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Integer, LargeBinary, Uuid, bindparam, select, text, update

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.matching.tables import match_statistics

_s = match_statistics.c


@dataclass(frozen=True, slots=True)
class Standing:
    """When and of how many companies keys were counted, and how far which revision of the rules has derived anew."""

    revision: int
    counted_at: datetime | None
    companies: int
    derived_by: int
    derived_up_to: UUID | None


_STANDING = select(_s.revision, _s.counted_at, _s.companies, _s.derived_by, _s.derived_up_to).where(_s.id == 1)
REVISION = prepared(select(_s.revision).where(_s.id == 1))
READ = prepared(select(_s.revision, _s.companies, _s.counts).where(_s.id == 1))
STANDING = prepared(_STANDING, into=Standing)
LOCK = prepared(_STANDING.with_for_update(skip_locked=True), into=Standing)
KEEP = prepared(
    update(match_statistics)
    .where(_s.id == 1)
    .values(
        revision=_s.revision + 1,
        counted_at=bindparam("now", type_=_s.counted_at.type),
        companies=bindparam("of", type_=BigInteger()),
        counts=bindparam("content", type_=LargeBinary()),
    )
)
SET_DERIVED = prepared(
    update(match_statistics)
    .where(_s.id == 1)
    .values(derived_by=bindparam("by", type_=Integer()), derived_up_to=bindparam("up_to", type_=Uuid()))
)
FORGET_PROFILES = prepared(text("UPDATE match_profile SET revision = 0"))
COUNT = prepared(text("SELECT count(*) FROM match_profile"))
ESTIMATE = prepared(text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'match_profile'::regclass"))
SAMPLE = prepared(
    text("SELECT profile FROM match_profile TABLESAMPLE SYSTEM (:percent) REPEATABLE (:seed) LIMIT :most").bindparams(
        bindparam("most", type_=Integer())
    )
)
EVERY = prepared(
    text(
        "SELECT customer_id, profile FROM match_profile WHERE customer_id > :after ORDER BY customer_id LIMIT :most"
    ).bindparams(bindparam("after", type_=Uuid()), bindparam("most", type_=Integer()))
)


async def revision_of(tx: Questions) -> int:
    """Return which count is in force."""
    found: int = await tx.value(REVISION)
    return found


async def read(tx: Questions) -> tuple[int, int, dict[str, int]]:
    """Return the count in force: its revision, of how many companies, and how many have each frequent key."""
    row = await tx.one(READ)
    counts: dict[str, int] = {} if row["counts"] is None else orjson.loads(zlib.decompress(row["counts"]))
    return row["revision"], row["companies"], counts


async def lock(tx: Writing) -> Standing | None:
    """Return how things stand, locked until commit; None while somebody else counts or derives."""
    return await tx.first(LOCK)


async def keep(tx: Writing, companies: int, counts: Mapping[str, int]) -> None:
    """Write a new count."""
    await tx.execute(KEEP, now=tx.now, of=companies, content=zlib.compress(orjson.dumps(dict(counts))))


async def set_derived(tx: Writing, by: int, up_to: UUID | None) -> None:
    """Note how far a revision of the rules has derived anew; no place means that it has come to the end."""
    await tx.execute(SET_DERIVED, by=by, up_to=up_to)


async def count_companies(tx: Questions) -> int:
    """Count the companies that can be found."""
    found: int = await tx.value(COUNT)
    return found


async def estimated_companies(tx: Questions) -> int:
    """Return about how many companies there are, by what the planner knows; -1 if it has never looked."""
    found: int = await tx.value(ESTIMATE)
    return found


async def forget(tx: Writing) -> None:
    """Have every customer derived again."""
    await tx.execute(FORGET_PROFILES)
    await tx.execute(SET_DERIVED, by=0, up_to=None)
