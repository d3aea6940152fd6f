"""A figure that was decided otherwise than sales said: the difference is a part of its own, with the reason."""

from tests.forecast.market import DECEMBER, Market, decision, figure
from tests.forecast.tracing.test_tracing import traced
from tests.forecast.world import World


async def test_what_a_decision_changed_is_a_part_of_its_own(world: World) -> None:
    market = await Market.open(world)
    boot, sandal, shoe = [await market.product() for _ in range(3)]
    await market.sells(boot, "6", "10.00", "Ghent")
    await market.sells(boot, "3", "10.00", "Lyon")
    await market.sells(shoe, "10", "10.00")
    await market.hand_in()
    store = await market.source("Shops", "store")
    await market.said(
        store, figure(boot, "160.00", "16"), figure(shoe, "500.00"), figure(sandal, "7.00", "4", month=DECEMBER)
    )
    comparison = await market.compared()
    answer = await market.decide(
        comparison,
        decision(boot, "by_hand", amount="100.01", quantity="10"),
        decision(shoe, "sales"),
        decision(sandal, "source", DECEMBER, source_id=store["id"]),
    )
    assert answer.status_code == 201, answer.text

    plan = (await market.publish()).json()

    parts = {}
    for line in plan["lines"]:
        trace = await traced(market.marketing, plan, line)
        parts[line["product_line_id"], line["place"]] = trace["parts"]
    decided, sold = parts[boot["product_line_id"], "Ghent"]
    assert (sold["kind"], sold["amount"], sold["quantity"]) == ("opportunity", "60.00", "6")
    assert (decided["kind"], decided["amount"], decided["quantity"]) == ("decision", "6.67", "1")
    assert (decided["decision"]["reason"], decided["decision"]["choice"]) == ("seen at the fair", "by_hand")
    assert (decided["decision"]["amount"], decided["decision"]["decided_by"]) == ("100.01", market.marketing.id)
    assert [part["kind"] for part in parts[shoe["product_line_id"], "unspecified"]] == ["opportunity"]
    (only,) = parts[sandal["product_line_id"], "unspecified"]
    assert (only["kind"], only["amount"], only["quantity"], only["category"]) == ("decision", "7.00", "4", None)
    planner = await world.person(None, "production_planner")
    for line in plan["lines"]:
        hidden = await traced(planner, plan, line)
        assert [part["decision"] for part in hidden["parts"]] == [None] * len(hidden["parts"])


async def test_by_weeks_a_decision_without_a_day_is_spread_over_the_working_days_of_its_month(world: World) -> None:
    market = await Market.open(world, plan_period="week")
    boot, sandal = [await market.product() for _ in range(2)]
    await market.sells(boot, "6", "10.00", "Ghent", "2026-11-03")
    await market.sells(boot, "3", "10.00", "Ghent", "2026-11-30")
    await market.hand_in()
    store = await market.source("Shops", "store")
    await market.said(store, figure(boot, "180.00", "18"), figure(sandal, "21.00"))
    comparison = await market.compared()
    choices = [decision(each, "source", source_id=store["id"]) for each in (boot, sandal)]
    assert (await market.decide(comparison, *choices)).status_code == 201

    plan = (await market.publish()).json()

    found = {(line["product_line_id"], line["week"]): line["amount"] for line in plan["lines"]}
    fives = {(sandal["product_line_id"], f"2026-11-{day}"): "5.00" for day in ("02", "09", "16", "23")}
    assert (
        found
        == {
            (boot["product_line_id"], "2026-11-02"): "120.00",
            (boot["product_line_id"], "2026-11-30"): "60.00",
            (sandal["product_line_id"], "2026-11-30"): "1.00",
        }
        | fives
    )
    for line in plan["lines"]:
        await traced(market.marketing, plan, line)
