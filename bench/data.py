"""Fills an instance at the speed of COPY: what the schema would hold had it all come through the API.

Rows go past triggers (`session_replication_role = replica`), for a generator that writes the audit trail too would
measure the trigger; the constraints that they hold, the generator keeps, and a test has them checked afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from random import Random
from typing import Self

import asyncpg

from bench.catalogue import CATALOGUE_COLUMNS, catalogue, catalogue_rows
from bench.people import Organisation, organisation
from bench.pipeline import COLUMNS, Pipeline, Row, rows_of
from keyaccount.provisioning import SERVICES
from servicekit.run.settings import Settings
from services.opportunity.funnel.rebuild import rebuild

MEASURED = "opportunity"
_AT_ONCE = 5_000
_CUSTOMERS_PER_OPPORTUNITY = 5
_MOST_CUSTOMERS = 20_000
_HIRED = date(2020, 1, 1)

_PEOPLE = """
INSERT INTO orgchart_person (id, name, kind, superior_id, path, roles, active)
SELECT id, name, 'person', superior_id, path::ltree, string_to_array(roles, ','), true
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[]) AS one(id, name, superior_id, path, roles)
"""
_EDGES = """
INSERT INTO orgchart_edge (person_id, from_date, superior_id)
SELECT id, $1, superior_id FROM orgchart_person WHERE superior_id IS NOT NULL
"""
_STATE = "UPDATE orgchart_state SET paths_on = $1, at = $2 WHERE id = 1"


@dataclass
class Data:
    """What a database was filled with; `count` opportunities so far.

    `url` is how the administrator reaches the database.
    """

    url: str
    staff: Organisation
    pipeline: Pipeline
    count: int = 0

    @classmethod
    async def begin(cls, url: str, *, people: int, most: int, seed: int = 1) -> Self:
        """Fill in people and what opportunities refer to; there will be at most so many opportunities."""
        staff, now = await fill_in_people(url, people)
        customers = max(20, min(most // _CUSTOMERS_PER_OPPORTUNITY, _MOST_CUSTOMERS))
        made = catalogue(staff.sellers, customers, seed)
        async with inside(url) as connection, connection.transaction():
            for table, rows in catalogue_rows(made, now).items():
                await copy(connection, table, rows, CATALOGUE_COLUMNS[table])
        return cls(url, staff, Pipeline(staff, made, now, seed))

    async def grow(self, to: int) -> None:
        """Add opportunities up to a number."""
        chunks = self._chunks(to)
        ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))
        async with inside(self.url) as connection:
            while (rows := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))  # while PostgreSQL takes these
                await _copy_chunk(connection, rows)
            await connection.execute("RESET ROLE")
            await connection.execute("ANALYZE")
            await connection.execute("CHECKPOINT")
        self.count = to

    def _chunks(self, to: int) -> Iterator[Mapping[str, Sequence[Row]]]:
        """Yield the rows of some opportunities at a time, by table."""
        random = Random(self.pipeline.seed + self.count)
        opportunities = self.pipeline.opportunities(self.count, to)
        while chunk := list(islice(opportunities, _AT_ONCE)):
            rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
            for made in chunk:
                for table, row in rows_of(made, random):
                    rows[table].append(row)
            yield rows

    async def settle(self, settings: Settings) -> None:
        """Count what is there, as the relay would have."""
        await rebuild(settings)

    async def rows(self) -> dict[str, int]:
        """Return how many rows the tables have, as of the last ANALYZE."""
        return await rows_in(self.url, MEASURED)


async def rows_in(url: str, service: str) -> dict[str, int]:
    """Return how many rows a service's tables have, as of the last ANALYZE."""
    async with inside(url, service) as connection:
        found = await connection.fetch(
            "SELECT relname, n_live_tup FROM pg_stat_user_tables WHERE schemaname = $1 AND n_live_tup > 0", service
        )
    return {row["relname"]: row["n_live_tup"] for row in sorted(found)}


@asynccontextmanager
async def inside(url: str, service: str = MEASURED) -> AsyncIterator[asyncpg.Connection]:
    """Connect as the administrator who acts as the owner of a service's schema, past triggers."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            f"SET session_replication_role = replica; SET search_path = {service}, extensions; SET ROLE {service}_owner"
        )
        yield connection
    finally:
        await connection.close()


async def fill_in_people(url: str, people: int) -> tuple[Organisation, datetime]:
    """Make an organisation and fill in every service's copy of its chart; return it, and the instant it is of."""
    staff, now = organisation(people), datetime.now(UTC).replace(microsecond=0)
    for service in SERVICES:
        async with inside(url, service) as connection, connection.transaction():
            await _copy_people(connection, staff, now)
    return staff, now


async def _copy_people(connection: asyncpg.Connection, staff: Organisation, now: datetime) -> None:
    """Fill in a service's copy of the org chart."""
    people = staff.people
    await connection.execute(
        _PEOPLE,
        [one.id for one in people],
        [one.name for one in people],
        [one.superior_id for one in people],
        [one.path for one in people],
        [",".join(one.roles) for one in people],
    )
    await connection.execute(_EDGES, _HIRED)
    await connection.execute(_STATE, now.date(), now)


async def _copy_chunk(connection: asyncpg.Connection, rows: Mapping[str, Sequence[Row]]) -> None:
    async with connection.transaction():
        for table, records in rows.items():
            await copy(connection, table, records, COLUMNS[table].split())


async def copy(connection: asyncpg.Connection, table: str, rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Fill rows into a table."""
    await connection.copy_records_to_table(table, records=_each(rows), columns=list(columns))


def _each(rows: Iterable[Row]) -> Iterator[Row]:
    yield from rows
