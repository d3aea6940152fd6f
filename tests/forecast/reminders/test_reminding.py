"""Who is reminded, of what, and that it is once each turn however many look."""

import asyncio
from datetime import timedelta

from servicekit.values.dates import quarter_of
from servicekit.values.ids import new_id
from services.forecast.reminders import reminding
from tests.forecast.world import Record, World
from tests.house import Client

SELLER_LATE, MANAGER_SOON = -30, 30
"""Hours from now to the deadlines of the two lowest levels: one day late, one day to go."""


def deadline(world: World, level: int, hours: float) -> Record:
    at = world.house.service("forecast").database.clock() + timedelta(hours=hours)
    return {"level": level, "at": at.isoformat()}


async def cycle_due(world: World, *heads: Client, hours: list[float], **given: object) -> Record:
    """Open a cycle of this quarter whose levels, the lowest first, are due so many hours from now."""
    start = quarter_of(world.house.service("forecast").today()).start
    deadlines = [deadline(world, level, each) for level, each in enumerate(hours, start=1)]
    period = {"kind": "quarter", "start": start.isoformat()}
    return await world.cycle(*heads, deadlines=deadlines, period=period, **given)


async def look(world: World) -> int:
    return await reminding.look(world.house.service("forecast"))


async def told(world: World, by: Client, cycle: Record, query: str = "") -> list[Record]:
    found = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/reminders?limit=500&{query}")
    items: list[Record] = found["items"]
    return items


async def events_of(world: World, cycle: Record) -> list[Record]:
    await world.settle()
    machine = await world.machine()
    found: list[Record] = []
    after = 0
    while True:
        page = await machine.done("GET", f"/v1/forecast/events?limit=500&after={after}")
        found += [each["data"] for each in page["items"] if each["type"] == "forecast.reminded"]
        if not page["items"] or page["next_after"] == after:
            return [each for each in found if each["cycle_id"] == cycle["id"]]
        after = page["next_after"]


async def test_holders_are_reminded_before_and_their_superiors_after_the_deadline(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await cycle_due(world, top, hours=[SELLER_LATE, MANAGER_SOON, 500])

    await look(world)

    by_holder = {each["holder_id"]: each for each in await told(world, top, cycle)}
    assert set(by_holder) == {seller.id, manager.id}, "nobody is reminded 20 days before"
    late, soon = by_holder[seller.id], by_holder[manager.id]
    assert (late["kind"], late["days"], late["superior_id"], late["level"]) == ("overdue", 0, manager.id, 1)
    assert (soon["kind"], soon["days"], soon["superior_id"]) == ("before_deadline", -2, None)
    heard = {each["seat_id"]: each for each in await events_of(world, cycle)}
    assert heard[late["seat_id"]]["to"] == [seller.id, manager.id]
    assert (heard[soon["seat_id"]]["to"], heard[soon["seat_id"]]["kind"]) == ([manager.id], "before_deadline")


async def test_once_each_turn_also_when_many_look_at_once(world: World) -> None:
    top, _ = await world.line(2)
    for _ in range(7):
        await world.person(top)
    cycle = await cycle_due(world, top, hours=[SELLER_LATE, 500])

    await asyncio.gather(*[look(world) for _ in range(6)])
    await look(world)

    reminders = await told(world, top, cycle)
    assert len(reminders) == 8
    assert len({each["seat_id"] for each in reminders}) == 8
    assert len(await events_of(world, cycle)) == 8


async def test_they_end_when_it_is_handed_in_and_go_on_when_it_is_sent_back(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await cycle_due(world, top, hours=[SELLER_LATE, 500], remind_after_days=[0, 1])
    await world.confirmed(seller, cycle, expected_close=cycle["period_start"])
    submitted = await world.submit(seller, cycle)
    await look(world)
    assert await told(world, top, cycle) == []

    await world.decide(top, submitted, "returns")
    await look(world)
    await look(world)

    assert [each["days"] for each in await told(world, top, cycle)] == [1]


async def test_a_cycle_says_when_and_none_may_be_reminded_at_all(world: World) -> None:
    top, _ = await world.line(2)
    silent = await cycle_due(world, top, hours=[SELLER_LATE], remind_before_days=[], remind_after_days=[])
    later = await cycle_due(world, top, hours=[SELLER_LATE], remind_after_days=[2])
    assert (silent["remind_after_days"], later["remind_before_days"]) == ([], [2, 1])
    await look(world)
    assert await told(world, top, silent) == []
    (early,) = await told(world, top, later)
    assert early["days"] == -1, "the last turn that came, though nobody looked then"
    operations = await world.operations()
    wrong = {
        "name": "x",
        "period": {"kind": "quarter", "start": "2026-10-01"},
        "currency": "USD",
        "remind_before_days": [0],
    }
    refused = await operations.post("/v1/forecast-cycles", wrong)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/remind_before_days/0")


async def test_of_a_top_the_head_of_its_unit_is_told(world: World) -> None:
    head = await world.person()
    unit = {"id": new_id(), "name": "Sandals", "parent_id": None, "head_id": head.person_id}
    world.peers.units.append(unit)
    top = await world.person(None, unit_id=unit["id"])  # type: ignore[arg-type]
    await world.person(top)
    cycle = await cycle_due(world, top, hours=[SELLER_LATE, SELLER_LATE])
    await look(world)
    (reminder,) = await told(world, head, cycle)
    assert (reminder["holder_id"], reminder["superior_id"]) == (top.id, head.id)


async def test_everybody_reads_what_was_told_of_themselves_and_those_below(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, stranger = await world.person(manager), await world.person()
    cycle = await cycle_due(world, top, hours=[SELLER_LATE, SELLER_LATE, 500])
    await look(world)
    holders = {
        name: {each["holder_id"] for each in await told(world, who, cycle)}
        for name, who in (("top", top), ("manager", manager), ("seller", seller), ("stranger", stranger))
    }
    assert holders == {
        "top": {manager.id, seller.id, peer.id},
        "manager": {manager.id, seller.id, peer.id},
        "seller": {seller.id},
        "stranger": set(),
    }
    to_manager = await told(world, top, cycle, f"person_id={manager.id}")
    assert {each["holder_id"] for each in to_manager} == {manager.id, seller.id, peer.id}
    (of_seller,) = await told(world, seller, cycle)
    assert await told(world, top, cycle, f"seat_id={of_seller['seat_id']}") == [of_seller]
