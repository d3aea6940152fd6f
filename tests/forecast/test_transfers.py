"""Invariant 3, attacked: an opportunity counts once, also when its principal changes while others gather."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from decimal import Decimal

import pytest

from servicekit.data.violations import Busy
from tests.forecast.world import Record, World, states
from tests.house import Client


async def counted(world: World, top: Client, cycle: Record) -> dict[str, int]:
    """Return how often each opportunity is in what stands: through every record that the top has gathered."""
    level = (await world.levels(top, cycle))[top.id]
    pool = world.house.service("forecast").database.pool
    rows = await pool.fetch(
        """
        WITH RECURSIVE part (id) AS (
            SELECT $1::uuid UNION ALL
            SELECT from_forecast_id FROM submission_part JOIN part ON submission_part.forecast_id = part.id
        )
        SELECT opportunity_id::text AS id, count(*) AS times FROM part
        JOIN submission_confirmation ON submission_confirmation.forecast_id = part.id
        JOIN confirmation ON confirmation.id = confirmation_id GROUP BY 1
        """,
        level["forecast_id"],
    )
    return {row["id"]: row["times"] for row in rows}


async def test_a_new_principal_takes_the_line_and_everything_above_is_stale(world: World) -> None:
    top, manager, anna = await world.line(3)
    other_manager = await world.person(top)
    bo = await world.person(other_manager)
    cycle = await world.cycle(top)
    opportunity = await world.confirmed(anna, cycle)
    for person in (anna, bo, manager, other_manager, top):
        await world.submit(person, cycle)

    world.peers.change(opportunity, "principal_changed", principal_id=bo.id)
    await world.settle()

    people = [top, manager, anna, other_manager, bo]
    assert states(await world.levels(top, cycle), people) == ["stale", "stale", "stale", "submitted", "submitted"]
    assert (await world.confirm(anna, cycle, opportunity)).status_code == 404
    await world.gather(bo, cycle)
    assert (await world.confirm(bo, cycle, opportunity)).status_code == 201
    await world.submit(bo, cycle)
    await world.submit(other_manager, cycle)
    premature = await world.gather(top, cycle)
    assert (premature["gathered"], premature["missing"]) == ("100.00", 1)
    for person in (anna, manager):
        await world.submit(person, cycle)
    whole = await world.submit(top, cycle)
    assert whole["result"] == "100.00"
    assert await counted(world, top, cycle) == {opportunity["id"]: 1}


async def test_the_change_is_noticed_when_the_new_principal_confirms_before_the_event_comes(world: World) -> None:
    top, anna = await world.line(2)
    bo = await world.person(top)
    cycle = await world.cycle(top)
    opportunity = await world.confirmed(anna, cycle)
    await world.submit(anna, cycle)
    await world.submit(top, cycle)
    opportunity.update(principal_id=bo.id, version=2)

    assert (await world.confirm(bo, cycle, opportunity)).status_code == 201

    assert states(await world.levels(top, cycle), [top, anna]) == ["stale", "stale"]


@dataclass
class Storm:
    """Opportunities change hands while everybody gathers and submits."""

    world: World
    cycle: Record
    sellers: list[Client]
    chance: random.Random

    async def hand_over(self, opportunity: Record) -> None:
        """Give an opportunity to somebody three times; each confirms it, perhaps before the event comes."""
        for _ in range(3):
            principal = self.chance.choice(self.sellers)
            self.world.peers.change(opportunity, "principal_changed", principal_id=principal.id)
            await asyncio.sleep(self.chance.random() / 50)
            await self.world.confirm(principal, self.cycle, opportunity)

    async def hear(self) -> None:
        """Hear of it a few times; a consumer that stands in somebody's way tries again, as it does when it runs."""
        for _ in range(6):
            with contextlib.suppress(Busy):
                await self.world.house.service("forecast").consuming[0].step()
            await asyncio.sleep(0.01)

    async def work(self, person: Client) -> None:
        """Gather and submit a few times; what is stale or in another's way is refused, nothing else."""
        for _ in range(4):
            drafted = await person.post(f"/v1/forecast-cycles/{self.cycle['id']}/forecasts")
            assert drafted.status_code in {201, 409}, drafted.text
            if drafted.status_code == 201:
                submitted = await person.post(f"/v1/forecasts/{drafted.json()['id']}/submissions")
                assert submitted.status_code in {201, 409}, submitted.text


@pytest.mark.parametrize("seed", range(4))
async def test_transfers_between_gatherings_never_double(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a storm that can be repeated)
    top, first = await world.line(2)
    second = await world.person(top)
    sellers = [await world.person(superior) for superior in (first, second) for _ in range(3)]
    cycle = await world.cycle(top)
    opportunities = [await world.confirmed(chance.choice(sellers), cycle, "10.00") for _ in range(6)]
    storm = Storm(world, cycle, sellers, chance)

    await asyncio.gather(
        *[storm.hand_over(each) for each in opportunities],
        *[storm.work(each) for each in (*sellers, first, second, top)],
        storm.hear(),
    )
    await world.settle()

    if (await world.levels(top, cycle))[top.id]["state"] == "submitted":  # what holds, counts each at most once
        assert set((await counted(world, top, cycle)).values()) <= {1}
    by_id = {seller.id: seller for seller in sellers}
    for opportunity in opportunities:
        principal = by_id[opportunity["principal_id"]]
        await world.gather(principal, cycle)
        answer = await world.confirm(principal, cycle, opportunity)
        assert answer.status_code == 201, answer.text
    for person in (*sellers, first, second):
        await world.submit(person, cycle)
    whole = await world.submit(top, cycle)
    assert Decimal(whole["result"]) == 60
    assert await counted(world, top, cycle) == {opportunity["id"]: 1 for opportunity in opportunities}


async def test_many_principals_at_once_confirm_one_opportunity_into_one_forecast(world: World) -> None:
    top, *_ = await world.line(1)
    sellers = [await world.person(top) for _ in range(8)]
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(sellers[0].person_id)
    await world.settle()

    async def claim(seller: Client) -> int:
        world.peers.change(opportunity, "principal_changed", principal_id=seller.id)
        return (await world.confirm(seller, cycle, dict(opportunity))).status_code

    await asyncio.gather(*[claim(seller) for seller in sellers])
    await world.settle()

    pool = world.house.service("forecast").database.pool
    found = await pool.fetch("SELECT seat_id FROM live_line WHERE opportunity_id = $1::uuid", opportunity["id"])
    assert len(found) <= 1
    last = next(seller for seller in sellers if seller.id == opportunity["principal_id"])
    assert (await world.confirm(last, cycle, opportunity)).status_code == 201
    await asyncio.gather(*[world.submit(seller, cycle) for seller in sellers])
    assert (await world.gather(top, cycle))["result"] == "100.00"


async def test_submitted_by_many_at_once_each_counts_once(world: World) -> None:
    top, manager = await world.line(2)
    sellers = [await world.person(manager) for _ in range(10)]
    cycle = await world.cycle(top)
    for seller in sellers:
        await world.confirmed(seller, cycle, "1.00")
    drafts = [await world.gather(seller, cycle) for seller in sellers]

    async def submit(seller: Client, draft: Record) -> int:
        return (await seller.post(f"/v1/forecasts/{draft['id']}/submissions")).status_code

    codes = await asyncio.gather(
        *[submit(seller, draft) for seller, draft in zip(sellers, drafts, strict=True) for _ in range(2)]
    )
    assert sorted(codes) == [201] * 10 + [409] * 10
    assert (await world.gather(manager, cycle))["result"] == "10.00"
