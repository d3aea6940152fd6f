"""Confirming through the API: who, what counts, what follows by itself."""

import asyncio
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.forecast.world import Record, World, figures


async def test_a_principal_confirms_and_it_counts(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id, amount="1234.50")

    said = (await world.confirm(seller, cycle, opportunity)).json()

    assert (said["amount"], said["currency"], said["category"]) == ("1234.50", "USD", "commit")
    assert [line["place"] for line in said["lines"]] == [None]
    assert figures(await world.gather(seller, cycle)) == ["1234.50", "0.00", "0.00", "1234.50"]


async def test_the_last_word_on_an_opportunity_holds(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = await world.confirmed(seller, cycle)
    assert (await world.confirm(seller, cycle, opportunity, "best_case")).status_code == 201

    draft = await world.gather(seller, cycle)

    assert draft["result"] == "0.00"
    assert {each["category"]: each["result"] for each in draft["by_category"]} == {
        "closed": "0.00",
        "commit": "0.00",
        "best_case": "100.00",
        "pipeline": "0.00",
    }


async def test_what_is_omitted_counts_nowhere_and_is_free_for_another_period(world: World) -> None:
    top, seller = await world.line(2)
    cycle, other = await world.cycle(top), await world.cycle(top)
    opportunity = await world.confirmed(seller, cycle)

    assert (await world.confirm(seller, cycle, opportunity, "omitted")).status_code == 201
    assert (await world.confirm(seller, other, opportunity)).status_code == 201

    assert (await world.gather(seller, cycle))["result"] == "0.00"
    assert (await world.gather(seller, other))["result"] == "100.00"


async def test_only_the_principal_confirms(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, superior_elsewhere = await world.person(manager), await world.person()
    cycle = await world.cycle(top, superior_elsewhere)
    opportunity = world.peers.add_opportunity(seller.person_id)

    for somebody, status in ((manager, 403), (top, 403), (peer, 404), (superior_elsewhere, 404)):
        answer = await world.confirm(somebody, cycle, opportunity)
        assert answer.status_code == status, answer.text

    undated = world.peers.add_opportunity(seller.person_id, amount=None, expected_close=None)
    assert (await world.confirm(manager, cycle, undated)).json()["code"] == "not_principal"
    unknown = {**opportunity, "id": str(new_id())}
    invisible = (await world.confirm(peer, cycle, opportunity)).json()
    missing = (await world.confirm(peer, cycle, unknown)).json()
    assert invisible["detail"].replace(opportunity["id"], "") == missing["detail"].replace(unknown["id"], "")


async def test_a_confirmation_of_an_older_version_is_refused(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id)
    seen = dict(opportunity)
    world.peers.change(opportunity, amount="90.00")
    await world.settle()

    answer = await world.confirm(seller, cycle, seen)

    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["current_version"]) == ("opportunity_outdated", 2)
    assert (await world.confirm(seller, cycle, opportunity)).json()["amount"] == "90.00"


async def test_what_no_event_told_of_yet_is_asked_for(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    product = world.peers.add_product()
    opportunity = world.peers.add_opportunity(
        seller.person_id,
        amount="50.00",
        lines=[
            {
                "product_id": product["id"],
                "quantity": "5",
                "unit_price": "10",
                "delivery_date": "2027-01-15",
                "place": "Ghent",
            }
        ],
    )
    (line,) = (await world.confirm(seller, cycle, opportunity)).json()["lines"]
    assert (line["product_id"], line["quantity"], line["month"], line["place"]) == (
        product["id"],
        "5",
        "2027-01-01",
        "Ghent",
    )


async def test_without_the_peer_what_is_known_is_confirmed_and_what_is_not_is_a_503(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    known = world.peers.add_opportunity(seller.person_id)
    await world.settle()
    unknown = world.peers.add_opportunity(seller.person_id)
    world.peers.down.add("opportunity")
    try:
        assert (await world.confirm(seller, cycle, known)).status_code == 201
        answer = await world.confirm(seller, cycle, unknown)
        assert (answer.status_code, answer.json()["peer"]) == (503, "opportunity")
    finally:
        world.peers.down.clear()
    async with asyncio.timeout(10):
        while (answer := await world.confirm(seller, cycle, unknown)).status_code == 503:  # noqa: ASYNC110 (a breaker)
            await asyncio.sleep(0.05)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"category": "closed"}, 422, "category_not_confirmable"),
        ({"category": "won"}, 400, "malformed"),
        ({"expected_close": "2027-01-01"}, 422, "close_outside_period"),
        ({"amount": {"amount": "-1.00", "currency": "USD"}}, 400, "malformed"),
        ({"amount": {"amount": "1.001", "currency": "USD"}}, 400, "malformed"),
        ({"amount": {"amount": "1", "currency": "XXY"}}, 400, "malformed"),
        ({"amount": {"amount": "1", "currency": "CNY"}}, 422, "rate_missing"),
        ({"lines": [{"month": "2026-11-01", "amount": "99.99"}]}, 422, "lines_do_not_add_up"),
        ({"lines": [{"month": "2026-11-01", "amount": "100", "quantity": "1"}]}, 422, "quantity_wrong"),
        (
            {"lines": [{"month": "2026-11-01", "amount": "100", "product_id": str(new_id()), "quantity": "1"}]},
            422,
            "product_unknown",
        ),
        ({"opportunity_version": 99}, 409, "opportunity_version_unknown"),
        ({"surprise": 1}, 400, "malformed"),
    ],
)
async def test_what_cannot_be_confirmed_says_why(world: World, given: Record, status: int, code: str) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id)
    body = {"category": "commit", **given}

    answer = await world.confirm(seller, cycle, opportunity, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await world.gather(seller, cycle))["result"] == "0.00"


async def test_the_cycle_says_which_stages(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top, confirmable_stages=["selected"])
    opportunity = world.peers.add_opportunity(seller.person_id)
    answer = await world.confirm(seller, cycle, opportunity)
    assert (answer.status_code, answer.json()["stages"]) == (422, ["selected"])


async def test_stages_of_two_funnels_count_by_the_key_of_their_own(world: World) -> None:
    top, seller = await world.line(2)
    world.peers.funnels[:] = [["talk", "offer", "signed"], ["shortlist", "selected", "negotiate", "close"]]
    cycle = await world.cycle(top, confirmable_stages=["selected", "offer"])
    for stage, status in (("selected", 201), ("offer", 201), ("talk", 422), ("shortlist", 422)):
        opportunity = world.peers.add_opportunity(seller.person_id, stage=stage)
        assert (await world.confirm(seller, cycle, opportunity)).status_code == status, stage


async def test_a_stage_of_no_funnel_is_refused_with_those_there_are(world: World) -> None:
    operations, seller = await world.operations(), (await world.line(2))[1]
    world.peers.funnels[:] = [["talk", "offer", "signed"], ["shortlist", "selected", "negotiate", "close"]]
    body = {"name": "Fourth", "period": {"kind": "quarter", "start": "2026-10-01"}, "currency": "USD"}
    named = body | {"confirmable_stages": ["offer", "pitch"]}
    assert (await seller.post("/v1/forecast-cycles", named)).status_code == 403
    answer = await operations.post("/v1/forecast-cycles", named)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "confirmable_stage_unknown")
    assert problem["errors"][0]["pointer"] == "/confirmable_stages/1"
    assert problem["stages"] == ["talk", "offer", "signed", "shortlist", "selected", "negotiate", "close"]
    world.peers.down.add("opportunity")
    try:
        assert (await operations.post("/v1/forecast-cycles", body)).status_code == 201
        assert (await operations.post("/v1/forecast-cycles", named)).status_code == 503
    finally:
        world.peers.down.clear()


async def test_an_unknown_amount_is_not_zero(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id, amount=None)
    assert (await world.confirm(seller, cycle, opportunity)).json()["code"] == "amount_unknown"
    said = await world.confirm(seller, cycle, opportunity, amount={"amount": "7.00", "currency": "USD"})
    assert said.json()["amount"] == "7.00"


async def test_another_currency_counts_at_the_frozen_rate(world: World) -> None:
    top, seller = await world.line(2)
    rate = {"from_currency": "EUR", "to_currency": "USD", "date": "2026-09-30", "rate": "1.23456"}
    world.peers.rates.append(rate)
    opportunity = world.peers.add_opportunity(seller.person_id, amount="100.01", currency="EUR")
    await world.settle()
    cycle = await world.cycle(top)
    rate["rate"] = "2"

    lines = [{"month": f"2026-{month}-01", "amount": part} for month, part in (("10", "33.34"), ("11", "66.67"))]
    said = (await world.confirm(seller, cycle, opportunity, lines=lines)).json()

    assert said["amount"] == "123.47"
    assert [line["amount"] for line in said["lines"]] == ["41.16", "82.31"]
    rates = (await seller.done("GET", f"/v1/forecast-cycles/{cycle['id']}/rates"))["items"]
    frozen = next(each for each in rates if each["currency"] == "EUR")
    assert (frozen["currency"], frozen["rate_date"]) == ("EUR", "2026-09-30")


async def test_a_weighted_cycle_counts_the_probable_part(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top, amount_basis="weighted")
    opportunity = world.peers.add_opportunity(seller.person_id, amount="100.00", probability="0.35")
    assert (await world.confirm(seller, cycle, opportunity)).json()["amount"] == "35.00"


async def test_what_is_won_in_the_period_enters_by_itself(world: World) -> None:
    top, seller = await world.line(2)
    before = world.peers.add_opportunity(seller.person_id, amount="10.00")
    world.peers.win(before)
    earlier = world.peers.add_opportunity(seller.person_id, amount="1000.00")
    world.peers.win(earlier, on="2026-09-30")
    await world.settle()
    cycle = await world.cycle(top)
    never_confirmed = world.peers.add_opportunity(seller.person_id, amount="20.00")
    confirmed = await world.confirmed(seller, cycle, "30.00", category="pipeline")
    world.peers.win(never_confirmed)
    world.peers.win(confirmed, amount="33.00")
    await world.settle()

    draft = await world.gather(seller, cycle)

    assert draft["by_category"][0] == {
        "category": "closed",
        "own": "63.00",
        "gathered": "0.00",
        "adjustment": "0.00",
        "result": "63.00",
    }
    assert draft["result"] == "63.00"
    assert (await world.confirm(seller, cycle, confirmed)).json()["code"] == "opportunity_decided"


async def test_a_reopened_and_a_lost_one_leave(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    won, lost = await world.confirmed(seller, cycle), await world.confirmed(seller, cycle)
    world.peers.win(won)
    world.peers.change(lost, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    assert (await world.gather(seller, cycle))["result"] == "100.00"

    world.peers.change(won, "reopened", state="open", stage="negotiate", decided_on=None)
    await world.settle()

    assert (await world.gather(seller, cycle))["result"] == "0.00"


async def test_events_may_come_twice_and_late(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = await world.confirmed(seller, cycle)
    old = dict(opportunity)
    world.peers.win(opportunity)
    world.peers.tell("opportunity", "opportunity.updated", old)
    world.peers.tell("opportunity", "opportunity.won", opportunity)
    await world.settle()
    draft = await world.gather(seller, cycle)
    assert (draft["by_category"][0]["result"], draft["result"]) == ("100.00", "100.00")


async def test_the_place_is_where_the_customer_is_delivered_to(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    customer = world.peers.add_customer("Lyon, FR")
    await world.confirmed(seller, cycle, customer_id=customer["id"])
    await world.confirmed(seller, cycle)
    await world.settle()
    forecast = await world.submit(seller, cycle)
    assert {line["place"] for line in await world.lines(seller, forecast)} == {"Lyon, FR", "unspecified"}


async def test_candidates_are_ones_own_in_the_period(world: World) -> None:
    top, manager, seller = await world.line(3)
    stranger = await world.person()
    cycle = await world.cycle(top, stranger)
    confirmed = await world.confirmed(seller, cycle, name="Confirmed")
    waiting = world.peers.add_opportunity(seller.person_id, name="Waiting")
    world.peers.add_opportunity(seller.person_id, expected_close="2027-03-01")
    world.peers.add_opportunity(manager.person_id)
    world.peers.change(confirmed, amount="120.00")
    await world.settle()

    async def candidates(by: Any, query: str = "") -> list[Record]:
        answer = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/candidates?sort=name{query}")
        items: list[Record] = answer["items"]
        return items

    first, second = await candidates(seller)
    assert (first["id"], first["is_live"], first["has_changed"]) == (confirmed["id"], True, True)
    assert first["said"]["category"] == "commit"
    assert (second["id"], second["is_live"], second["said"]) == (waiting["id"], False, None)
    seat_id = (await world.levels(top, cycle))[seller.id]["seat_id"]
    assert [each["id"] for each in await candidates(manager, f"&seat_id={seat_id}")] == [first["id"], second["id"]]
    hidden = await stranger.get(f"/v1/forecast-cycles/{cycle['id']}/candidates?seat_id={seat_id}")
    assert hidden.status_code == 404


async def test_nothing_is_confirmed_before_the_cycle_opens_or_without_a_seat(world: World) -> None:
    top, seller = await world.line(2)
    outsider = await world.person()
    operations = await world.operations()
    body = {"name": "Later", "period": {"kind": "quarter", "start": "2026-10-01"}, "currency": "USD"}
    draft = await operations.done("POST", "/v1/forecast-cycles", body)
    opportunity = world.peers.add_opportunity(seller.person_id)
    assert (await world.confirm(seller, draft, opportunity)).json()["code"] == "cycle_not_open"

    cycle = await world.cycle(top)
    theirs = world.peers.add_opportunity(outsider.person_id)
    assert (await world.confirm(outsider, cycle, theirs)).json()["code"] == "no_seat"


async def test_what_is_submitted_is_not_confirmed_into_behind_its_back(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    await world.submit(seller, cycle)
    late = world.peers.add_opportunity(seller.person_id, amount="1.00")
    assert (await world.confirm(seller, cycle, late)).json()["code"] == "forecast_handed_in"
    await world.gather(seller, cycle)
    assert (await world.confirm(seller, cycle, late)).status_code == 201
    assert (await world.submit(seller, cycle))["result"] == "101.00"


async def test_one_opportunity_confirmed_many_times_at_once_counts_once(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id)
    answers = await asyncio.gather(*[world.confirm(seller, cycle, opportunity) for _ in range(12)])
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (await world.gather(seller, cycle))["result"] == "100.00"


async def test_a_confirmation_sent_again_with_its_key_is_made_once(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    opportunity = world.peers.add_opportunity(seller.person_id)
    body = {"opportunity_id": opportunity["id"], "opportunity_version": 1, "category": "commit"}
    path, key = f"/v1/forecast-cycles/{cycle['id']}/confirmations", str(new_id())
    answers = await asyncio.gather(*[seller.post(path, body, key=key) for _ in range(6)])
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_what_a_joiner_has_won_enters_when_they_gather(world: World) -> None:
    top, _ = await world.line(2)
    cycle = await world.cycle(top)
    joiner = await world.person(top)
    world.peers.win(world.peers.add_opportunity(joiner.person_id, amount="12.00"))
    await world.settle()
    body = {"person_id": joiner.id, "superior_id": top.id, "reason": "joined in November"}
    await top.done("POST", f"/v1/forecast-cycles/{cycle['id']}/seats", body)
    assert (await world.gather(joiner, cycle))["by_category"][0]["result"] == "12.00"
    assert (await world.gather(joiner, cycle))["result"] == "12.00"


async def test_what_is_won_while_a_cycle_opens_enters_once(world: World) -> None:
    top, seller = await world.line(2)
    operations = await world.operations()
    body = {"name": "Now", "period": {"kind": "quarter", "start": "2026-10-01"}, "currency": "USD"}
    made = await operations.done("POST", "/v1/forecast-cycles", body | {"head_ids": [top.id]})
    for _ in range(20):
        world.peers.win(world.peers.add_opportunity(seller.person_id, amount="1.00"))
    await world.house.settle()

    await asyncio.gather(operations.done("POST", f"/v1/forecast-cycles/{made['id']}/openings"), world.settle())

    pool = world.house.service("forecast").database.pool
    assert await pool.fetchval("SELECT count(*) FROM live_line WHERE cycle_id = $1::uuid", made["id"]) == 20
    assert (await world.gather(seller, made))["result"] == "20.00"
