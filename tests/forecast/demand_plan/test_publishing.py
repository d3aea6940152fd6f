"""Demand plans through the API: what the approved tops say, as versions, as JSON and CSV."""

import asyncio
import csv
import io
from decimal import Decimal

from tests.forecast.demand_plan.plans import approved, ordered, publish
from tests.forecast.world import Record, World


def changes(line: Record) -> list[object]:
    """Return how a line says that it changed."""
    names = ("change_kind", "previous_quantity", "quantity", "previous_amount", "amount", "is_explicit_zero")
    assert Decimal(line["quantity"]) - Decimal(line["previous_quantity"]) == Decimal(line["change_quantity"])
    assert Decimal(line["amount"]) - Decimal(line["previous_amount"]) == Decimal(line["change_amount"])
    return [line[name] for name in names]


async def test_a_plan_is_what_the_top_says_to_the_cent_and_the_unit(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    boot, glue = world.peers.add_product(), world.peers.add_product("kg", is_whole=False)
    lines = [ordered(boot, "7", "10", "Ghent"), ordered(glue, "1.5", "20")]
    await world.confirmed(seller, cycle, "100.00", lines=lines)
    await world.confirmed(seller, cycle, "55.55", category="pipeline")
    await world.submit(seller, cycle)
    draft = await world.gather(manager, cycle)
    await world.adjust(manager, draft, "ratio", "0.9")
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    await approved(world, cycle, top)

    plan = await publish(world, cycle)

    assert (plan["version"], plan["total"], plan["currency"]) == (1, "90.00", "USD")
    by_product = {line["product_id"]: line for line in plan["lines"]}
    assert set(by_product) == {boot["id"], glue["id"]}
    assert (by_product[boot["id"]]["quantity"], by_product[boot["id"]]["amount"]) == ("6", "63.00")
    assert (by_product[boot["id"]]["product_code"], by_product[boot["id"]]["place"]) == (boot["code"], "Ghent")
    assert (by_product[glue["id"]]["quantity"], by_product[glue["id"]]["month"]) == ("1.35", "2026-12-01")
    assert sum(Decimal(line["amount"]) for line in plan["lines"]) == Decimal(plan["total"])


async def test_a_new_version_says_what_changed_and_zero_for_what_fell_away(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot, shoe = world.peers.add_product(), world.peers.add_product()
    gone = await world.confirmed(seller, cycle, "30.00", lines=[ordered(boot, "3", "10")])
    await world.confirmed(seller, cycle, "40.00", lines=[ordered(shoe, "4", "10")])
    await approved(world, cycle, seller, top)
    first = await publish(world, cycle)
    operations = await world.operations()
    again = await operations.post(f"/v1/forecast-cycles/{cycle['id']}/demand-plans")
    assert (again.json()["code"], again.json()["version"]) == ("plan_unchanged", 1)

    world.peers.change(gone, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    stale = await operations.post(f"/v1/forecast-cycles/{cycle['id']}/demand-plans")
    assert stale.json()["seats"] == [{"person_id": top.id, "state": "stale"}]
    await approved(world, cycle, seller, top)
    second = await publish(world, cycle)

    assert (second["version"], second["total"], second["change"]) == (2, "40.00", "-30.00")
    assert {line["product_id"]: changes(line) for line in second["lines"]} == {
        boot["id"]: ["fallen_away", "3", "0", "30.00", "0.00", True],
        shoe["id"]: ["unchanged", "4", "4", "40.00", "40.00", False],
    }
    (changed,) = (await operations.done("GET", f"/v1/demand-plans/{second['id']}/lines?changed=true"))["items"]
    (same,) = (await operations.done("GET", f"/v1/demand-plans/{second['id']}/lines?changed=false"))["items"]
    assert (changed["product_id"], same["product_id"]) == (boot["id"], shoe["id"])
    assert await operations.done("GET", f"/v1/demand-plans/{first['id']}") == first
    listed = await operations.done("GET", f"/v1/demand-plans?cycle_id={cycle['id']}&sort=-number")
    assert [each["version"] for each in listed["items"]] == [2, 1]


async def test_what_fell_away_stays_zero_for_who_missed_that_version(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot, shoe = world.peers.add_product(), world.peers.add_product()
    gone = await world.confirmed(seller, cycle, "30.00", lines=[ordered(boot, "3", "10", "Ghent")])
    await world.confirmed(seller, cycle, "40.00", lines=[ordered(shoe, "4", "10")])
    await approved(world, cycle, seller, top)
    await publish(world, cycle)
    world.peers.change(gone, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    await approved(world, cycle, seller, top)
    await publish(world, cycle)
    await world.gather(seller, cycle)
    await world.confirmed(seller, cycle, "20.00", lines=[ordered(shoe, "2", "10")])
    await approved(world, cycle, seller, top)

    third = await publish(world, cycle)

    assert {line["product_id"]: changes(line) for line in third["lines"]} == {
        boot["id"]: ["unchanged", "0", "0", "0.00", "0.00", True],
        shoe["id"]: ["raised", "4", "6", "40.00", "60.00", False],
    }
    again = await (await world.operations()).post(f"/v1/forecast-cycles/{cycle['id']}/demand-plans")
    assert (again.json()["code"], again.json()["version"]) == ("plan_unchanged", 3)


async def test_as_csv_no_cell_is_a_formula(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot = world.peers.add_product()
    await world.confirmed(seller, cycle, "30.00", lines=[ordered(boot, "3", "10", "=cmd|'/C calc'!A1")])
    await approved(world, cycle, seller, top)
    plan = await publish(world, cycle)

    planner = await world.person(None, "production_planner")
    answer = await planner.get(f"/v1/demand-plans/{plan['id']}", headers={"accept": "text/csv"})

    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["place"], row["quantity"], row["amount"]) == ("'=cmd|'/C calc'!A1", "3", "30.00")
    assert (row["currency"], row["change_amount"], row["month"]) == ("USD", "30.00", "2026-12-01")


async def test_a_plan_by_product_line(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top, granularity="product_line")
    boot = world.peers.add_product()
    await world.confirmed(seller, cycle, "30.00", lines=[ordered(boot, "3", "10")])
    await approved(world, cycle, seller, top)
    (line,) = (await publish(world, cycle))["lines"]
    assert (line["product_id"], line["product_line_id"], line["quantity"]) == (None, boot["product_line_id"], "3")


async def test_who_sees_and_publishes_plans(world: World) -> None:
    top, seller = await world.line(2)
    other_top = await world.person()
    await world.person(other_top)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    await approved(world, cycle, seller, top)
    path = f"/v1/forecast-cycles/{cycle['id']}/demand-plans"
    assert (await top.post(path)).json()["code"] == "may_not_publish"
    plan = await (await world.person(None, "marketing")).done("POST", path)
    for somebody, status in ((top, 200), (seller, 404), (other_top, 404)):
        assert (await somebody.get(f"/v1/demand-plans/{plan['id']}")).status_code == status
        assert (await somebody.get(f"/v1/demand-plans/{plan['id']}/lines")).status_code == status
    both = await world.cycle(top, other_top)
    await approved(world, both, seller, top)
    assert (await (await world.operations()).post(f"/v1/forecast-cycles/{both['id']}/demand-plans")).status_code == 409
    await approved(world, both, other_top)
    shared = await publish(world, both)
    assert (await top.get(f"/v1/demand-plans/{shared['id']}")).status_code == 404


async def test_published_by_many_at_once_it_is_one_version(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    await approved(world, cycle, seller, top)
    operations = await world.operations()
    path = f"/v1/forecast-cycles/{cycle['id']}/demand-plans"
    answers = await asyncio.gather(*[operations.post(path) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_lines_are_paged_and_filtered(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    products = [world.peers.add_product() for _ in range(5)]
    await world.confirmed(seller, cycle, "50.00", lines=[ordered(each, "1", "10") for each in products])
    await approved(world, cycle, seller, top)
    plan = await publish(world, cycle)
    path = f"/v1/demand-plans/{plan['id']}/lines"
    page = await top.done("GET", f"{path}?limit=2&total=true")
    assert page["total"] == "5"
    found = page["items"]
    while page["next"]:
        page = await top.done("GET", f"{path}?limit=2&total=true&cursor={page['next']}")
        found += page["items"]
    assert sorted(line["product_id"] for line in found) == sorted(each["id"] for each in products)
    (one,) = (await top.done("GET", f"{path}?product_id={products[0]['id']}"))["items"]
    assert one["amount"] == "10.00"


async def test_publishing_answers_with_the_first_lines_of_a_large_plan(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot = world.peers.add_product()
    for first in (0, 400, 800):
        lines = [ordered(boot, "1", "1", f"City {number}") for number in range(first, first + 400)]
        await world.confirmed(seller, cycle, "400.00", lines=lines)
    await approved(world, cycle, seller, top)

    plan = await publish(world, cycle)

    assert (plan["total"], plan["line_count"], len(plan["lines"])) == ("1200.00", 1200, 1000)
    whole = await (await world.operations()).done("GET", f"/v1/demand-plans/{plan['id']}")
    assert whole["lines"][:1000] == plan["lines"]
    assert (whole["line_count"], sum(Decimal(line["amount"]) for line in whole["lines"])) == (1200, Decimal(1200))
