"""A whole cycle read from the API and added up: every level, its lines, the plan and every trace, exactly."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from tests.forecast.demand_plan.plans import ordered, publish
from tests.forecast.tracing.test_tracing import adjusted, traced
from tests.forecast.world import Record, World
from tests.house import Client

PLAN = ("closed", "commit")


def total(rows: Iterable[Record], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


async def check_levels(world: World, reader: Client, cycle: Record) -> Record:
    """Check that each level is its own, what it gathered and its adjustment, and its lines; return the top."""
    levels = await world.levels(reader, cycle)
    for level in levels.values():
        said = level
        assert total([said], "result") == sum(Decimal(said[side]) for side in ("own", "gathered", "adjustment"))
        below = [each for each in levels.values() if each["superior_seat_id"] == level["seat_id"]]
        assert total(below, "result") == Decimal(said["gathered"])
        lines = await world.lines(reader, {"id": level["forecast_id"]})
        for category in said["by_category"]:
            of_category = [line for line in lines if line["category"] == category["category"]]
            for side in ("own", "gathered", "adjustment"):
                assert total(of_category, f"{side}_amount") == Decimal(category[side])
        counted = [each for each in said["by_category"] if each["category"] in PLAN]
        assert total(counted, "result") == Decimal(said["result"])
    top: Record = levels[reader.id]
    return top


async def check_plan(reader: Client, plan: Record, top: Record) -> None:
    """Check that the plan is what the top says, by weeks that add up, and each line what its trace says."""
    assert Decimal(plan["total"]) == total(plan["lines"], "amount") == Decimal(top["result"])
    assert Decimal(plan["change"]) == total(plan["lines"], "change_amount")
    for line in plan["lines"]:
        assert line["week"][:7] == line["month"][:7] == line["days"]["last"][:7]
        await traced(reader, plan, line)


async def test_a_cycle_adds_up_from_the_confirmed_lines_to_the_plan(world: World) -> None:
    world.peers.rates.append(
        {"from_currency": "EUR", "to_currency": "USD", "date": "2026-09-30", "rate": "1.0987654321"}
    )
    top, first, lower = await world.line(3)
    second = await world.person(top)
    sellers = [await world.person(above) for above in (lower, lower, second)]
    cycle = await world.cycle(top, plan_period="week", amount_basis="weighted")
    boot, glue = world.peers.add_product(), world.peers.add_product("kg", is_whole=False)
    customer = world.peers.add_customer("Lyon")
    await world.settle()
    sold: list[Record] = []
    for number, seller in enumerate([*sellers, second]):
        lines = [
            ordered(boot, str(7 + number), "10", "Ghent") | {"delivery_date": "2026-11-30"},
            ordered(boot, "3", "11.11") | {"delivery_date": f"2026-12-0{number + 1}"},
            ordered(glue, "1.2345", "20") | {"delivery_date": None},
        ]
        given = {"currency": "EUR", "probability": "0.35", "lines": lines}
        if number % 2:
            given["customer_id"] = customer["id"]
        await world.confirmed(seller, cycle, f"{99 + number}.99", **given)
        await world.confirmed(seller, cycle, "33.33", category="pipeline", probability="0.1")
        won = world.peers.add_opportunity(seller.person_id, amount="10.01", lines=[ordered(boot, "1", "10")])
        world.peers.win(won)
        sold.append(won)
    await world.settle()
    for seller in sellers:
        await world.submit(seller, cycle)
    await adjusted(world, lower, cycle, ("ratio", "0.777", "commit"), ("delta", "5.55", "pipeline"))
    await adjusted(world, second, cycle, ("delta", "-12.34", "commit"))
    await adjusted(world, first, cycle, ("absolute", "71.01", "commit"))
    whole = await adjusted(world, top, cycle, ("ratio", "1.33333", "commit"))
    await world.decide(await world.operations(), whole, "approvals")

    plan = await publish(world, cycle)
    await check_plan(top, plan, await check_levels(world, top, cycle))

    places = Counter(line["place"] for line in plan["lines"])
    assert set(places) == {"Ghent", "Lyon", "unspecified"}
    assert {line["week"] for line in plan["lines"]} >= {"2026-11-30", "2026-12-01"}
    assert all(Decimal(line["quantity"]) % 1 == 0 for line in plan["lines"] if line["product_id"] == boot["id"])

    world.peers.change(sold[-1], "reopened", state="open", decided_on=None)
    await world.settle()
    for person in (second, top):
        draft = await world.gather(person, cycle)
        for each in draft["adjustments"]:
            await person.done("POST", f"/v1/forecasts/{draft['id']}/adjustments/{each['id']}/confirmations")
        whole = await person.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    await world.decide(await world.operations(), whole, "approvals")
    later = await publish(world, cycle)
    await check_plan(top, later, await check_levels(world, top, cycle))
    assert Decimal(later["total"]) - Decimal(plan["total"]) == Decimal(later["change"]) != 0
