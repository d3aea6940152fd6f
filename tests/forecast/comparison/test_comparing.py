"""Sales beside what sources say, decisions on it, and the decided forecast that is published; through the API."""

import asyncio
from decimal import Decimal

from tests.forecast.market import DECEMBER, NOVEMBER, Market, decision, figure
from tests.forecast.world import World


async def test_without_sources_nothing_needs_a_decision_and_sales_stand(world: World) -> None:
    market = await Market.open(world)
    boot = await market.product()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    plan = await market.publish()
    assert (plan.status_code, plan.json()["total"]) == (201, "100.00")


async def test_lines_beyond_tolerance_are_decided_before_the_plan_is_published(world: World) -> None:
    market = await Market.open(world)
    boot, shoe, sandal = [await market.product() for _ in range(3)]
    await market.sells(boot, "6", "10.00", "Ghent")
    await market.sells(boot, "3", "10.00", "Lyon")
    await market.sells(shoe, "10", "10.00")
    await market.hand_in()
    store, research = await market.source("Shops", "store"), await market.source("Study", "market_research")
    await market.said(store, figure(boot, "160.00", "16"), figure(shoe, "110.00", "11"))
    await market.said(research, figure(boot, "120.00"), figure(sandal, "0", "4", month=DECEMBER, place="Oslo"))

    refused = await market.publish()
    assert (refused.status_code, refused.json()["code"]) == (409, "lines_undecided")
    assert refused.json()["comparisons"][0]["comparison_id"] is None
    comparison = await market.compared()
    assert (comparison["lines"], comparison["beyond_tolerance"], comparison["need_decision"]) == (3, 2, 2)
    lines = await market.lines(comparison)
    first = lines[boot["product_line_id"], NOVEMBER]
    assert first["sales"] == {"amount": "90.00", "quantity": "9", "unit": "pair"}
    shops, study = [next(each for each in first["sources"] if each["source_id"] == s["id"]) for s in (store, research)]
    assert (shops["amount_difference"], shops["amount_ratio"], shops["quantity_ratio"]) == (
        "70.00",
        "1.777778",
        "1.777778",
    )
    assert (study["quantity_difference"], study["quantity_null_because"]) == (None, "not_stated")
    alone = lines[sandal["product_line_id"], DECEMBER]
    assert (alone["sales"], alone["sources"][0]["amount_null_because"]) == (None, "not_in_sales")
    assert (await market.publish()).json()["comparisons"][0]["lines"] == 2

    weights = [{"source_id": None, "weight": "1/3"}, {"source_id": store["id"], "weight": "2/3"}]
    answer = await market.decide(
        comparison,
        decision(boot, "blend", weights=weights),
        decision(sandal, "source", DECEMBER, source_id=research["id"]),
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["need_decision"], answer.json()["version"]) == (0, 2)

    plan = (await market.publish()).json()
    found = {(line["product_line_id"], line["place"]): (line["amount"], line["quantity"]) for line in plan["lines"]}
    assert found == {
        (boot["product_line_id"], "Ghent"): ("91.11", "9"),
        (boot["product_line_id"], "Lyon"): ("45.56", "5"),
        (shoe["product_line_id"], "unspecified"): ("100.00", "10"),
        (sandal["product_line_id"], "Oslo"): ("0.00", "4"),
    }
    assert sum(Decimal(line["amount"]) for line in plan["lines"]) == Decimal(plan["total"]) == Decimal("236.67")
    (made,) = (
        await market.head.done(
            "GET",
            f"/v1/forecast-comparisons/{comparison['id']}/decisions?product_line_id={boot['product_line_id']}",
        )
    )["items"]
    assert (made["amount"], made["quantity"], made["reason"]) == ("136.67", "14", "seen at the fair")
    assert [part["amount"] for part in made["parts"]] == ["30.00", "106.67"]
    assert (made["decided_by"], made["sales"]["amount"]) == (market.marketing.id, "90.00")


async def test_a_decision_is_stale_when_its_source_or_sales_change_until_it_is_taken_anew(world: World) -> None:
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "200.00"))
    comparison = await market.compared()
    comparison = (await market.decide(comparison, decision(boot, "by_hand", amount="150.00"))).json()
    assert (await market.publish()).json()["total"] == "150.00"

    await market.said(source, figure(boot, "210.00"))
    assert (await market.publish()).json()["comparisons"][0]["is_stale"] is True
    stale = await market.decide(comparison, decision(boot, "sales"))
    assert (stale.status_code, stale.json()["code"]) == (409, "comparison_stale")
    comparison = await market.compared()
    assert (comparison["stale_decisions"], comparison["need_decision"]) == (1, 1)
    (line,) = (await market.lines(comparison, "&needs_decision=true")).values()
    assert (line["decision"]["is_stale"], line["decision"]["amount"]) == (True, "150.00")
    comparison = (await market.decide(comparison, decision(boot, "by_hand", amount="150.00"))).json()
    assert comparison["stale_decisions"] == 0
    assert (await market.publish()).json()["code"] == "plan_unchanged"

    await world.gather(market.seller, market.cycle)
    await market.sells(boot, "10", "10.00")
    await world.submit(market.seller, market.cycle)
    late = await market.gather()
    assert (late.status_code, late.json()["code"]) == (409, "sales_forecast_not_ready")
    await market.hand_in()
    comparison = await market.compared()
    assert (comparison["stale_decisions"], comparison["beyond_tolerance"]) == (1, 0)
    assert (await market.publish()).json()["code"] == "lines_undecided"
    await market.decide(comparison, decision(boot, "sales"))
    assert (await market.publish()).json()["total"] == "200.00"
    path = f"/v1/forecast-comparisons/{comparison['id']}/decisions"
    history = (await market.head.done("GET", path))["items"]
    assert [(each["number"], each["choice"]) for each in history] == [(3, "sales"), (2, "by_hand"), (1, "by_hand")]


async def test_a_closed_source_is_compared_with_no_more(world: World) -> None:
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "500.00"))
    assert (await market.publish()).json()["code"] == "lines_undecided"
    await market.marketing.done("POST", f"/v1/forecast-sources/{source['id']}/closings")
    assert (await market.publish()).json()["total"] == "100.00"


async def test_the_tolerance_is_set_for_a_cycle_or_the_unit(world: World) -> None:
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "125.00"))
    comparison = await market.compared()
    assert (comparison["tolerance"], comparison["need_decision"]) == ("0.200000", 1)
    path = f"/v1/forecast-comparisons/{comparison['id']}/tolerances"
    body = {"version": comparison["version"], "tolerance": "0.3", "reason": "a rough source"}
    wider = await market.head.done("POST", path, body | {"is_for_unit": True})
    assert (wider["tolerance"], wider["need_decision"]) == ("0.300000", 0)
    assert (await market.head.post(path, body)).status_code == 412
    narrower = await market.head.done("POST", path, body | {"version": wider["version"], "tolerance": "0.1"})
    assert (narrower["tolerance"], narrower["need_decision"]) == ("0.100000", 1)
    assert (await market.compared())["version"] == narrower["version"]


async def test_two_decide_at_once_and_one_is_told_to_look_again(world: World) -> None:
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "200.00"))
    comparison = await market.compared()
    wishes = [decision(boot, "by_hand", amount=f"{number}.00") for number in range(1, 5)]
    deciders = [market.marketing, market.head]
    answers = await asyncio.gather(
        *[market.decide(comparison, wish, by=deciders[place % 2]) for place, wish in enumerate(wishes)],
        market.say(source, figure(boot, "201.00")),
        market.gather(),
    )
    statuses = sorted(answer.status_code for answer in answers[:4])
    assert statuses.count(201) <= 1
    assert set(statuses) <= {201, 409, 412}
    history = await market.head.done("GET", f"/v1/forecast-comparisons/{comparison['id']}/decisions")
    assert len(history["items"]) == statuses.count(201)
    settled = await market.compared()
    assert settled["need_decision"] == 1, "the source has said something else since any of these decisions"
    assert (await market.publish()).json()["code"] == "lines_undecided"


async def test_who_gathers_and_decides(world: World) -> None:
    market, elsewhere = await Market.open(world), await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    early = await market.gather()
    assert (early.status_code, early.json()["code"]) == (409, "sales_forecast_not_ready")
    await market.hand_in()
    await market.said(source, figure(boot, "200.00"))
    comparison = await market.compared()
    path = f"/v1/forecast-comparisons/{comparison['id']}"
    auditor = await world.person(None, "auditor")
    for somebody, status in (
        (market.seller, 404),
        (market.top, 404),
        (elsewhere.head, 404),
        (auditor, 403),
        (market.head, 201),
    ):
        assert (await somebody.get(path)).status_code == (404 if status == 404 else 200)
        assert (await market.decide(comparison, decision(boot, "sales"), by=somebody)).status_code == status
        expected = 201 if somebody is market.head else 403
        assert (await market.gather(by=somebody)).status_code == expected


async def test_nobody_decides_on_their_own_forecast(world: World) -> None:
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "200.00"))
    comparison = await market.compared()
    next(each for each in world.peers.units if each["id"] == market.unit_id)["head_id"] = market.top.person_id
    world.peers.chart_version += 1
    world.house.chart_version = world.peers.chart_version
    refused = await market.decide(comparison, decision(boot, "sales"), by=market.top)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")


async def test_what_cannot_be_decided_names_the_decision(world: World) -> None:
    market = await Market.open(world)
    boot, shoe, source = await market.product(), await market.product(), await market.source()
    await market.sells(boot, "10", "10.00")
    await market.hand_in()
    await market.said(source, figure(boot, "200.00"))
    comparison = await market.compared()
    half = [{"source_id": None, "weight": "0.5"}]
    right = decision(boot, "sales")
    for wrong, code, pointer in (
        ([right, decision(shoe, "sales")], "compared_line_unknown", "/decisions/1"),
        ([right, decision(boot, "sales", DECEMBER)], "compared_line_unknown", "/decisions/1"),
        ([right, right], "decision_unclear", "/decisions/1"),
        ([decision(boot, "blend", weights=half)], "weights_not_whole", "/decisions/0/weights"),
        ([decision(boot, "source")], "decision_unclear", "/decisions/0/source_id"),
        ([decision(boot, "source", source_id=boot["id"])], "figure_missing", "/decisions/0/source_id"),
    ):
        answer = await market.decide(comparison, *wrong)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["errors"][0]["pointer"]) == (422, code, pointer)
    without_reason = {name: value for name, value in decision(boot, "sales").items() if name != "reason"}
    assert (await market.decide(comparison, without_reason)).status_code == 400
    history = await market.head.done("GET", f"/v1/forecast-comparisons/{comparison['id']}/decisions")
    assert history["items"] == []
