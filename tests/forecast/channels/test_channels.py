"""Sources and what they forecast, through the API."""

import asyncio

import pytest

from tests.forecast.market import DECEMBER, NOVEMBER, Market, figure
from tests.forecast.world import World


@pytest.fixture(scope="module")
async def market(world: World) -> Market:
    return await Market.open(world)


async def test_a_source_is_named_changed_and_closed(market: Market) -> None:
    source = await market.source("Alpine Stores", "store")
    assert (source["version"], source["is_channel"], source["closed_at"]) == (1, True, None)
    path = f"/v1/forecast-sources/{source['id']}"
    again = await market.marketing.post(
        "/v1/forecast-sources", {"business_unit_id": str(market.unit_id), "name": "ALPINE stores", "kind": "store"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "forecast_source_name_taken")

    changed = await market.head.request("PATCH", path, {"kind": "web_shop"}, if_match=1)
    assert (changed.json()["kind"], changed.json()["version"], changed.json()["is_channel"]) == ("web_shop", 2, False)
    stale = await market.head.request("PATCH", path, {"name": "Other"}, if_match=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")

    closed = await market.head.request("POST", f"{path}/closings")
    assert closed.status_code == 201
    assert closed.json()["closed_at"]
    refused = await market.say(source, figure(await market.product(), "10"))
    assert (refused.status_code, refused.json()["code"]) == (409, "forecast_source_closed")
    await market.source("Alpine Stores", "store")


async def test_a_forecast_supersedes_what_the_source_said_before_and_keeps_it(market: Market) -> None:
    boot, source = await market.product(), await market.source("Superseding")
    first = await market.said(source, figure(boot, "100.00", "5"), figure(boot, "50.00", month="2026-12-24"))
    assert (first["number"], first["total"], first["is_current"], first["currency"]) == (1, "150.00", True, "USD")
    same = await market.say(source, figure(boot, "50", month=DECEMBER), figure(boot, "100", "5.0"))
    assert (same.status_code, same.json()["code"], same.json()["number"]) == (409, "channel_forecast_unchanged", 1)

    second = await market.said(source, figure(boot, "0", "0"))

    listed = await market.head.done("GET", f"/v1/channel-forecasts?source_id={source['id']}&sort=-number")
    assert [(each["number"], each["is_current"]) for each in listed["items"]] == [(2, True), (1, False)]
    lines = await market.head.done("GET", f"/v1/channel-forecasts/{first['id']}/lines?limit=1")
    rest = await market.head.done("GET", f"/v1/channel-forecasts/{first['id']}/lines?limit=1&cursor={lines['next']}")
    months = [(each["month"], each["amount"], each["quantity"]) for each in lines["items"] + rest["items"]]
    assert months == [(NOVEMBER, "100.00", "5"), (DECEMBER, "50.00", None)]
    (zero,) = (await market.head.done("GET", f"/v1/channel-forecasts/{second['id']}/lines"))["items"]
    assert (zero["amount"], zero["quantity"], zero["territory_id"]) == ("0.00", "0", None)


async def test_amounts_are_converted_at_the_frozen_rates_and_add_up(world: World) -> None:
    world.peers.rates.append({"from_currency": "DKK", "to_currency": "USD", "date": "2026-01-01", "rate": "0.333"})
    market = await Market.open(world)
    boot, source = await market.product(), await market.source()
    lines = [figure(boot, "1.00", currency="DKK", place=place) for place in "ABC"]
    made = await market.said(source, *lines, figure(boot, "5.00"))
    assert made["total"] == "6.00"
    items = (await market.head.done("GET", f"/v1/channel-forecasts/{made['id']}/lines"))["items"]
    assert sorted(each["amount"] for each in items) == ["0.33", "0.33", "0.34", "5.00"]
    assert {each["stated_currency"] for each in items} == {"DKK", "USD"}


async def test_every_fault_names_its_line_and_field_and_nothing_is_taken(market: Market) -> None:
    boot, source = await market.product(), await market.source("Faulty")
    glue = await market.product("kg", is_whole=False)
    unknown = {"product_line_id": str(market.unit_id)}
    answer = await market.say(
        source,
        figure(boot, "1.00"),
        figure(unknown, "1.00"),
        figure(boot, "1.001"),
        figure(boot, "1.00", currency="SEK", place="X"),
        figure(boot, month=DECEMBER),
        figure(boot, quantity="1.5", place="Y"),
        figure(glue, quantity="1.5"),
        figure(boot, "1.00", month="2025-11-01"),
        figure(boot, "-1.00", place="Z"),
        figure(boot, quantity="1", unit="box", place="W"),
        figure(boot, quantity="1", month="2026-11-30"),
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "channel_forecast_lines_refused")
    faults = [line["pointer"] for line in answer.json()["lines"]]
    assert faults == [
        "/lines/1/product_line_id",
        "/lines/2/amount",
        "/lines/2/month",
        "/lines/3/currency",
        "/lines/4/amount",
        "/lines/5/quantity",
        "/lines/7/month",
        "/lines/8/amount",
        "/lines/9/unit",
        "/lines/10/month",
    ]
    assert answer.json()["errors"][0]["pointer"] == faults[0]
    assert (await market.head.done("GET", f"/v1/channel-forecasts?source_id={source['id']}"))["items"] == []


async def test_units_of_a_product_line_are_told_apart(market: Market) -> None:
    pair = await market.product()
    box = await market.product("box")
    box["product_line_id"], box["version"] = pair["product_line_id"], 2
    market.world.peers.tell("opportunity", "product.changed", box)
    await market.world.settle()
    source = await market.source("Units")
    unclear = await market.say(source, figure(pair, "1.00", "1"))
    assert unclear.json()["lines"][0]["field"] == "unit"
    assert "box, pair" in unclear.json()["detail"]
    await market.said(source, figure(pair, "1.00", "1", unit="pair"), figure(pair, "1.00", "2", unit="box"))


async def test_who_keeps_sources_and_enters_their_figures(market: Market) -> None:
    responsible, elsewhere = await market.world.person(), await market.world.person()
    boot, source = await market.product(), await market.source("Answering", responsible_id=responsible.id)
    path = f"/v1/forecast-sources/{source['id']}"
    assert (await responsible.get(path)).status_code == 200
    for somebody in (market.top, market.seller, elsewhere):
        assert (await somebody.get(path)).status_code == 404
        assert (await market.say(source, figure(boot, "1.00"), by=somebody)).status_code == 404
    made = await market.said(source, figure(boot, "1.00"), by=responsible)
    assert made["submitted_by"] == responsible.id
    assert (await elsewhere.get(f"/v1/channel-forecasts/{made['id']}")).status_code == 404
    refused = await responsible.request("PATCH", path, {"name": "Mine"}, if_match=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_keep_forecast_sources")
    auditor = await market.world.person(None, "auditor")
    refused = await market.say(source, figure(boot, "2.00"), by=auditor)
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_enter_channel_forecast")
    body = {"business_unit_id": str(market.unit_id), "name": "Another", "kind": "store"}
    assert (await market.top.post("/v1/forecast-sources", body)).status_code == 403
    await market.said(source, figure(boot, "2.00"), by=market.head)
    await market.said(source, figure(boot, "3.00"), by=await market.world.operations())


async def test_a_unit_without_a_top_in_the_cycle_is_compared_with_nothing(market: Market) -> None:
    other = await Market.open(market.world)
    source, boot = await other.source(), await other.product()
    body = {"source_id": source["id"], "cycle_id": market.cycle["id"], "lines": [figure(boot, "1.00")]}
    answer = await other.marketing.post("/v1/channel-forecasts", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit_not_in_cycle")


async def test_entered_by_many_at_once_each_supersedes_the_one_before(market: Market) -> None:
    boot, source = await market.product(), await market.source("Crowded")
    answers = await asyncio.gather(*[market.say(source, figure(boot, f"{n}.00")) for n in range(1, 7)])
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4, 5, 6]
    listed = await market.head.done("GET", f"/v1/channel-forecasts?source_id={source['id']}&is_current=true")
    assert [each["number"] for each in listed["items"]] == [6]


async def test_sent_again_with_its_key_it_is_entered_once(market: Market) -> None:
    boot, source = await market.product(), await market.source("Once")
    body = {"source_id": source["id"], "cycle_id": market.cycle["id"], "lines": [figure(boot, "1.00")]}
    sent = [
        await market.marketing.request("POST", "/v1/channel-forecasts", body, key=f"once-{source['id']}")
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    assert sent[0].status_code == 201


async def test_sources_and_forecasts_come_in_batches_by_reference(market: Market) -> None:
    boot = await market.product()
    reference = {"system": "crm", "id": f"D-{boot['id']}"}
    item = {
        "external_reference": reference,
        "business_unit_id": str(market.unit_id),
        "name": "From a file",
        "kind": "statistics",
    }
    outcomes = []
    for name in ("From a file", "From a file", "From another"):
        batch = {"items": [item | {"name": name}, item | {"kind": "rumour"}]}
        answer = await market.marketing.done("POST", "/v1/forecast-sources/batches", batch)
        outcomes.append([one["outcome"] for one in answer["items"]])
    assert outcomes == [["created", "rejected"], ["unchanged", "rejected"], ["updated", "rejected"]]
    (source,) = (
        await market.marketing.done("GET", f"/v1/forecast-sources?external_system=crm&external_id=D-{boot['id']}")
    )["items"]
    said = {"source_id": source["id"], "cycle_id": market.cycle["id"], "lines": [figure(boot, "7.00")]}
    wrong = said | {"lines": [figure(boot, "7.00"), figure(boot, "7.001", month=DECEMBER)]}
    for expected in ("created", "unchanged"):
        answer = await market.marketing.done("POST", "/v1/channel-forecasts/batches", {"items": [said, wrong]})
        assert [one["outcome"] for one in answer["items"]] == [expected, "rejected"]
        assert answer["items"][1]["problem"]["errors"][0]["pointer"] == "/lines/1/amount"
