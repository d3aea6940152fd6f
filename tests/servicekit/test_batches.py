"""Batches: each item once, whatever is cut off, whoever is in the way; refusals are remembered."""

import asyncio
from typing import Any

import pytest

from servicekit.data.transactions import Writing
from servicekit.web.service import Service
from tests.make import word
from tests.servicekit.conftest import PERSON, Walls


def items_of(count: int) -> list[dict[str, Any]]:
    return [{"name": word()} for _ in range(count)]


async def refusals(walls: Walls) -> list[str]:
    params: dict[str, str | int] = {"aggregate": "shelf", "aggregate_id": str(PERSON), "limit": 500}
    trail = (await walls.client.get("/v1/team/audit", params=params)).json()["items"]
    return [entry["after"]["attempted"]["name"] for entry in trail]


async def test_a_batch_that_was_cut_off_continues_where_it_was(walls: Walls, monkeypatch: Any) -> None:
    items, key = items_of(120), word()
    finish, finished = Writing.finish, 0

    async def finish_twice(self: Writing, answer: Any = None) -> bool:
        nonlocal finished
        finished += 1
        if finished == 3:
            raise ConnectionResetError("cut")
        return await finish(self, answer)

    monkeypatch.setattr(Writing, "finish", finish_twice)
    assert (await walls.post("/v1/shelves/batches", {"items": items}, key=key)).status_code == 503
    monkeypatch.undo()
    again = await walls.post("/v1/shelves/batches", {"items": items}, key=key)
    assert {item["outcome"] for item in again.json()["items"]} == {"created"}
    assert len({item["id"] for item in again.json()["items"]}) == 120


async def test_many_at_once_with_one_key_do_each_item_once(walls: Walls) -> None:
    items, key = items_of(60), word()
    answers = await asyncio.gather(*[walls.post("/v1/shelves/batches", {"items": items}, key=key) for _ in range(6)])
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)


async def test_a_key_is_for_one_batch(walls: Walls) -> None:
    key = word()
    await walls.post("/v1/shelves/batches", {"items": items_of(2)}, key=key)
    other = await walls.post("/v1/shelves/batches", {"items": items_of(2)}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("atomic", [False, True])
async def test_who_is_in_the_way_is_not_remembered_as_a_refusal(
    walls: Walls, monkeypatch: Any, *, atomic: bool
) -> None:
    service: Service = walls.app.state.service
    body, key = {"items": items_of(3), "atomic": atomic}, word()
    monkeypatch.setattr("servicekit.data.actors.LOCK_TIMEOUT", "100ms")
    async with service.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT set_config('keyaccount.actor', 'service:team', true)")
        name = body["items"][1]["name"]  # type: ignore[index]
        await connection.execute("INSERT INTO shelf VALUES (gen_random_uuid(), 1, $1, 1)", name)
        busy = await walls.post("/v1/shelves/batches", body, key=key)
        unkeyed = await walls.post("/v1/shelves/batches", body)
        await transaction.rollback()
    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (409, "busy", "1")
    if not atomic:
        assert [item["problem"]["code"] for item in unkeyed.json()["items"]] == ["busy"] * 3
    again = await walls.post("/v1/shelves/batches", body, key=key)
    assert [item["outcome"] for item in again.json()["items"]] == ["created"] * 3


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_refusal_of_an_item_is_remembered_once(walls: Walls, *, atomic: bool) -> None:
    name, key = f"yours {word()}", word()
    body = {"items": [*items_of(1), {"name": name}], "atomic": atomic}
    answer = await walls.post("/v1/shelves/batches", body, key=key)
    assert answer.status_code == (422 if atomic else 200)
    assert answer.json()["items"][-1]["problem"]["code"] == "not_yours"
    assert (await refusals(walls)).count(name) == 1
    if not atomic:
        await walls.post("/v1/shelves/batches", body, key=key)
        assert (await refusals(walls)).count(name) == 1
