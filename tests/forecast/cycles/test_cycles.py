"""Cycles through the API: defined, opened once, their lines and rates frozen."""

import asyncio

import pytest

from servicekit.values.ids import new_id
from tests.forecast.world import Record, World

BODY = {"name": "Fourth quarter", "period": {"kind": "quarter", "start": "2026-10-01"}, "currency": "USD"}


async def test_sales_operations_define_a_cycle(world: World) -> None:
    operations = await world.operations()
    made = await operations.done("POST", "/v1/forecast-cycles", BODY)
    assert (made["state"], made["period_end"], made["plan_categories"]) == ("draft", "2027-01-01", ["closed", "commit"])
    seller = await world.person()
    assert await seller.done("GET", f"/v1/forecast-cycles/{made['id']}") == made
    listed = await seller.done("GET", "/v1/forecast-cycles?state=draft&sort=-created_at&limit=1")
    assert listed["items"] == [made]
    refused = await seller.post("/v1/forecast-cycles", BODY)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_sales_operations")


@pytest.mark.parametrize(
    ("given", "status", "pointer"),
    [
        ({"period": {"kind": "quarter", "start": "2026-11-01"}}, 422, "/period/start"),
        ({"period": {"kind": "week", "start": "2026-10-01"}}, 400, "/period/kind"),
        ({"currency": "dollar"}, 400, "/currency"),
        ({"plan_categories": ["commit"]}, 422, "/plan_categories"),
        (
            {"deadlines": [{"level": n, "at": f"2026-10-0{9 - n}T08:00:00Z"} for n in (1, 2)]},
            422,
            "/deadlines",
        ),
        ({"deadlines": [{"level": 1, "at": "2026-10-01T08:00:00"}]}, 400, "/deadlines/0/at"),
        ({"surprise": True}, 400, "/surprise"),
    ],
)
async def test_a_wrong_definition_names_the_field(world: World, given: Record, status: int, pointer: str) -> None:
    operations = await world.operations()
    answer = await operations.post("/v1/forecast-cycles", BODY | given)
    assert answer.status_code == status, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_cycle_opens_once_also_when_many_open_it(world: World) -> None:
    top, _ = await world.line(2)
    operations = await world.operations()
    made = await operations.done("POST", "/v1/forecast-cycles", BODY | {"head_ids": [top.id]})
    path = f"/v1/forecast-cycles/{made['id']}/openings"
    assert (await top.post(path)).status_code == 403
    answers = await asyncio.gather(*[operations.post(path) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    seats = await operations.done("GET", f"/v1/forecast-cycles/{made['id']}/seats?total=true")
    assert seats["total"] == "2"


async def test_an_unknown_head_is_named(world: World) -> None:
    operations = await world.operations()
    nobody = str(new_id())
    made = await operations.done("POST", "/v1/forecast-cycles", BODY | {"head_ids": [nobody]})
    answer = await operations.post(f"/v1/forecast-cycles/{made['id']}/openings")
    assert (answer.status_code, answer.json()["person_ids"]) == (422, [nobody])


async def test_the_line_stays_as_it_was_when_the_cycle_opened(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    elsewhere = await world.person()
    edge = next(edge for edge in world.peers.edges if edge["person_id"] == seller.person_id)
    edge["superior_id"] = elsewhere.person_id
    world.peers.chart_version += 1
    await world.settle()

    await world.confirmed(seller, cycle)
    await world.submit(seller, cycle)

    assert (await world.gather(manager, cycle))["gathered"] == "100.00"
    assert seller.id in await world.levels(manager, cycle)
    assert seller.id not in await world.levels(elsewhere, cycle)


async def test_everybody_sees_their_own_and_what_is_below(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, elsewhere, marketing = (
        await world.person(manager),
        await world.person(),
        await world.person(None, "marketing"),
    )
    cycle = await world.cycle(top, elsewhere)
    seen = {
        name: set(await world.levels(somebody, cycle))
        for name, somebody in (("top", top), ("manager", manager), ("seller", seller), ("peer", peer))
    }
    assert seen == {
        "top": {top.id, manager.id, seller.id, peer.id},
        "manager": {manager.id, seller.id, peer.id},
        "seller": {seller.id},
        "peer": {peer.id},
    }
    assert len(await world.levels(marketing, cycle)) == 5
    levels = await world.levels(top, cycle)
    assert [levels[each.id]["level"] for each in (top, manager, seller)] == [3, 2, 1]


async def test_a_person_new_to_the_cycle_joins_by_a_decision(world: World) -> None:
    top, manager = await world.line(2)
    cycle = await world.cycle(top)
    joiner, elsewhere = await world.person(manager), await world.person()
    path = f"/v1/forecast-cycles/{cycle['id']}/seats"
    body = {"person_id": joiner.id, "superior_id": manager.id, "reason": "joined in November"}
    assert (await joiner.post(path, body)).status_code in {403, 422}
    assert (await elsewhere.post(path, body)).status_code == 422
    assert (await top.post(path, body)).status_code == 201
    assert (await top.post(path, body)).json()["code"] == "has_seat_already"

    await world.confirmed(joiner, cycle)
    await world.submit(joiner, cycle)

    assert (await world.gather(manager, cycle))["result"] == "100.00"
    levels = await world.levels(top, cycle)
    assert [levels[each.id]["level"] for each in (top, manager, joiner)] == [3, 2, 1]


async def test_a_leavers_seat_passes_to_the_superior_or_a_successor(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    seat = (await world.levels(top, cycle))[seller.id]["seat_id"]
    path = f"/v1/forecast-cycles/{cycle['id']}/seats/{seat}/successions"
    assert (await seller.post(path, {"reason": "I leave"})).status_code == 403
    passed = await top.done("POST", path, {"reason": "left the company"})
    assert (passed["person_id"], passed["holder_id"]) == (seller.id, manager.id)
    draft = await manager.done("POST", f"/v1/forecast-cycles/{cycle['id']}/forecasts", {"seat_id": seat})
    assert draft["own"] == "100.00"

    successor = await world.person(manager)
    passed = await top.done("POST", path, {"reason": "hired", "successor_id": successor.id})
    assert passed["holder_id"] == successor.id
    assert (await world.submit(successor, cycle))["result"] == "100.00"
    assert (await world.gather(manager, cycle))["gathered"] == "100.00"


async def test_deadlines_tell_who_is_late(world: World) -> None:
    top, seller = await world.line(2)
    deadlines = [{"level": 1, "at": "2020-01-01T00:00:00Z"}, {"level": 2, "at": "2999-01-01T00:00:00Z"}]
    cycle = await world.cycle(top, deadlines=deadlines)
    levels = await world.levels(top, cycle)
    assert [levels[each.id]["is_late"] for each in (top, seller)] == [False, True]
    assert levels[seller.id]["due_at"] == "2020-01-01T00:00:00Z"
