"""Who has handed in, who is missing, who is late: visible at each level."""

from tests.forecast.world import Record, World
from tests.house import Client

PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


async def missing(by: Client, cycle: Record, query: str = "") -> dict[str, Record]:
    path = f"/v1/forecast-cycles/{cycle['id']}/missing-forecasts?limit=500&{query}"
    return {each["person_id"]: each for each in (await by.done("GET", path))["items"]}


async def progress(by: Client, cycle: Record, seat_id: str | None = None) -> Record:
    query = f"?seat_id={seat_id}" if seat_id else ""
    found: Record = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/progress{query}")
    return found


def counts(part: Record) -> list[int]:
    return [part[name] for name in ("seats", "handed_in", "stale", "missing", "late")]


async def test_counts_are_of_the_whole_part_below(world: World) -> None:
    top, director, manager, anna = await world.line(4)
    bo, chris = await world.person(manager), await world.person(director)
    deadlines = [{"level": 1, "at": PAST}, {"level": 2, "at": FUTURE}]
    cycle = await world.cycle(top, deadlines=deadlines)
    opportunity = await world.confirmed(anna, cycle)
    await world.submit(anna, cycle)

    levels = await world.levels(top, cycle)

    assert counts(levels[top.id]["below"]) == [5, 1, 0, 4, 2], "bo and chris are late; manager and director not yet"
    assert counts(levels[director.id]["below"]) == [4, 1, 0, 3, 2]
    assert counts(levels[manager.id]["below"]) == [2, 1, 0, 1, 1]
    assert counts(levels[anna.id]["below"]) == [0] * 5
    seen_by_manager = await world.levels(manager, cycle)
    assert counts(seen_by_manager[manager.id]["below"]) == [2, 1, 0, 1, 1]

    whole = await progress(top, cycle, levels[top.id]["seat_id"])
    assert counts(whole) == counts(levels[top.id]["below"])
    assert [(each["level"], *counts(each)) for each in whole["levels"]] == [
        (3, 1, 0, 0, 1, 0),
        (2, 1, 0, 0, 1, 0),
        (1, 3, 1, 0, 2, 2),
    ]
    assert whole["levels"][2]["due_at"] == PAST
    assert counts(await progress(top, cycle)) == [6, 1, 0, 5, 2], "with oneself"

    world.peers.change(opportunity, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    assert counts(await progress(top, cycle)) == [6, 1, 1, 5, 2]
    assert {bo.id, chris.id} <= set(await missing(top, cycle, "is_late=true"))


async def test_the_missing_are_listed_with_how_late_they_are(world: World) -> None:
    top, manager, anna = await world.line(3)
    bo, chris = await world.person(manager), await world.person(manager)
    cycle = await world.cycle(top, deadlines=[{"level": 1, "at": PAST}])
    returned = await world.submit(bo, cycle)
    await world.decide(manager, returned, "returns")
    await world.gather(chris, cycle)
    levels = await world.levels(top, cycle)
    below = f"below_seat_id={levels[manager.id]['seat_id']}"

    found = await missing(top, cycle, below)

    assert {who: each["state"] for who, each in found.items()} == {
        anna.id: "missing",
        bo.id: "returned",
        chris.id: "draft",
    }
    assert all(each["is_late"] and each["late_seconds"] > 0 for each in found.values())
    assert levels[bo.id]["is_late"], "sent back, it has not been handed in"
    whole = await missing(top, cycle)
    assert (whole[top.id]["is_late"], whole[top.id]["late_seconds"], whole[top.id]["due_at"]) == (False, None, None)
    assert set(await missing(top, cycle, f"{below}&state=returned")) == {bo.id}
    assert set(await missing(top, cycle, f"superior_seat_id={levels[top.id]['seat_id']}")) == {manager.id}
    assert set(await missing(top, cycle, "is_late=false")) == {top.id, manager.id}
    assert set(await missing(top, cycle, "level=2")) == {manager.id}
    await world.submit(bo, cycle)
    assert set(await missing(top, cycle, below)) == {anna.id, chris.id}


async def test_the_missing_are_paged(world: World) -> None:
    top = await world.person()
    people = {top.id, *[(await world.person(top)).id for _ in range(5)]}
    cycle = await world.cycle(top)
    path = f"/v1/forecast-cycles/{cycle['id']}/missing-forecasts?limit=2&sort=-level&total=true"
    page = await top.done("GET", path)
    assert (page["total"], page["items"][0]["person_id"]) == ("6", top.id)
    found = [each["person_id"] for each in page["items"]]
    while page["next"]:
        page = await top.done("GET", f"{path}&cursor={page['next']}")
        found += [each["person_id"] for each in page["items"]]
    assert (len(found), set(found)) == (6, people)


async def test_nobody_sees_who_is_missing_elsewhere(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, stranger = await world.person(manager), await world.person()
    cycle = await world.cycle(top)
    assert set(await missing(peer, cycle)) == {peer.id}
    assert await missing(stranger, cycle) == {}
    assert counts(await progress(stranger, cycle)) == [0] * 5
    seat_id = (await world.levels(top, cycle))[seller.id]["seat_id"]
    for hidden in (f"missing-forecasts?below_seat_id={seat_id}", f"progress?seat_id={seat_id}"):
        assert (await peer.get(f"/v1/forecast-cycles/{cycle['id']}/{hidden}")).status_code == 404
    operations = await world.operations()
    draft = await operations.done(
        "POST",
        "/v1/forecast-cycles",
        {"name": "not yet", "period": {"kind": "month", "start": "2026-11-01"}, "currency": "USD"},
    )
    for path in ("missing-forecasts", "progress"):
        refused = await operations.get(f"/v1/forecast-cycles/{draft['id']}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (409, "cycle_not_open")
