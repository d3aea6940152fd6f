"""The router: an effect and its answer stand or fall together."""

import asyncio
from typing import Any

import asyncpg
import pytest

from servicekit.data.transactions import Writing
from tests.make import word
from tests.servicekit.conftest import PERSON, Walls


async def names_like(walls: Walls, name: str) -> int:
    answer = await walls.client.get("/v1/shelves", params={"limit": 500})
    return sum(1 for item in answer.json()["items"] if item["name"] == name)


async def audit_of(walls: Walls, shelf_id: str) -> list[dict[str, Any]]:
    answer = await walls.client.get("/v1/team/audit", params={"aggregate": "shelf", "aggregate_id": shelf_id})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_version_is_the_etag(walls: Walls) -> None:
    made = await walls.post("/v1/shelves", {"name": word()})
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    assert made.json()["version"] == 1
    assert len(made.headers["trace-id"]) == 32


async def test_a_repeated_key_answers_the_first_answer_again(walls: Walls) -> None:
    name = word()
    first = await walls.post("/v1/shelves", {"name": name}, key=name)
    again = await walls.post("/v1/shelves", {"name": name}, key=name)
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), first.headers["etag"])
    assert again.headers["idempotent-replayed"] == "true"
    assert await names_like(walls, name) == 1


async def test_a_key_is_for_one_request(walls: Walls) -> None:
    key = word()
    await walls.post("/v1/shelves", {"name": word()}, key=key)
    other = await walls.post("/v1/shelves", {"name": word()}, key=key)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


async def test_what_failed_is_not_kept(walls: Walls) -> None:
    key, name = word(), word()
    refused = await walls.post("/v1/shelves", {"name": name, "boxes": 101}, key=key)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/boxes"
    assert (await walls.post("/v1/shelves", {"name": name, "boxes": 1}, key=key)).status_code == 201


async def test_many_at_once_with_one_key_do_it_once(walls: Walls) -> None:
    name = word()
    answers = await asyncio.gather(*[walls.post("/v1/shelves", {"name": name}, key=name) for _ in range(16)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_an_answer_that_never_came_is_there_when_asked_again(walls: Walls, monkeypatch: Any) -> None:
    """The connection is cut after the commit and before the answer."""
    name = word()
    finish = Writing.finish

    async def finish_and_fail(self: Writing, answer: Any = None) -> bool:
        await finish(self, answer)
        raise ConnectionResetError("cut")

    monkeypatch.setattr(Writing, "finish", finish_and_fail)
    lost = await walls.post("/v1/shelves", {"name": name}, key=name)
    assert lost.status_code == 503
    monkeypatch.undo()
    again = await walls.post("/v1/shelves", {"name": name}, key=name)
    assert again.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert await names_like(walls, name) == 1


async def test_what_was_cut_before_the_commit_was_not_done(walls: Walls, monkeypatch: Any) -> None:
    name = word()

    async def fail(_: Writing, __: Any = None) -> bool:
        raise ConnectionResetError("cut")

    monkeypatch.setattr(Writing, "finish", fail)
    assert (await walls.post("/v1/shelves", {"name": name}, key=name)).status_code == 503
    monkeypatch.undo()
    assert await names_like(walls, name) == 0
    assert (await walls.post("/v1/shelves", {"name": name}, key=name)).status_code == 201


async def test_a_violated_constraint_is_a_clear_answer(walls: Walls) -> None:
    name = word()
    await walls.post("/v1/shelves", {"name": name})
    taken = await walls.post("/v1/shelves", {"name": name})
    assert taken.status_code == 409
    assert taken.json()["code"] == "name_taken"
    assert taken.headers["content-type"] == "application/problem+json"


async def test_a_refusal_that_must_be_remembered_changes_nothing_else(walls: Walls) -> None:
    made = (await walls.post("/v1/shelves", {"name": word()})).json()
    refused = await walls.post(f"/v1/shelves/{made['id']}/takings")
    assert refused.status_code == 403
    trail = await audit_of(walls, made["id"])
    assert [entry["operation"] for entry in trail] == ["insert", "refused"]
    assert trail[1]["after"]["code"] == "not_yours"
    assert trail[1]["actor"] == str(PERSON)


async def test_changes_need_the_version_that_was_read(walls: Walls) -> None:
    made = (await walls.post("/v1/shelves", {"name": word()})).json()
    path = f"/v1/shelves/{made['id']}"
    assert (await walls.client.patch(path, json={"name": word()})).status_code == 428
    malformed = await walls.client.patch(path, json={"name": word()}, headers={"if-match": "seven"})
    assert malformed.status_code == 400
    assert malformed.json()["errors"][0]["pointer"] == "header:If-Match"
    stale = await walls.client.patch(path, json={"name": word()}, headers={"if-match": '"9"'})
    assert stale.status_code == 412
    assert stale.json()["current_version"] == 1
    done = await walls.client.patch(path, json={"name": word()}, headers={"if-match": made and '"1"'})
    assert done.headers["etag"] == '"2"'


async def test_of_many_changes_of_one_version_one_wins(walls: Walls) -> None:
    made = (await walls.post("/v1/shelves", {"name": word()})).json()
    answers = await asyncio.gather(
        *[
            walls.client.patch(f"/v1/shelves/{made['id']}", json={"name": word()}, headers={"if-match": '"1"'})
            for _ in range(12)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 11


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "colour": "red"}, "/colour"),
        ({"name": 7}, "/name"),
        ({"name": "x", "boxes": -1}, "/boxes"),
        ({"name": "x\x00y"}, ""),
        ({"name": "x", "value": {"amount": "1.001", "currency": "CNY"}}, "/value"),
        ({"name": "x", "value": {"amount": "1.00", "currency": "ABC"}}, "/value/currency"),
        ({"name": "x", "value": {"amount": "NaN", "currency": "CNY"}}, "/value/amount"),
    ],
)
async def test_bad_input_names_the_field(walls: Walls, body: dict[str, Any], pointer: str) -> None:
    answer = await walls.post("/v1/shelves", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_malformed_json_and_wrong_form(walls: Walls) -> None:
    broken = await walls.client.post("/v1/shelves", content=b'{"name": ', headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed")
    text = await walls.client.post("/v1/shelves", content=b"name", headers={"content-type": "text/plain"})
    assert text.status_code in {400, 415}


@pytest.mark.parametrize("content", [b'{"name": "\xff"}', b'{"size": ' + b"9" * 5_000 + b"}", b"[" * 40 + b"]" * 40])
async def test_a_body_that_nobody_can_read_is_to_blame_as_a_whole(walls: Walls, content: bytes) -> None:
    answer = await walls.client.post("/v1/shelves", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [""]


async def test_nobody_unsigned_gets_in(walls: Walls) -> None:
    answer = await walls.client.post("/v1/shelves", json={"name": word()}, headers={"authorization": ""})
    del walls.client.headers["authorization"]
    try:
        answer = await walls.client.get("/v1/shelves")
    finally:
        walls.client.headers["authorization"] = "x"
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_audit_trail_is_a_chain_that_nobody_can_touch(walls: Walls) -> None:
    made = (await walls.post("/v1/shelves", {"name": word()})).json()
    await walls.client.patch(f"/v1/shelves/{made['id']}", json={"name": word()}, headers={"if-match": '"1"'})
    owner = await asyncpg.connect(walls.owner_url)
    rows = await owner.fetch(
        "SELECT sequence, previous_digest, digest, before, after FROM audit WHERE aggregate_id = $1 ORDER BY sequence",
        made["id"],
    )
    assert [row["sequence"] for row in rows] == [1, 2]
    assert rows[1]["previous_digest"] == rows[0]["digest"]
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
    with pytest.raises(asyncpg.RaiseError, match="without an actor"):
        await owner.execute("INSERT INTO shelf VALUES (gen_random_uuid(), 1, 'by nobody', 1)")
    await owner.close()
