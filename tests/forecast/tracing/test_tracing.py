"""Tracing a figure of a plan through the API: opportunities and adjustments at each level, which add up to it."""

from decimal import Decimal
from typing import Any

from tests.forecast.demand_plan.plans import approved, ordered, publish
from tests.forecast.world import Record, World
from tests.house import Client

FIGURES = ("quantity", "amount")


async def traced(by: Client, plan: Record, line: Record) -> Record:
    path = f"/v1/demand-plans/{plan['id']}/lines/{line['id']}"
    trace: Record = await by.done("GET", f"{path}/trace")
    check_sums(line, trace)
    page = await by.done("GET", f"{path}/parts?limit=2")
    listed = page["items"]
    while page["next"]:
        page = await by.done("GET", f"{path}/parts?limit=2&cursor={page['next']}")
        listed += page["items"]
    assert sorted(map(str, listed)) == sorted(map(str, trace["parts"]))
    return trace


def check_sums(line: Record, trace: Record) -> None:
    """Check that the parts are the figure, and that each record is its own, what it gathered, and its adjustment."""
    assert [trace[name] for name in FIGURES] == [line[name] for name in FIGURES]
    assert "unattributed" not in {part["kind"] for part in trace["parts"]}
    for name in FIGURES:
        assert sum(Decimal(part[name]) for part in trace["parts"]) == Decimal(line[name])
        said = _sum(trace["records"], name, depth=0)
        assert said + _sum(trace["parts"], name, kind="decision") == Decimal(line[name])
        for record in trace["records"]:
            sides = {side: Decimal(record[f"{side}_{name}"]) for side in ("own", "gathered", "adjustment")}
            assert sum(sides.values()) == Decimal(record[name])
            if trace["has_details"]:
                assert sides["gathered"] == _sum(trace["records"], name, gathered_by=record["forecast_id"])
                in_record = {"forecast_id": record["forecast_id"]}
                assert sides["own"] == _sum(trace["parts"], name, **in_record, kind="opportunity")
                assert sides["adjustment"] == _sum(trace["parts"], name, **in_record, kind="adjustment")


def _sum(rows: list[Record], name: str, **wanted: Any) -> Decimal:
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return sum((Decimal(row[name]) for row in found), Decimal(0))


async def adjusted(world: World, by: Client, cycle: Record, *judgements: tuple[str, str, str]) -> Record:
    draft = await world.gather(by, cycle)
    for mode, value, category in judgements:
        answer = await world.adjust(by, draft, mode, value, category=category, reason=f"{mode} of {by.id}")
        assert answer.status_code == 201, answer.text
    submitted: Record = await by.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    return submitted


async def test_a_figure_is_traced_to_opportunities_and_adjustments_at_each_level(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top, plan_categories=["closed", "commit", "best_case"])
    boot = world.peers.add_product()
    customer = world.peers.add_customer("Lyon")
    await world.settle()
    large = await world.confirmed(
        seller, cycle, "70.01", customer_id=customer["id"], lines=[ordered(boot, "7", "10"), ordered(boot, "1", "10")]
    )
    await world.confirmed(seller, cycle, "33.33", category="best_case", lines=[ordered(boot, "3", "10", "Lyon")])
    own = await world.confirmed(manager, cycle, "10.00", lines=[ordered(boot, "1", "10", "Lyon")])
    await world.submit(seller, cycle)
    middle = await adjusted(world, manager, cycle, ("ratio", "0.9", "commit"), ("delta", "-1.11", "best_case"))
    whole = await adjusted(world, top, cycle, ("absolute", "75.55", "commit"))
    assert (await world.decide(await world.operations(), whole, "approvals")).status_code == 201
    plan = await publish(world, cycle)
    (line,) = plan["lines"]

    trace = await traced(top, plan, line)

    parts = trace["parts"]
    said = [part for part in parts if part["kind"] == "opportunity"]
    made = [part for part in parts if part["kind"] == "adjustment"]
    assert trace["has_details"]
    assert len(said) == 4
    assert {part["depth"] for part in said} == {1, 2}
    assert sum(Decimal(part["amount"]) for part in said) == Decimal("113.34")
    mine = next(part for part in said if part["opportunity"]["id"] == own["id"])
    assert (mine["depth"], mine["opportunity"]["principal_id"], mine["forecast_id"]) == (1, manager.id, middle["id"])
    (first, second) = [part["opportunity"] for part in said if part["opportunity"]["id"] == large["id"]]
    assert first == second
    assert (first["stated"], first["customer_id"]) == ({"amount": "70.01", "currency": "USD"}, customer["id"])
    judged = {(part["adjustment"]["made_by"], part["adjustment"]["mode"]): part for part in made}
    assert set(judged) == {(manager.id, "ratio"), (manager.id, "delta"), (top.id, "absolute")}
    assert judged[top.id, "absolute"]["adjustment"]["reason"] == f"absolute of {top.id}"
    assert judged[manager.id, "delta"]["amount"] == "-1.11"
    assert [record["person_id"] for record in trace["records"]] == [top.id, manager.id, seller.id]


async def test_a_trace_is_of_what_was_submitted_whatever_happens_later(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot = world.peers.add_product()
    customer = world.peers.add_customer("Lyon")
    await world.settle()
    sold = await world.confirmed(seller, cycle, "30.00", customer_id=customer["id"], lines=[ordered(boot, "3", "10")])
    await approved(world, cycle, seller, top)
    plan = await publish(world, cycle)
    (line,) = plan["lines"]
    assert line["place"] == "Lyon"
    before = await traced(top, plan, line)

    world.peers.tell("customer", "customer.updated", {**customer, "version": 2, "delivery_place": "Ghent"})
    world.peers.change(sold, amount="99.00", name="Another name")
    await world.settle()
    await world.gather(seller, cycle)
    await world.confirm(seller, cycle, sold)
    await adjusted(world, seller, cycle)
    await approved(world, cycle, top)
    later = await publish(world, cycle)

    assert await traced(top, plan, line) == before
    moved, fallen = sorted(later["lines"], key=lambda each: Decimal(each["amount"]), reverse=True)
    assert [moved["place"], fallen["place"], fallen["change_kind"]] == ["Ghent", "Lyon", "fallen_away"]
    assert (await traced(top, later, fallen))["parts"] == []
    (part,) = (await traced(top, later, moved))["parts"]
    assert (part["opportunity"]["name"], part["opportunity"]["stated"]["amount"]) == ("Another name", "99.00")


async def test_a_figure_that_nobody_confirmed_is_traced_to_the_adjustment_that_made_it(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top, granularity="product_line", plan_period="week")
    boot = world.peers.add_product()
    await world.settle()
    await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)
    place = {"product_id": boot["id"], "month": "2026-11-05", "place": "Ghent", "quantity": "10"}
    answer = await world.adjust(top, draft, "delta", "100.01", line=place)
    assert answer.status_code == 201, answer.text
    submitted = await top.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    await world.decide(await world.operations(), submitted, "approvals")
    plan = await publish(world, cycle)

    assert [(line["week"], line["quantity"], line["amount"]) for line in plan["lines"]] == [
        ("2026-11-02", "3", "23.81"),
        ("2026-11-09", "2", "23.81"),
        ("2026-11-16", "2", "23.81"),
        ("2026-11-23", "2", "23.81"),
        ("2026-11-30", "1", "4.77"),
    ]
    for line in plan["lines"]:
        (part,) = (await traced(top, plan, line))["parts"]
        assert (part["kind"], part["adjustment"]["delta"], part["depth"]) == ("adjustment", "100.01", 0)


async def test_who_sees_only_the_plan_is_not_told_whose_its_parts_are(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    boot = world.peers.add_product()
    sold = await world.confirmed(seller, cycle, "30.00", lines=[ordered(boot, "3", "10")])
    await world.submit(seller, cycle)
    whole = await adjusted(world, top, cycle, ("ratio", "0.5", "commit"))
    await world.decide(await world.operations(), whole, "approvals")
    plan = await publish(world, cycle)
    (line,) = plan["lines"]
    secrets = [sold["id"], sold["name"], seller.id, top.id, whole["id"], f"ratio of {top.id}"]
    for role in ("production_planner", "finance"):
        planner = await world.person(None, role)
        trace = await traced(planner, plan, line)
        assert not trace["has_details"]
        assert [(part["kind"], part["depth"]) for part in trace["parts"]] == [("adjustment", 0), ("opportunity", 1)]
        assert not [secret for secret in secrets if str(secret) in str(trace)]
    for reader in (top, await world.person(None, "marketing"), await world.operations()):
        assert (await traced(reader, plan, line))["has_details"]
    path = f"/v1/demand-plans/{plan['id']}/lines/{line['id']}/trace"
    for stranger in (seller, await world.person()):
        assert (await stranger.get(path)).status_code == 404
    other = await world.cycle(top)
    await world.confirmed(seller, other, "30.00", lines=[ordered(boot, "3", "10")])
    await approved(world, other, seller, top)
    elsewhere = await publish(world, other)
    mixed = f"/v1/demand-plans/{elsewhere['id']}/lines/{line['id']}/trace"
    assert (await top.get(mixed)).status_code == 404
