"""Every figure by date: what was handed in, what stood at an instant, what moved between two."""

from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from tests.forecast.world import Record, World, figures, words
from tests.house import Client


def instant(world: World) -> str:
    now: datetime = world.house.service("forecast").database.clock()
    return quote(now.isoformat())


async def movement(by: Client, cycle: Record, seat_id: str, query: str = "") -> Record:
    path = f"/v1/forecast-cycles/{cycle['id']}/seats/{seat_id}/movement?{query}"
    found: Record = await by.done("GET", path)
    assert Decimal(found["opening"]) + sum(Decimal(each["amount"]) for each in found["parts"]) == Decimal(
        found["closing"]
    )
    return found


def told(found: Record) -> dict[str, tuple[str, int]]:
    return {each["cause"]: (each["amount"], each["count"]) for each in found["parts"] if each["count"]}


async def snapshot(by: Client, cycle: Record, query: str = "") -> dict[str, Record]:
    path = f"/v1/forecast-cycles/{cycle['id']}/snapshots?limit=500&{query}"
    return {each["person_id"]: each for each in (await by.done("GET", path))["items"]}


async def test_each_cause_of_a_movement_is_told_and_they_add_up(world: World) -> None:
    top, manager, seller = await world.line(3)
    before = await world.cycle(top, period={"kind": "quarter", "start": "2026-07-01"})
    late = world.peers.add_opportunity(seller.person_id, amount="40.00", expected_close="2026-09-30")
    assert (await world.confirm(seller, before, late)).status_code == 201
    cycle = await world.cycle(top)
    raised = await world.confirmed(seller, cycle, "100.00")
    lowered = await world.confirmed(seller, cycle, "100.00")
    gone = await world.confirmed(seller, cycle, "60.00")
    hoped = await world.confirmed(seller, cycle, "30.00", category="pipeline")
    won = await world.confirmed(manager, cycle, "50.00")
    await world.submit(seller, cycle)
    draft = await world.gather(manager, cycle)
    await world.adjust(manager, draft, "delta", "-10.00")
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    await world.submit(top, cycle)
    earlier = instant(world)
    levels = await world.levels(top, cycle)
    seat_id = levels[top.id]["seat_id"]

    first = await movement(top, cycle, seat_id)
    assert (first["opening"], first["closing"]) == ("0.00", "300.00"), "310 that count, less 10"
    assert told(first) == {"new": ("310.00", 4), "adjustment": ("-10.00", 1)}
    assert told(await movement(top, cycle, seat_id, f"from_at={earlier}")) == {}

    await world.gather(seller, cycle)
    money = {"currency": "USD"}
    await world.confirm(seller, cycle, raised, amount={"amount": "130.00", **money})
    await world.confirm(seller, cycle, lowered, amount={"amount": "75.50", **money})
    await world.confirm(seller, cycle, gone, "omitted")
    await world.confirm(seller, cycle, hoped, "commit")
    await world.confirmed(seller, cycle, "7.00")
    world.peers.change(late, expected_close="2026-11-30")
    world.peers.change(won, "won", state="won", decided_on="2026-11-10", amount="45.00")
    await world.settle()
    assert (await world.confirm(seller, cycle, late)).status_code == 201
    await world.submit(seller, cycle)
    draft = await world.gather(manager, cycle)
    await world.adjust(manager, draft, "ratio", "1.00")
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    await world.submit(top, cycle)

    second = await movement(top, cycle, seat_id, f"from_at={earlier}")

    assert (second["opening"], second["closing"]) == ("300.00", "327.50")
    assert told(second) == {
        "new": ("7.00", 1),
        "won": ("-5.00", 1),
        "moved_in": ("40.00", 1),
        "raised": ("30.00", 1),
        "lowered": ("-24.50", 1),
        "category_changed": ("30.00", 1),
        "withdrawn": ("-60.00", 1),
        "adjustment": ("10.00", 1),
    }
    pipeline = await movement(top, cycle, seat_id, f"from_at={earlier}&category=pipeline")
    assert (pipeline["opening"], told(pipeline)) == ("30.00", {"category_changed": ("-30.00", 1)})
    of_seller = await movement(manager, cycle, levels[seller.id]["seat_id"], f"from_at={earlier}")
    assert (of_seller["opening"], of_seller["closing"]) == ("260.00", "282.50")
    assert "adjustment" not in told(of_seller)

    picture = await top.get(
        f"/v1/forecast-cycles/{cycle['id']}/seats/{seat_id}/movement?from_at={earlier}",
        headers={"accept": "image/svg+xml"},
    )
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert {"Opening", "Won", "Category changed", "+30.00 USD (1)", "−60.00 USD (1)", "327.50 USD"} <= set(
        words(picture.text)
    )


async def test_what_goes_to_another_period_has_moved_out(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    later = await world.cycle(top, period={"kind": "quarter", "start": "2027-01-01"})
    slipped = await world.confirmed(seller, cycle, "80.00")
    await world.submit(seller, cycle)
    earlier = instant(world)
    await world.gather(seller, cycle)
    await world.confirm(seller, cycle, slipped, "omitted")
    world.peers.change(slipped, expected_close="2027-02-01")
    await world.settle()
    assert (await world.confirm(seller, later, slipped)).status_code == 201
    submitted = await world.submit(seller, cycle)
    found = await movement(seller, cycle, submitted["seat_id"], f"from_at={earlier}")
    assert (told(found), found["closing"]) == ({"moved_out": ("-80.00", 1)}, "0.00")


async def test_a_snapshot_is_what_stood_then_and_stays_so(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    at_first = instant(world)
    await world.confirmed(seller, cycle, "100.00")
    first = await world.submit(seller, cycle)
    await world.submit(manager, cycle)
    gathered = instant(world)
    await world.decide(manager, first, "returns")
    sent_back = instant(world)
    await world.confirmed(seller, cycle, "20.00")
    second = await world.submit(seller, cycle)
    await world.decide(manager, second, "approvals")

    then = await snapshot(top, cycle, f"as_of={gathered}")
    assert (figures(then[seller.id]), then[seller.id]["forecast_id"]) == (
        ["100.00", "0.00", "0.00", "100.00"],
        first["id"],
    )
    assert (then[manager.id]["result"], then[top.id]["result"], then[top.id]["by_category"]) == ("100.00", None, [])
    assert {each["forecast_id"] for each in (await snapshot(top, cycle, f"as_of={at_first}")).values()} == {None}
    back = await snapshot(top, cycle, f"as_of={sent_back}")
    assert (back[seller.id]["forecast_id"], back[manager.id]["result"]) == (None, "100.00")
    now = await snapshot(top, cycle)
    assert (now[seller.id]["result"], now[seller.id]["is_approved"], now[seller.id]["revision"]) == ("120.00", True, 2)
    assert set(await snapshot(seller, cycle)) == {seller.id}
    below = f"as_of={gathered}&superior_seat_id={now[manager.id]['seat_id']}"
    assert set(await snapshot(top, cycle, below)) == {seller.id}

    path = f"/v1/forecast-cycles/{cycle['id']}/seats/{second['seat_id']}/history"
    history = (await manager.done("GET", path))["items"]
    assert [(each["revision"], each["state"], each["result"], each["submitted_by"]) for each in history] == [
        (2, "approved", "120.00", seller.id),
        (1, "returned", "100.00", seller.id),
    ]
    assert (history[0]["superseded_at"], history[1]["superseded_at"]) == (None, history[0]["submitted_at"])


async def test_nobody_looks_back_at_what_they_do_not_see(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, stranger = await world.person(manager), await world.person()
    cycle = await world.cycle(top)
    seat_id = (await world.levels(top, cycle))[seller.id]["seat_id"]
    for name in ("history", "movement"):
        path = f"/v1/forecast-cycles/{cycle['id']}/seats/{seat_id}/{name}"
        for who in (peer, stranger):
            assert (await who.get(path)).status_code == 404
        assert (await manager.get(path)).status_code == 200
    assert await snapshot(stranger, cycle) == {}
    movements = f"/v1/forecast-cycles/{cycle['id']}/seats/{seat_id}/movement"
    for query in ("from_at=2999-01-01T00:00:00Z", "to_at=2999-01-01T00:00:00Z"):
        refused = await seller.get(f"{movements}?{query}")
        assert (refused.status_code, refused.json()["code"]) == (422, "instants_not_in_order")
