"""The feed: every committed event once, none that was rolled back, in order per aggregate."""

import asyncio
from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from servicekit.data.transactions import Writing, writing
from servicekit.data.violations import Busy
from servicekit.events.consumers import Consumer, Consuming, Event
from servicekit.events.relay import Relay
from servicekit.values.errors import RuleViolated
from servicekit.values.ids import new_id
from servicekit.web.application import _kept_running
from servicekit.web.service import Service
from tests.make import word
from tests.servicekit.conftest import LOCK, Walls


async def feed_after(walls: Walls, position: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = (await walls.client.get("/v1/team/events", params={"after": position, "limit": 1000})).json()
        if not page["items"]:
            return items
        items += page["items"]
        position = page["next_after"]


async def drained(service: Service) -> int:
    while await service.relay.step():
        pass
    last = await service.database.pool.fetchval("SELECT last_position FROM relay")
    return int(last)


async def test_nothing_is_lost_doubled_or_out_of_order_while_many_write(walls: Walls) -> None:
    service: Service = walls.app.state.service
    before = await drained(service)
    aggregates = [new_id() for _ in range(6)]
    locks = {aggregate: asyncio.Lock() for aggregate in aggregates}
    counts: dict[UUID, int] = defaultdict(int)
    relays = [Relay(service.database), Relay(service.database)]
    writing_ends = asyncio.Event()

    async def write(number: int) -> None:
        aggregate = aggregates[number % len(aggregates)]
        async with locks[aggregate], writing(service.database) as tx:
            counts[aggregate] += 1
            tx.publish("thing.happened", aggregate, {"count": counts[aggregate]})

    async def write_all() -> None:
        for start in range(0, 300, 8):
            await asyncio.gather(*[write(start + offset) for offset in range(8)])
        writing_ends.set()

    async def move(relay: Relay) -> None:
        while not writing_ends.is_set() or await relay.step():
            await relay.step()

    await asyncio.gather(write_all(), *[move(relay) for relay in relays])
    events = await feed_after(walls, before)
    assert [event["position"] for event in events] == list(range(before + 1, before + 1 + len(events)))
    seen: dict[str, list[int]] = defaultdict(list)
    for event in events:
        seen[event["subject"]].append(event["data"]["count"])
    assert seen == {str(aggregate): list(range(1, counts[aggregate] + 1)) for aggregate in aggregates}


async def test_what_is_rolled_back_is_never_told(walls: Walls) -> None:
    service: Service = walls.app.state.service
    before = await drained(service)

    async def publish_and_fail() -> None:
        async with writing(service.database) as tx:
            tx.publish("thing.happened", new_id(), {})
            raise RuleViolated("no")

    with pytest.raises(RuleViolated):
        await publish_and_fail()
    refused = await walls.post("/v1/shelves", {"name": word(), "boxes": 101})
    assert refused.status_code == 422
    await drained(service)
    assert await feed_after(walls, before) == []


async def test_each_event_is_applied_once_also_after_a_failure(walls: Walls) -> None:
    service: Service = walls.app.state.service
    before = await drained(service)
    names = [word() for _ in range(5)]
    for name in names:
        await walls.post("/v1/shelves", {"name": name})
    await drained(service)
    applied: list[str] = []
    fails = iter([True, False])

    class OwnFeed:
        async def follow(self, path: str, params: dict[str, Any], **_: Any) -> Any:
            given = {**params, "after": max(params["after"], before)}
            return (await walls.client.get(path, params=given)).json()

    async def apply(tx: Any, event: Event) -> None:
        connection = await tx.raw_connection()
        await connection.execute("INSERT INTO consumer_cursor VALUES ($1, 1)", f"applied {event.data['name']}")
        if event.data["name"] == names[3] and next(fails, False):
            raise RuleViolated("the first time it fails")
        applied.append(event.data["name"])

    consuming = Consuming(service.database, OwnFeed(), Consumer("team", {"shelf.added": apply}))  # type: ignore[arg-type]
    with pytest.raises(RuleViolated):
        await consuming.step()
    assert consuming.stuck_on is not None
    applied.clear()
    assert await consuming.step() == 5
    assert applied == names
    assert await consuming.step() == 0


async def test_two_processes_of_a_service_apply_each_event_once(walls: Walls) -> None:
    service: Service = walls.app.state.service
    before = await drained(service)
    for _ in range(30):
        await walls.post("/v1/shelves", {"name": word()})
    await drained(service)
    applied: list[UUID] = []

    class OwnFeed:
        async def follow(self, path: str, params: dict[str, Any], **_: Any) -> Any:
            given = {**params, "after": max(params["after"], before), "limit": 7}
            return (await walls.client.get(path, params=given)).json()

    async def apply(_: Any, event: Event) -> None:
        applied.append(event.id)

    consumers = [
        Consuming(service.database, OwnFeed(), Consumer("team", {"shelf.added": apply}))  # type: ignore[arg-type]
        for _ in range(3)
    ]
    await service.database.pool.execute("DELETE FROM consumer_cursor")
    while sum(await asyncio.gather(*[consuming.step() for consuming in consumers])):
        pass
    assert len(applied) == len(set(applied)) == 30


async def test_a_consumer_never_makes_a_person_the_victim_of_a_deadlock(walls: Walls) -> None:
    """It has locked the first shelf and needs the second; somebody has the second and needs the first."""
    service: Service = walls.app.state.service
    before = await drained(service)
    for _ in range(2):
        await walls.post("/v1/shelves", {"name": word()})
    await drained(service)
    applied: list[UUID] = []
    both = asyncio.Barrier(2)
    met: list[bool] = []

    class OwnFeed:
        async def follow(self, path: str, params: dict[str, Any], **_: Any) -> Any:
            return (await walls.client.get(path, params={**params, "after": max(params["after"], before)})).json()

    async def apply(tx: Writing, event: Event) -> None:
        if applied and not met:
            met.append(True)
            await both.wait()
        await tx.first(LOCK, id=event.aggregate_id)
        applied.append(event.aggregate_id)

    async def somebody() -> None:
        shelves = (await walls.client.get(f"/v1/team/events?after={before}")).json()["items"]
        async with writing(service.database) as tx:
            await tx.first(LOCK, id=UUID(shelves[1]["subject"]))
            await both.wait()
            await tx.first(LOCK, id=UUID(shelves[0]["subject"]))

    await service.database.pool.execute("DELETE FROM consumer_cursor")
    consuming = Consuming(service.database, OwnFeed(), Consumer("team", {"shelf.added": apply}))  # type: ignore[arg-type]
    passed, _ = await asyncio.gather(consuming.step(), somebody())
    assert passed == 2
    assert await consuming.step() == 0
    assert len(applied[1:]) == len(set(applied[1:])) == 2


async def test_a_fold_that_fails_keeps_no_event_back(walls: Walls) -> None:
    """Busy is no error of PostgreSQL any more when it reaches the relay."""
    service: Service = walls.app.state.service
    before = await drained(service)
    fails = iter([Busy(), TypeError("a bug"), asyncpg.InterfaceError("connection is closed")])

    async def fold(_: Any) -> None:
        error = next(fails, None)
        if error is not None:
            raise error

    running = asyncio.create_task(Relay(service.database, [fold]).run())
    try:
        async with asyncio.timeout(10):
            for number in range(1, 5):
                await walls.post("/v1/shelves", {"name": word()})
                while len(await feed_after(walls, before)) < number:  # noqa: ASYNC110 (a feed, not an event)
                    await asyncio.sleep(0.02)
        assert not running.done()
    finally:
        running.cancel()


async def test_a_consumer_outlives_a_bug_in_its_handler(walls: Walls, monkeypatch: Any) -> None:
    service: Service = walls.app.state.service
    monkeypatch.setattr("servicekit.events.consumers.RETRY_SECONDS", (0.01,))
    before = await drained(service)
    await walls.post("/v1/shelves", {"name": word()})
    await drained(service)
    fails, applied = iter([TypeError("a bug")]), asyncio.Event()

    class OwnFeed:
        async def follow(self, path: str, params: dict[str, Any], **_: Any) -> Any:
            given = {**params, "after": max(params["after"], before), "wait": 0.1}
            return (await walls.client.get(path, params=given)).json()

    async def apply(_: Any, __: Event) -> None:
        error = next(fails, None)
        if error is not None:
            raise error
        applied.set()

    await service.database.pool.execute("DELETE FROM consumer_cursor")
    consuming = Consuming(service.database, OwnFeed(), Consumer("team", {"shelf.added": apply}))  # type: ignore[arg-type]
    running = asyncio.create_task(consuming.run())
    try:
        await asyncio.wait_for(applied.wait(), 10)
    finally:
        running.cancel()


async def test_a_job_that_fails_is_begun_again(monkeypatch: Any) -> None:
    monkeypatch.setattr("servicekit.web.application.BEGUN_AGAIN_AFTER_SECONDS", 0)
    begun = 0

    async def job() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise TypeError("a bug")

    await asyncio.wait_for(_kept_running(job), 5)
    assert begun == 3
