"""Random companies, up to eight levels deep, at random work, one step after the other and all at once.

After every few steps each total is the sum of its parts, to the cent and the unit, and what stands, or was published,
holds each opportunity at most once; at the end everybody hands in and the plan says what the top says.
"""

import asyncio
import random
from decimal import Decimal

import pytest

from tests.forecast.company import Company
from tests.forecast.sums import BROKEN_PLANS, BROKEN_SUMS, DOUBLED, DOUBLED_IN_PLANS
from tests.forecast.world import World

STEPS = 60
WORKERS = 6
STEPS_AT_ONCE = 15
PEOPLE_IN_LONG, STEPS_IN_LONG, WORKERS_IN_LONG = 10_000, 40, 24
MOST_SHOWN = 5


async def check(company: Company) -> None:
    """Compare what stands with its parts, and count each opportunity in it."""
    pool = company.world.house.service("forecast").database.pool
    for wrong in (BROKEN_SUMS, DOUBLED, BROKEN_PLANS, DOUBLED_IN_PLANS):
        found = await pool.fetch(wrong, company.cycle["id"])
        assert not found, found[:MOST_SHOWN]


async def check_shown(company: Company) -> None:
    """Compare what everybody is shown with its parts."""
    for level in await company.levels(company.people[0]):
        if level["result"] is not None:
            assert sum(Decimal(level[name]) for name in ("own", "gathered", "adjustment")) == Decimal(level["result"])


async def check_finished(company: Company) -> None:
    """Let everybody hand in; the plan is what the top says, and what everybody confirmed and adjusted."""
    plan = await company.finish()
    await check(company)
    await check_shown(company)
    top, *below = await company.levels(company.operations)
    assert {each["state"] for each in below} <= {"submitted", "approved"}
    if not company.kept:  # what was approved before its superior took the seat nobody can send back
        parts = sum(Decimal(each["own"]) + Decimal(each["adjustment"]) for each in (top, *below))
        assert Decimal(top["result"]) == parts
    assert Decimal(plan["total"]) == Decimal(top["result"])
    assert sum(Decimal(line["amount"]) for line in plan["lines"]) == Decimal(plan["total"])


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_company_at_random_work(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a company that can be founded again)
    company = Company(world, chance, deepest=8 if seed % 2 else chance.randint(2, 7))
    await company.found(chance.randint(8, 12))
    for number in range(STEPS):
        await company.step()
        if number % 10 == 9:
            await check(company)
            await check_shown(company)
    await check_finished(company)


@pytest.mark.parametrize("seed", range(10, 12))
async def test_a_random_company_where_everybody_works_at_once(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (nearly one that can be founded again)
    company = Company(world, chance, is_calm=False)
    await company.found(chance.randint(8, 12))
    for _ in range(2):
        await at_once(company, WORKERS, STEPS_AT_ONCE)
        await check(company)
        await check_shown(company)
    company.is_calm = True
    await check_finished(company)


async def at_once(company: Company, workers: int, steps: int) -> None:
    """Let several work at once, and hear of all that happened."""

    async def work() -> None:
        for _ in range(steps):
            await company.step()

    await asyncio.gather(*[work() for _ in range(workers)])
    await company.hear()


@pytest.mark.long
@pytest.mark.timeout(5400)
async def test_ten_thousand_people_at_work_at_once(world: World) -> None:
    company = Company(world, random.Random(20), is_calm=False)  # noqa: S311 (nearly one that can be founded again)
    await company.found(PEOPLE_IN_LONG, is_wide=True)
    for _ in range(3):
        await at_once(company, WORKERS_IN_LONG, STEPS_IN_LONG)
        await check(company)
    company.is_calm = True
    await check_finished(company)
    assert {"confirm", "submit", "adjust", "decide", "leave", "join"} <= company.done
