"""What was recorded is written so that pgbench and PostgreSQL read the same values."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from bench.pgbench import script_of
from bench.scripts import Asked, Fresh, FreshClaim, FreshText, Recording, Script
from tests.conftest import Template

VARIABLE = re.compile(r"(?<!:):\w")
ID = UUID("01900000-0000-7000-8000-000000000001")
VALUES = (
    ID,
    None,
    True,
    Decimal("1.50"),
    datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    ["a:b", 'c"\\,d'],
    {"x": "it's"},
    b"\1",
)
SQL = (
    "SELECT $1::uuid, $2::text, $3::boolean, $4::numeric, $5::timestamptz, $6::text[], $7::jsonb ->> 'x', $8::bytea, "
    "$9::integer"
)


@pytest.fixture
async def connection(template: Template) -> asyncpg.Connection:
    return await asyncpg.connect(template.admin_url)


def recording(*numbers: int) -> Recording:
    scripts = [Script((Asked("BEGIN;SET LOCAL jit='off';", ()), Asked(SQL, (*VALUES, number)))) for number in numbers]
    return Recording("it", scripts)


async def test_values_arrive_as_they_were(connection: asyncpg.Connection) -> None:
    lines = (await script_of(connection, recording(7), 16)).splitlines()
    assert lines[2:6] == ["\\startpipeline", "BEGIN;", "SET LOCAL jit='off';", "\\endpipeline"]
    row = await connection.fetchrow(lines[6])
    assert tuple(row) == (*VALUES[:6], "it's", b"\1", 7)
    await connection.close()


async def test_what_differs_is_chosen_by_number(connection: asyncpg.Connection) -> None:
    lines = (await script_of(connection, recording(7, 8), 16)).splitlines()
    assert lines[1] == "\\set i random(1, 2)"
    assert [await connection.fetchval(f"SELECT {_last(lines[6])}".replace(":i", place)) for place in "12"] == [7, 8]
    await connection.close()


def _last(line: str) -> str:
    return line[line.rindex("CAST((CAST(") :].removesuffix("::integer;")


async def test_connections_keep_apart_where_they_must(connection: asyncpg.Connection) -> None:
    scripts = [Script((Asked("SELECT $1::int", (number,)),)) for number in range(32)]
    lines = (await script_of(connection, Recording("it", scripts, apart=True), 16)).splitlines()
    assert lines[1] == "\\set i :client_id * 2 + random(1, 2)"
    await connection.close()


async def test_made_ids_and_keys_are_new_each_time(connection: asyncpg.Connection) -> None:
    arguments = (Fresh(0), FreshClaim(), [Fresh(0), ID], [FreshText("", "-1"), None])
    asked = Asked("SELECT $1::uuid, $2::bytea, $3::uuid[], $4::text[]", arguments)
    line = (await script_of(connection, Recording("it", [Script((asked,), 1)]), 16)).splitlines()[2]
    first, second = [await connection.fetchrow(line.replace(":r", number)) for number in ("1", "2")]
    assert first[2] == [first[0], ID]
    assert first[3][0].endswith("-1")
    assert first[3][1] is None
    assert first[3] != second[3]
    assert {first[0], first[1]}.isdisjoint({second[0], second[1]})
    await connection.close()


async def test_the_bounds_of_a_slice_are_no_variables(connection: asyncpg.Connection) -> None:
    asked = Asked("SELECT ($1::int[])[$2::int:$3::int]", ([1, 2, 3], 2, 3))
    line = (await script_of(connection, Recording("it", [Script((asked,), 1)]), 16)).splitlines()[2]
    assert await connection.fetchval(line) == [2, 3]
    assert not VARIABLE.search(line), "to pgbench it is one of its variables"
    await connection.close()
