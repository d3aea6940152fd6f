"""Companies are what the service would have made of their names, and are found by what is searched for."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from bench.companies import CHUNK, CustomerBase, companies, search_operations, with_slip
from bench.data import inside
from bench.people import organisation
from keyaccount.database_urls import with_database
from keyaccount.provisioning import drop_database
from services.customer.customers.rules.describing import search_query
from tests.conftest import Template

SELLERS = organisation(100).sellers


def test_growing_makes_the_same_as_making_all_at_once() -> None:
    grown = [*companies(SELLERS, 0, 700), *companies(SELLERS, 700, CHUNK + 100)]
    assert grown == list(companies(SELLERS, 0, CHUNK + 100))
    assert len({one.name for one in grown}) == len(grown)
    assert {one.country for one in grown} == {"CN", "DE"}


def test_a_slip_is_one_letter() -> None:
    assert with_slip("Nordtech") == "Nortech"


@pytest.fixture
async def filled(template: Template) -> AsyncIterator[tuple[CustomerBase, asyncpg.Connection]]:
    name, _ = await template.clone()
    base = await CustomerBase.begin(with_database(template.admin_url, name), people=100, most=400)
    await base.grow(250)
    await base.grow(400)
    async with inside(base.url, "customer") as connection:
        yield base, connection
    await drop_database(template.admin_url, name)


async def test_what_is_searched_for_is_there(filled: tuple[CustomerBase, asyncpg.Connection]) -> None:
    base, connection = filled
    assert await connection.fetchval("SELECT count(*) FROM customer") == 400
    operations = await search_operations(base, lambda _: "token")
    assert len(operations) == 8
    for one in list(companies(base.staff.sellers, 0, 400))[:20]:
        for typed in (one.name, one.name[:6] if one.country == "DE" else one.name[2:6]):
            found = await connection.fetch(
                "SELECT id FROM customer WHERE search_text LIKE '% ' || $1 || '%'", search_query(typed)
            )
            assert one.id in {row["id"] for row in found}, typed
