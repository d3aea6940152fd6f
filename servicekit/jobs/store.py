"""Questions about jobs, and the steps from one state to the next; each checks in the row what it rests on."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, bindparam, literal_column, or_, select

from servicekit.data.actors import Actor
from servicekit.data.job_tables import job
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id

LEASE_SECONDS = 20
"""So long a worker may be silent before another one goes on with its job."""

FINISHED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is."""

    id: UUID
    kind: str
    operation: str
    owner: str
    person_id: UUID | None
    represents: UUID | None
    request: dict[str, Any]
    state: str
    done: int
    total: int | None
    counts: dict[str, int]
    chunk: int
    position: dict[str, Any] | None
    attempts: int
    trace_id: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    problem: dict[str, Any] | None

    def actor(self, service: str) -> Actor:
        """Return who acts when the job does: whoever asked for it, within the trace of their request."""
        return Actor(self.person_id, self.represents, self.trace_id, service)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `kind` says who does it, `operation` what is done, `request` whatever that kind needs."""

    kind: str
    operation: str
    request: Mapping[str, Any]
    total: int | None = None


_COLUMNS = [job.c[name] for name in Job.__dataclass_fields__]
_NAMES = ", ".join(Job.__dataclass_fields__)
_visible = or_(
    bindparam("oversees", type_=Boolean()),
    job.c.owner == bindparam("owner", type_=Text()),
    job.c.represents == bindparam("person_id", type_=Uuid()),
)
GET = prepared(select(*_COLUMNS).where(job.c.id == bindparam("id", type_=Uuid()), _visible), into=Job)
LOCK = prepared(
    select(*_COLUMNS).where(job.c.id == bindparam("id", type_=Uuid()), _visible).with_for_update(key_share=True),
    into=Job,
)


def _listing(*legs: Any) -> Listing[Job]:
    return Listing(
        *legs,
        into=Job,
        filters={
            "state": job.c.state == bindparam("state", type_=Text()),
            "kind": job.c.kind == bindparam("kind", type_=Text()),
        },
        keys={"created_at": SortKey(job.c.created_at)},
        identifier=job.c.id,
        default="-created_at",
    )


EVERYBODYS = _listing(select(*_COLUMNS).where(literal_column("true")))
OWN = _listing(
    select(*_COLUMNS).where(job.c.owner == bindparam("owner", type_=Text())),
    select(*_COLUMNS).where(job.c.represents == bindparam("person_id", type_=Uuid())),
)

INSERT = f"""
INSERT INTO job (id, kind, operation, owner, person_id, represents, request, personal_salt, state, total, due_at,
                 trace_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, now(), $10, $11)
RETURNING {_NAMES}
"""  # noqa: S608 (names of columns)
SET_TOTAL = f"UPDATE job SET total = $2 WHERE id = $1 RETURNING {_NAMES}"  # noqa: S608 (names of columns)
INSERT_PART = "INSERT INTO job_part (job_id, role, number, content) VALUES ($1, $2, $3, $4)"
READ_PART = "SELECT content FROM job_part WHERE job_id = $1 AND role = $2 AND number = $3"
IS_DUE = "SELECT EXISTS (SELECT FROM job WHERE due_at <= now())"
TAKE = f"""
UPDATE job SET lease = $1, due_at = now() + make_interval(secs => $2), attempts = attempts + 1
WHERE id = (SELECT id FROM job WHERE due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_NAMES}
"""  # noqa: S608 (names of columns)
TAKE_OVER = "UPDATE job SET due_at = now() WHERE lease BETWEEN $1 AND $2 AND due_at > now()"
BEGIN = "UPDATE job SET state = 'running', started_at = coalesce(started_at, $2) WHERE id = $1 AND state = 'queued'"
_HELD = "id = $1 AND lease = $2 AND state = 'running'"
ADVANCE = f"""
UPDATE job SET chunk = chunk + 1, done = $4, total = $5, counts = $6, position = $7, attempts = 0,
    due_at = now() + make_interval(secs => $8)
WHERE {_HELD} AND chunk = $3
"""  # noqa: S608 (a condition of our own)
HOLD = f"UPDATE job SET due_at = now() + make_interval(secs => $3) WHERE {_HELD}"  # noqa: S608
GIVE_BACK = f"UPDATE job SET lease = NULL, due_at = now() + make_interval(secs => $3) WHERE {_HELD}"  # noqa: S608
FINISH = f"""
UPDATE job SET state = $3, finished_at = $4, result = $5, problem = $6, lease = NULL, due_at = NULL
WHERE {_HELD}
"""  # noqa: S608 (a condition of our own)
CANCEL = """
UPDATE job SET state = 'cancelled', finished_at = $2, lease = NULL, due_at = NULL WHERE id = $1
"""
RESUME = """
UPDATE job SET state = 'queued', finished_at = NULL, problem = NULL, attempts = 0, due_at = now()
WHERE id = $1 AND finished_at > now() - make_interval(days => $2)
"""
DROP_PARTS = "DELETE FROM job_part WHERE job_id = $1 AND role = ANY($2::text[])"
FORGET_PARTS = """
DELETE FROM job_part WHERE job_id IN (
    SELECT id FROM job WHERE finished_at < now() - make_interval(days => $1)
        AND EXISTS (SELECT FROM job_part WHERE job_id = job.id) ORDER BY finished_at LIMIT 10)
"""
FORGET = """
DELETE FROM job WHERE id IN (
    SELECT id FROM job WHERE finished_at < now() - make_interval(days => $1) ORDER BY finished_at LIMIT 100)
"""


def made(row: Row) -> Job:
    """Return the job of a row with its columns in order."""
    return Job(*row)


async def insert(tx: Writing, owner: str, asked: Asked, trace_id: str) -> Job:
    """Add a job, due at once, of whoever the transaction acts for."""
    connection = await tx.raw_connection()
    row = await connection.fetchrow(
        INSERT,
        new_id(),
        asked.kind,
        asked.operation,
        owner,
        tx.actor.person_id,
        tx.actor.on_behalf_of,
        dict(asked.request),
        secrets.token_hex(16),
        asked.total,
        trace_id,
        tx.now,
    )
    return made(row)


async def set_total(tx: Writing, job_id: UUID, total: int) -> Job:
    """Say how many things a job has to do; return it."""
    connection = await tx.raw_connection()
    return made(await connection.fetchrow(SET_TOTAL, job_id, total))


async def insert_parts(tx: Writing, job_id: UUID, role: str, start: int, contents: Sequence[bytes]) -> None:
    """Add pieces, numbered from `start`."""
    connection = await tx.raw_connection()
    rows = [(job_id, role, start + place, content) for place, content in enumerate(contents)]
    await connection.executemany(INSERT_PART, rows)


async def read_part(tx: Questions, job_id: UUID, role: str, number: int) -> bytes | None:
    """Return one piece, or None after the last."""
    connection = tx.database.pool
    content: bytes | None = await connection.fetchval(READ_PART, job_id, role, number)
    return content
