"""Applying a difference to the copy, and working out today's reporting lines from the dated edges."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from orgchart.difference import EPOCH, Difference
from servicekit.data.statements import Row
from servicekit.data.transactions import Writing

LOCK_STATE = "SELECT version, paths_on FROM orgchart_state WHERE id = 1 FOR UPDATE"
SET_STATE = "UPDATE orgchart_state SET version = $1, paths_on = $2, at = $3 WHERE id = 1"
UPSERT_PEOPLE = """
INSERT INTO orgchart_person (id, name, kind, roles, active, business_unit_id, external_system, external_id,
    email, scopes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, roles = EXCLUDED.roles,
    active = EXCLUDED.active, business_unit_id = EXCLUDED.business_unit_id,
    external_system = EXCLUDED.external_system, external_id = EXCLUDED.external_id,
    email = EXCLUDED.email, scopes = EXCLUDED.scopes
"""
COPIED = (
    "id",
    "name",
    "kind",
    "roles",
    "active",
    "business_unit_id",
    "external_system",
    "external_id",
    "email",
    "scopes",
)
"""What is copied of a person, in the order of the statement."""

FORGET_EDGES = "DELETE FROM orgchart_edge WHERE person_id = ANY($1::uuid[])"
FORGET_PEOPLE_BUT = """
UPDATE orgchart_person SET active = false, roles = '{}', business_unit_id = NULL WHERE id <> ALL($1::uuid[])
"""
FORGET_EDGES_BUT = "DELETE FROM orgchart_edge WHERE person_id <> ALL($1::uuid[])"
INSERT_EDGES = "INSERT INTO orgchart_edge (person_id, superior_id, from_date, until_date) VALUES ($1, $2, $3, $4)"
INSERT_UNITS = "INSERT INTO orgchart_unit (id, name, parent_id, head_id) VALUES ($1, $2, $3, $4)"
INSERT_STAND_INS = (
    "INSERT INTO orgchart_stand_in (id, person_id, stand_in_id, from_date, until_date) VALUES ($1, $2, $3, $4, $5)"
)
SET_PATHS = """
WITH RECURSIVE present AS (
    SELECT person_id, superior_id FROM orgchart_edge
    WHERE from_date <= $1 AND (until_date IS NULL OR until_date > $1)
), line (id, superior_id, path) AS (
    SELECT person.id, NULL::uuid, text2ltree(replace(person.id::text, '-', ''))
    FROM orgchart_person person LEFT JOIN present ON present.person_id = person.id
    WHERE present.person_id IS NULL
    UNION ALL
    SELECT present.person_id, present.superior_id, line.path || replace(present.person_id::text, '-', '')
    FROM present JOIN line ON present.superior_id = line.id
)
UPDATE orgchart_person AS person SET path = line.path, superior_id = line.superior_id
FROM line, orgchart_person AS former
WHERE person.id = line.id AND former.id = line.id AND person.path IS DISTINCT FROM line.path
RETURNING person.id, former.path AS path_before, person.path AS path_after
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose reporting line is another now; `path_before` is None for somebody new."""

    person_id: UUID
    path_before: str | None
    path_after: str


AfterMoves = Callable[[Writing, Sequence[Moved]], Awaitable[None]]
"""What a service adjusts, in the same transaction, when reporting lines change."""


async def apply(tx: Writing, difference: Difference, after_moves: Sequence[AfterMoves] = ()) -> bool:
    """Bring the copy to the difference's version; return False where it is not older than that."""
    connection = await tx.raw_connection()
    present = await connection.fetchrow(LOCK_STATE)
    on = max(present["paths_on"] or difference.on, difference.on)
    if difference.version < present["version"] or (difference.version, on) == (present["version"], present["paths_on"]):
        return False  # an older one that comes late would bring back what has changed since
    if difference.version // EPOCH > present["version"] // EPOCH:
        await _start_over(connection, difference)
    await _take_over(connection, difference)
    rows = await connection.fetch(SET_PATHS, on)
    await connection.execute(SET_STATE, difference.version, on, tx.now)
    moved = [Moved(row["id"], row["path_before"], row["path_after"]) for row in rows]
    if moved:
        for adjust in after_moves:
            await adjust(tx, moved)
    return True


async def _start_over(connection: Row, difference: Difference) -> None:
    """Let nobody count whom the restored chart does not know; the difference says all of everybody else.

    They stay as people who have left, for what they did refers to them.
    """
    known = [person.id for person in difference.people]
    await connection.execute(FORGET_PEOPLE_BUT, known)
    await connection.execute(FORGET_EDGES_BUT, known)


async def _take_over(connection: Row, difference: Difference) -> None:
    await connection.executemany(
        UPSERT_PEOPLE,
        [tuple(getattr(each, name) for name in COPIED) for each in difference.people],
    )
    await connection.execute(FORGET_EDGES, [person.id for person in difference.people])
    await connection.executemany(
        INSERT_EDGES, [(e.person_id, e.superior_id, e.from_date, e.until_date) for e in difference.edges]
    )
    if difference.units is not None:
        await connection.execute("DELETE FROM orgchart_unit")
        await connection.executemany(INSERT_UNITS, [(u.id, u.name, u.parent_id, u.head_id) for u in difference.units])
    if difference.stand_ins is not None:
        await connection.execute("DELETE FROM orgchart_stand_in")
        await connection.executemany(
            INSERT_STAND_INS,
            [(s.id, s.person_id, s.stand_in_id, s.from_date, s.until_date) for s in difference.stand_ins],
        )
