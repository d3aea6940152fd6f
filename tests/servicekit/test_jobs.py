"""Jobs: taken in with their key, done chunk by chunk, each once, whatever is cut off and whoever is in the way."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from servicekit.data.transactions import Writing
from servicekit.jobs.turns import Turn, TurnLost
from servicekit.values.leases import Leases
from servicekit.web.service import Service
from tests.conftest import Template
from tests.make import word
from tests.servicekit import conftest
from tests.servicekit.conftest import Walls, open_walls

LATER = {"prefer": "respond-async"}
LINES = {"content-type": "application/jsonl"}


def items_of(count: int) -> list[dict[str, Any]]:
    return [{"name": word()} for _ in range(count)]


def as_lines(items: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(item) + b"\n" for item in items)


@pytest.fixture(scope="module")
async def walls(template: Template) -> AsyncIterator[Walls]:
    """Return walls in which no other test's jobs are due."""
    async with open_walls(template) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def _nothing_is_due(walls: Walls) -> None:
    await owner_sql(walls, "DELETE FROM job")


async def begin(walls: Walls, items: list[dict[str, Any]], key: str | None = None) -> httpx.Response:
    headers = LINES | ({"idempotency-key": key} if key else {})
    return await walls.client.post("/v1/shelves/batches", content=as_lines(items), headers=headers)


async def job_of(walls: Walls, answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = (await walls.client.get(answer.headers["location"])).json()
    return found


async def outcomes(walls: Walls, answer: httpx.Response) -> list[dict[str, Any]]:
    told = await walls.client.get(f"{answer.headers['location']}/result")
    assert told.status_code == 200, told.text
    return [json.loads(line) for line in told.text.splitlines()]


async def owner_sql(walls: Walls, statement: str, *values: Any) -> Any:
    owner = await asyncpg.connect(walls.owner_url)
    try:
        return await owner.fetch(statement, *values)
    finally:
        await owner.close()


async def made_of(walls: Walls, items: list[dict[str, Any]]) -> int:
    """Return how many shelves there are of those sent; the name is unique, so none is there twice."""
    sent = [item["name"] for item in items]
    return int((await owner_sql(walls, "SELECT count(*) FROM shelf WHERE name = ANY($1)", sent))[0][0])


async def test_a_batch_becomes_a_job_when_asked(walls: Walls) -> None:
    items = items_of(700)
    items[3] = {"name": "", "boxes": 1}
    items[60] = items[59]
    answer = await walls.client.post("/v1/shelves/batches", json={"items": items}, headers=LATER)
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
    assert answer.json()["state"] == "queued"
    assert (await walls.client.get(f"{answer.headers['location']}/result")).json()["code"] == "job_not_finished"
    await walls.work()
    job = await job_of(walls, answer)
    assert (job["state"], job["progress"]) == ("succeeded", {"done": 700, "total": 700})
    assert job["counts"] == {"created": 698, "rejected": 2}
    told = await outcomes(walls, answer)
    assert [one["index"] for one in told] == list(range(700))
    assert [one["problem"]["code"] for one in told if one["outcome"] == "rejected"] == ["item_malformed", "name_taken"]
    assert await made_of(walls, items) == 698


async def test_whoever_watches_the_service_sees_what_waits(walls: Walls) -> None:
    assert 'keyaccount_jobs{state="queued"} 0.0' in (await walls.client.get("/metrics")).text
    first = await begin(walls, items_of(2))
    await begin(walls, items_of(2))
    shown = (await walls.client.get("/metrics")).text
    assert 'keyaccount_jobs{state="queued"} 2.0' in shown
    assert "keyaccount_job_oldest_queued_seconds 0.0\n" not in shown
    await walls.client.post(f"{first.headers['location']}/cancel")
    assert 'keyaccount_jobs{state="queued"} 1.0' in (await walls.client.get("/metrics")).text


async def test_jobs_run_in_chunks_that_commit_with_their_progress(walls: Walls, monkeypatch: Any) -> None:
    """Cut at every commit, before it and after it: each item is done once all the same."""
    items = items_of(170)
    answer = await begin(walls, items)
    finish, chance = Writing.finish, random.Random(7)  # noqa: S311 - the same every time

    async def cut(self: Writing, kept: Any = None) -> bool:
        fate = chance.randrange(3)
        if fate == 0:
            raise ConnectionResetError("before the commit")
        done = await finish(self, kept)
        if fate == 1:
            raise ConnectionResetError("after the commit")
        return done

    monkeypatch.setattr(Writing, "finish", cut)
    for _ in range(60):
        with suppress(ConnectionResetError):
            await walls.work()
        await owner_sql(walls, "UPDATE job SET due_at = now() WHERE due_at IS NOT NULL")
        if (await job_of(walls, answer))["state"] not in {"queued", "running"}:
            break
    monkeypatch.undo()
    job = await job_of(walls, answer)
    assert (job["state"], job["counts"]) == ("succeeded", {"created": 170}), job
    assert await made_of(walls, items) == 170
    assert [one["index"] for one in await outcomes(walls, answer)] == list(range(170))


async def test_the_job_stands_and_falls_with_its_key(walls: Walls, monkeypatch: Any) -> None:
    items, key = items_of(60), word()
    answers = await asyncio.gather(*[begin(walls, items, key) for _ in range(6)])
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await owner_sql(walls, "SELECT FROM job")) == 1
    other = await begin(walls, items_of(1), key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    async def cut(self: Writing, kept: Any = None) -> bool:
        raise ConnectionResetError("cut")

    monkeypatch.setattr(Writing, "finish", cut)
    assert (await begin(walls, items, word())).status_code == 503
    monkeypatch.undo()
    assert len(await owner_sql(walls, "SELECT FROM job")) == 1
    await walls.work()
    replayed = await begin(walls, items, key)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert replayed.json() == answers[0].json()
    assert await made_of(walls, items) == 60


async def test_several_workers_do_each_item_once(walls: Walls) -> None:
    everything = [items_of(120) for _ in range(5)]
    answers = [await begin(walls, items) for items in everything]
    await asyncio.gather(*[walls.work() for _ in range(4)])
    for answer in answers:
        assert (await job_of(walls, answer))["counts"] == {"created": 120}
    assert await made_of(walls, [item for items in everything for item in items]) == 600


async def test_who_has_lost_the_lease_commits_nothing(walls: Walls, monkeypatch: Any) -> None:
    """A worker that stood still is overtaken; what it does when it wakes is rolled back."""
    items = items_of(120)
    answer = await begin(walls, items)
    advance, woken, asleep = Turn.advance, asyncio.Event(), asyncio.Event()

    async def sleep(self: Turn, tx: Writing, progress: Any) -> None:
        if not asleep.is_set():
            asleep.set()
            await woken.wait()
        await advance(self, tx, progress)

    monkeypatch.setattr(Turn, "advance", sleep)
    slow = asyncio.create_task(walls.work())
    await asleep.wait()
    await walls.work()
    assert (await job_of(walls, answer))["progress"]["done"] == 0
    await owner_sql(walls, "UPDATE job SET due_at = now(), lease = NULL")
    woken.set()
    await slow
    await walls.work()
    assert (await job_of(walls, answer))["counts"] == {"created": 120}
    assert await made_of(walls, items) == 120


async def test_who_starts_in_a_dead_ones_place_goes_on_at_once(walls: Walls, monkeypatch: Any) -> None:
    service: Service = walls.app.state.service
    items, jobs = items_of(120), service.jobs
    answer = await begin(walls, items)
    monkeypatch.setattr(service.database, "leases", Leases("first"))
    dead = await jobs._take()
    assert dead is not None
    for name, done in (("second", 0), ("", 0), ("first", 120)):
        monkeypatch.setattr(service.database, "leases", Leases(name))
        await jobs.take_over()
        await walls.work()
        assert (await job_of(walls, answer))["progress"]["done"] == done
    with pytest.raises(TurnLost):  # it was not dead after all
        await dead.hold()
    assert await made_of(walls, items) == 120


async def test_cancelling_keeps_what_was_done_and_does_nothing_more(walls: Walls, monkeypatch: Any) -> None:
    items = items_of(170)
    answer = await begin(walls, items)
    location = answer.headers["location"]
    advance = Turn.advance

    async def cancelled_meanwhile(self: Turn, tx: Writing, progress: Any) -> None:
        if self.job.chunk == 2:
            assert (await walls.client.post(f"{location}/cancel")).json()["state"] == "cancelled"
        await advance(self, tx, progress)

    monkeypatch.setattr(Turn, "advance", cancelled_meanwhile)
    await walls.work()
    monkeypatch.undo()
    job = await job_of(walls, answer)
    assert (job["state"], job["progress"]) == ("cancelled", {"done": 100, "total": 170})
    assert await made_of(walls, items) == 100
    assert len(await outcomes(walls, answer)) == 100
    assert (await walls.client.post(f"{location}/cancel")).status_code == 200

    assert (await walls.client.post(f"{location}/resume")).json()["state"] == "queued"
    await walls.work()
    assert (await job_of(walls, answer))["counts"] == {"created": 170}
    assert await made_of(walls, items) == 170
    for step in ("cancel", "resume"):
        late = await walls.client.post(f"{location}/{step}")
        assert (late.status_code, late.json()["code"]) == (409, "job_finished")
    told = [
        (event["type"], event["data"]["state"]) for event in (await feed(walls)) if location.endswith(event["subject"])
    ]
    assert told == [("job.finished", "cancelled"), ("job.finished", "succeeded")]


async def feed(walls: Walls) -> list[dict[str, Any]]:
    service: Service = walls.app.state.service
    while await service.relay.step():
        pass
    events: list[dict[str, Any]] = []
    while page := (await walls.client.get(f"/v1/team/events?limit=1000&after={len(events)}")).json()["items"]:
        events += page
    return events


async def test_a_bug_fails_the_job_without_a_word_of_its_inside(walls: Walls, monkeypatch: Any) -> None:
    answer = await begin(walls, items_of(120))
    calls = 0

    async def broken(tx: Writing, body: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 60:
            raise ZeroDivisionError("secret inside")
        return await add(tx, body)

    add = conftest.add
    monkeypatch.setattr(conftest, "add", broken)
    await walls.work()
    monkeypatch.undo()
    job = await job_of(walls, answer)
    assert (job["state"], job["progress"]["done"]) == ("failed", 50)
    assert (job["problem"]["code"], job["problem"]["status"]) == ("internal_error", 500)
    assert "secret" not in json.dumps(job)
    await walls.client.post(f"{answer.headers['location']}/resume")
    await walls.work()
    assert (await job_of(walls, answer))["counts"] == {"created": 120}


async def test_who_is_in_the_way_is_waited_for(walls: Walls, monkeypatch: Any) -> None:
    items = items_of(3)
    answer = await begin(walls, items)
    monkeypatch.setattr("servicekit.data.actors.LOCK_TIMEOUT", "100ms")
    service: Service = walls.app.state.service
    async with service.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT set_config('keyaccount.actor', 'service:team', true)")
        await connection.execute("INSERT INTO shelf VALUES (gen_random_uuid(), 1, $1, 1)", items[1]["name"])
        await walls.work()
        assert (await job_of(walls, answer))["state"] == "running"
        await transaction.rollback()
    await owner_sql(walls, "UPDATE job SET due_at = now()")
    await walls.work()
    assert (await job_of(walls, answer))["counts"] == {"created": 3}


async def test_a_chunk_that_kills_its_process_is_given_up(walls: Walls) -> None:
    answer = await begin(walls, items_of(3))
    await owner_sql(walls, "UPDATE job SET attempts = 12")
    await walls.work()
    job = await job_of(walls, answer)
    assert (job["state"], job["problem"]["code"]) == ("failed", "internal_error")


@pytest.mark.parametrize(
    ("content", "headers", "pointer"),
    [
        (b'{"name": "a"}\n{"name": ', LINES, "/items/1"),
        (b'{"name": "a"}\n[1]\n', LINES, "/items/1"),
        (b"\n\n", LINES, "/items"),
        (b"\xff\xfe\n", LINES, "/items/0"),
        (b'{"items": [{"name": "a"}], "atomic": true}', LATER, "/atomic"),
        (b'{"items": [{"name": "a"}], "dry": 1}', LATER, "/dry"),
        (b'{"items": {}}', LATER, "/items"),
        (b"[]", LATER, "/items"),
        (b"{", LATER, ""),
    ],
)
async def test_what_cannot_be_taken_apart_is_refused_as_a_whole(
    walls: Walls, content: bytes, headers: dict[str, str], pointer: str
) -> None:
    before = await owner_sql(walls, "SELECT count(*) FROM job")
    given = {"content-type": "application/json", "idempotency-key": word()} | headers
    answer = await walls.client.post("/v1/shelves/batches", content=content, headers=given)
    assert answer.status_code == 400, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert await owner_sql(walls, "SELECT count(*) FROM job") == before


async def test_other_forms_are_refused(walls: Walls) -> None:
    answer = await walls.client.post(
        "/v1/shelves/batches", content=b"<name/>", headers=LATER | {"content-type": "text/xml"}
    )
    assert answer.status_code == 415


async def test_more_items_than_a_job_takes_are_refused(walls: Walls, monkeypatch: Any) -> None:
    monkeypatch.setattr("servicekit.web.jobs.items.MOST_ITEMS", 99)
    answer = await begin(walls, items_of(100))
    assert (answer.status_code, answer.json()["code"]) == (400, "import_malformed")


async def test_jobs_are_listed_page_by_page(walls: Walls) -> None:
    locations = [(await begin(walls, items_of(1))).headers["location"] for _ in range(5)]
    await walls.work()
    page = (await walls.client.get("/v1/team/jobs?limit=3&state=succeeded&total=true")).json()
    rest = (await walls.client.get(f"/v1/team/jobs?limit=3&state=succeeded&total=true&cursor={page['next']}")).json()
    listed = [f"/v1/team/jobs/{job['id']}" for job in page["items"] + rest["items"]]
    assert (listed, rest["next"], page["total"]) == (locations[::-1], None, "5")
    assert (await walls.client.get("/v1/team/jobs?state=failed")).json()["items"] == []


async def test_what_is_old_is_forgotten(walls: Walls) -> None:
    old, older, young = [await begin(walls, items_of(1)) for _ in range(3)]
    await walls.work()
    for answer, days in ((old, 8), (older, 31)):
        job_id = answer.headers["location"].rpartition("/")[2]
        statement = "UPDATE job SET finished_at = now() - make_interval(days => $2) WHERE id = $1"
        await owner_sql(walls, statement, job_id, days)
    service: Service = walls.app.state.service
    await service.jobs.forget()
    assert len(await outcomes(walls, young)) == 1
    assert (await job_of(walls, old))["state"] == "succeeded"
    gone = await walls.client.get(f"{old.headers['location']}/result")
    assert (gone.status_code, gone.json()["code"]) == (404, "result_forgotten")
    assert (await walls.client.get(older.headers["location"])).status_code == 404
    assert [row[0] for row in await owner_sql(walls, "SELECT DISTINCT job_id::text FROM job_part")] == [
        young.headers["location"].rpartition("/")[2]
    ]


async def test_the_trail_tells_who_had_what_done(walls: Walls) -> None:
    answer = await begin(walls, items_of(60))
    await walls.work()
    job_id = answer.headers["location"].rpartition("/")[2]
    rows = await owner_sql(
        walls, "SELECT DISTINCT actor, request_id FROM audit WHERE request_id = $1", answer.headers["trace-id"]
    )
    assert [tuple(row) for row in rows] == [("00000000-0000-7000-8000-000000000001", answer.headers["trace-id"])]
    states = await owner_sql(
        walls, "SELECT after ->> 'state' FROM audit WHERE aggregate_id = $1 ORDER BY sequence", job_id
    )
    assert [row[0] for row in states] == ["queued", "running", "succeeded"]
