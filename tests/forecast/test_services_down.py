"""What a cycle rests on goes down in the middle and comes back: who asked is told, nothing is lost or doubled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx

from tests.forecast.world import Record, World
from tests.house import Client
from tests.make import word

PATIENCE_SECONDS = 20


@contextmanager
def down(world: World, peer: str) -> Iterator[None]:
    world.peers.down.add(peer)
    try:
        yield
    finally:
        world.peers.down.discard(peer)


async def until_back(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask again while the peer is not asked: its breaker lets a request through once in a while."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (answer := await ask()).status_code == 503:  # noqa: ASYNC110 (a breaker)
            await asyncio.sleep(0.05)
    return answer


def told(answer: httpx.Response) -> tuple[int, str | None, bool]:
    """Return what a program goes by: the status, who does not answer, and whether it says when to try again."""
    return answer.status_code, answer.json().get("peer"), "retry-after" in answer.headers


async def test_opportunity_goes_down_while_everybody_confirms(world: World) -> None:
    top, manager = await world.line(2)
    sellers = [await world.person(manager) for _ in range(4)]
    cycle = await world.cycle(top)
    mine: list[tuple[Client, Record, str]] = [
        (seller, world.peers.add_opportunity(seller.person_id, amount="10.01"), word())
        for seller in sellers
        for _ in range(5)
    ]

    async def confirm(seller: Client, opportunity: Record, key: str) -> httpx.Response:
        body = {"opportunity_id": opportunity["id"], "opportunity_version": 1, "category": "commit"}
        return await seller.post(f"/v1/forecast-cycles/{cycle['id']}/confirmations", body, key=key)

    before, after = mine[:8], mine[8:]
    done = await asyncio.gather(*[confirm(*each) for each in before])
    with down(world, "opportunity"):
        refused = await asyncio.gather(*[confirm(*each) for each in after])
    assert {answer.status_code for answer in done} == {201}
    assert {told(answer) for answer in refused} == {(503, "opportunity", True)}

    again = await asyncio.gather(*[until_back(lambda each=each: confirm(*each)) for each in mine])  # type: ignore[misc]
    assert {answer.status_code for answer in again} == {201}
    assert [each.json()["id"] for each in again[:8]] == [each.json()["id"] for each in done]
    for seller in sellers:
        await world.submit(seller, cycle)
    submitted = await world.submit(manager, cycle)
    assert (submitted["result"], submitted["missing"]) == ("200.20", 0)


async def test_team_goes_down_while_people_submit(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "70.00")
    draft = await world.gather(seller, cycle)
    path, key = f"/v1/forecasts/{draft['id']}/submissions", word()
    with down(world, "team"):
        submitted = await seller.post(path, key=key)
        newcomer = await world.person(manager)
        refused = await newcomer.post(f"/v1/forecast-cycles/{cycle['id']}/forecasts")
        repeated = await seller.post(path, key=key)
        gathered = await manager.post(f"/v1/forecast-cycles/{cycle['id']}/forecasts")
    assert told(refused) == (503, "team", True), "who came after the copy was made is not known yet"
    assert (submitted.status_code, submitted.json()["state"]) == (201, "submitted")
    assert repeated.json()["id"] == submitted.json()["id"]
    assert gathered.json()["gathered"] == "70.00"

    assert (await until_back(lambda: newcomer.get(f"/v1/forecasts?cycle_id={cycle['id']}"))).status_code == 200
    seat = {"person_id": newcomer.id, "superior_id": manager.id, "reason": "joined in November"}
    await top.done("POST", f"/v1/forecast-cycles/{cycle['id']}/seats", seat)
    assert (await world.submit(newcomer, cycle))["result"] == "0.00"
    assert (await world.submit(manager, cycle))["result"] == "70.00"
    assert [each["revision"] for each in await revisions(seller, cycle)] == [1]


async def revisions(person: Client, cycle: Record) -> list[Record]:
    """Return every revision of somebody's forecast."""
    found: list[Record] = (await person.done("GET", f"/v1/forecasts?cycle_id={cycle['id']}"))["items"]
    return found
