"""The generator makes what could have come through the API, and the same each time."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from bench.catalogue import catalogue
from bench.data import Data, inside
from bench.people import Organisation, organisation
from bench.pipeline import RARE, RARE_AMOUNT, Pipeline
from keyaccount.database_urls import with_database
from keyaccount.provisioning import drop_database
from servicekit.run.settings import Settings
from services.opportunity.funnel.rebuild import rebuild
from tests.conftest import Template

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def staff() -> Organisation:
    return organisation(10_000)


def pipeline(staff: Organisation) -> Pipeline:
    return Pipeline(staff, catalogue(staff.sellers, 50, 1), NOW, 1)


def test_an_organisation_has_a_line_of_six_levels(staff: Organisation) -> None:
    assert len(staff.people) == 10_000
    assert len({one.level for one in staff.people}) == 6
    assert staff.below[staff.manager.id] == 2_000
    assert staff.below[staff.small_manager.id] == 10


def test_paths_name_the_superiors_from_the_top(staff: Organisation) -> None:
    seller = staff.team_of(staff.small_manager)[0]
    assert seller.path.startswith(f"{staff.head.id.hex}.{staff.manager.id.hex}.")
    assert seller.path.endswith(f".{staff.small_manager.id.hex}.{seller.id.hex}")


def test_growing_makes_the_same_as_making_all_at_once(staff: Organisation) -> None:
    made = pipeline(staff)
    at_once = list(made.opportunities(0, 1_500))
    grown = [*made.opportunities(0, 700), *made.opportunities(700, 1_500)]
    assert at_once == grown


def test_histories_are_in_order_and_end_by_the_present(staff: Organisation) -> None:
    for made in pipeline(staff).opportunities(0, 1_000):
        instants = [change.at for change in made.changes]
        assert instants == sorted(instants)
        assert instants[-1] <= NOW
        assert [change.from_stage for change in made.changes[1:]] == [one.to_stage for one in made.changes[:-1]]


def test_every_outcome_is_there_and_one_in_ten_thousand_is_rare(staff: Organisation) -> None:
    made = list(pipeline(staff).opportunities(0, RARE))
    assert set(Counter(one.last.to_state for one in made)) == {"open", "won", "lost"}
    assert [one.number for one in made if one.amounts[-1][1] == RARE_AMOUNT] == [RARE // 2]


@pytest.fixture
async def filled(template: Template) -> AsyncIterator[tuple[Data, Settings]]:
    name, urls = await template.clone()
    data = await Data.begin(with_database(template.admin_url, name), people=100, most=400)
    await data.grow(250)
    await data.grow(400)
    settings = Settings("opportunity", urls["opportunity"].login, template.secrets, {})
    yield data, settings
    await drop_database(template.admin_url, name)


async def orphans(connection: asyncpg.Connection, schema: str) -> list[str]:
    keys = await connection.fetch(
        "SELECT conname, conrelid::regclass::text AS child, confrelid::regclass::text AS parent, "
        "a.attname AS name, b.attname AS key "
        "FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] "
        "WHERE contype = 'f' AND connamespace = $1::text::regnamespace",
        schema,
    )
    assert keys
    return [
        key["conname"]
        for key in keys
        if await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {key['child']} c WHERE c.{key['name']} IS NOT NULL "
            f"AND NOT EXISTS (SELECT FROM {key['parent']} p WHERE p.{key['key']} = c.{key['name']}))"
        )
    ]


async def test_what_went_past_the_triggers_passes_them(filled: tuple[Data, Settings]) -> None:
    data, _ = filled
    async with inside(data.url) as connection:
        assert await orphans(connection, "opportunity") == []
        await connection.execute(
            "RESET ROLE; SET session_replication_role = origin; SET keyaccount.actor = 'service:b'"
        )
        touched = await connection.execute("UPDATE opportunity SET principal_id = principal_id")
    assert touched == "UPDATE 400"


async def test_the_counters_agree_with_the_rows(filled: tuple[Data, Settings]) -> None:
    data, settings = filled
    await rebuild(settings)
    async with inside(data.url) as connection:
        counted = await connection.fetch(
            "SELECT place, sum(count) AS count FROM funnel_counter WHERE reach = 'own' GROUP BY place ORDER BY place"
        )
        there = await connection.fetch(
            "SELECT CASE state WHEN 'open' THEN stage ELSE state END AS place, count(*) FROM opportunity "
            "GROUP BY 1 ORDER BY 1"
        )
    assert [tuple(row) for row in counted] == [tuple(row) for row in there]
