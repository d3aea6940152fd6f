"""Everything that runs on a version of the funnel is moved to a newer one in one call, chunk by chunk."""

import asyncio
import json
from collections import Counter
from itertools import count
from typing import Any

import pytest

from servicekit.jobs.turns import Postponed, Turn
from servicekit.web.jobs.inside import Inside
from services.opportunity.funnel_moves.moving_all import MovingAll
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish

MOVES = "/v1/funnel-definitions/2/moves"
ASKED = {"from_version": 1, "reason": "Three steps now."}
_numbers = count()


@pytest.fixture
async def own(empty_house: House) -> Make:
    """Return the factories of a house in which the test may publish funnels."""
    return Make(empty_house)


async def begin(operations: Client, **more: Any) -> dict[str, Any]:
    answer = await operations.post(MOVES, ASKED | more)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/opportunity/jobs/{job['id']}"
    assert job["state"] == "queued"
    return job


async def work(house: House) -> None:
    while await house.service("opportunity").jobs.step():
        pass


async def job_of(operations: Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await operations.done("GET", f"/v1/opportunity/jobs/{job['id']}")
    return found


async def imported(operations: Client, principal: Client, number: int) -> list[str]:
    made: list[str] = []
    for start in range(0, number, 500):
        listed = [
            {"external_reference": {"system": "many", "id": str(next(_numbers))}, "name": "N", "currency": "USD"}
            | {
                "amount": "10",
                "principal_id": principal.id,
                "history": [{"at": "2026-01-05", "to_stage": "set_target"}],
            }
            for _ in range(min(500, number - start))
        ]
        done = await operations.done("POST", "/v1/opportunities/batches", {"items": listed})
        made += [one["id"] for one in done["items"]]
    return made


async def rows(house: House, question: str) -> list[tuple[Any, ...]]:
    pool = house.service("opportunity").database.pool
    return [tuple(row) for row in await pool.fetch(question)]


async def test_everything_of_a_version_is_moved_while_people_go_on_working(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    ids = await imported(operations, seller, 1000)
    await publish(operations)
    job = await begin(operations)
    assert job["progress"] == {"done": 0, "total": 1000}

    async def change(each: str) -> int:
        return (await seller.post(f"/v1/opportunities/{each}/stage-changes", {"to_stage": "shortlist"})).status_code

    async def lose(each: str) -> int:
        body = {"outcome": "lost", "loss_reason": "price"}
        return (await seller.post(f"/v1/opportunities/{each}/outcomes", body)).status_code

    statuses = await asyncio.gather(
        work(own.house), *(change(each) for each in ids[::20]), *(lose(each) for each in ids[10::100])
    )
    assert set(statuses[1:]) <= {201, 409, 422}
    while (now := await job_of(operations, job))["state"] in {"queued", "running"}:
        await work(own.house)
    assert now["state"] == "succeeded"
    lost = await rows(own.house, "SELECT count(*) FROM opportunity WHERE state = 'lost'")
    assert now["progress"]["done"] == now["progress"]["total"] == sum(now["counts"].values())

    await own.house.settle()
    left = await rows(
        own.house, "SELECT 1 FROM opportunity WHERE state = 'open' AND (funnel_version, stage) <> (2, 'offer')"
    )
    assert left == []
    told = await rows(
        own.house,
        "SELECT count(*), count(DISTINCT opportunity_id), min(reason), min(to_stage) "
        "FROM stage_change WHERE from_version = 1 AND funnel_version = 2",
    )
    assert told == [(now["counts"]["updated"], now["counts"]["updated"], "Three steps now.", "offer")]
    stages = (await seller.done("GET", "/v1/funnel?scope=person"))["stages"]
    assert [line["count"] for line in stages] == [0, 1000 - lost[0][0], 0]

    outcomes = await operations.get(f"/v1/opportunity/jobs/{job['id']}/result")
    kept = Counter(json.loads(line)["outcome"] for line in outcomes.text.splitlines())
    assert kept == now["counts"]
    again = await begin(operations)
    await work(own.house)
    assert (await job_of(operations, again))["progress"] == {"done": 0, "total": 0}


async def test_a_scope_is_moved_alone(own: Make) -> None:
    head = await own.seller()
    below, other = await own.seller(superior=head), await own.seller()
    operations = await own.house.import_client()
    for each in (head, below, other):
        await imported(operations, each, 2)
    await publish(operations)

    async def moved(**scope: Any) -> int:
        job = await begin(operations, **scope)
        await work(own.house)
        return int((await job_of(operations, job))["progress"]["done"])

    assert await moved(scope="person", person_id=head.id) == 2
    assert await moved(scope="subtree", person_id=head.id) == 2
    assert await moved() == 2
    unclear = await operations.post(MOVES, ASKED | {"scope": "person"})
    assert (unclear.status_code, unclear.json()["code"]) == (422, "scope_incomplete")
    assert unclear.json()["errors"][0]["pointer"] == "/person_id"


async def test_cut_off_and_cancelled_it_goes_on_where_it_was(own: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.opportunity.funnel_moves.moving_all.MOVED_AT_ONCE", 2)
    seller, operations = await own.seller(), await own.house.import_client()
    await imported(operations, seller, 7)
    await publish(operations)
    job = await begin(operations)
    service = own.house.service("opportunity")
    step = MovingAll(Inside(own.house.apps["opportunity"], service))
    turn = await service.jobs._take()  # a worker that dies after a chunk
    assert turn is not None
    assert await step(turn)
    lost = Turn(turn.database, turn.job, service.database.leases.new())
    with pytest.raises(Postponed):
        await step(lost)
    assert (await job_of(operations, job))["progress"] == {"done": 2, "total": 7}
    moved = "SELECT count(*) FROM opportunity WHERE funnel_version = 2"
    assert await rows(own.house, moved) == [(2,)]

    cancelled = await operations.done("POST", f"/v1/opportunity/jobs/{job['id']}/cancel", {})
    assert cancelled["state"] == "cancelled"
    await work(own.house)
    assert await rows(own.house, moved) == [(2,)]
    await operations.done("POST", f"/v1/opportunity/jobs/{job['id']}/resume", {})
    await work(own.house)
    ended = await job_of(operations, job)
    assert (ended["state"], ended["progress"], ended["counts"]) == (
        "succeeded",
        {"done": 7, "total": 7},
        {"updated": 7},
    )
    assert await rows(own.house, "SELECT count(*) FROM stage_change WHERE from_version = 1") == [(7,)]


async def test_only_operations_and_only_to_newer_versions(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    await publish(operations)
    refused = await seller.post(MOVES, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (403, "funnels_kept")
    for version, from_version, code, field in (
        (1, 1, "funnel_move_leads_back", "/from_version"),
        (1, 2, "funnel_move_leads_back", "/from_version"),
        (9, 1, "unknown_funnel_version", "path:version"),
        (2, 9, "unknown_funnel_version", "/from_version"),
    ):
        body = ASKED | {"from_version": from_version}
        answer = await operations.post(f"/v1/funnel-definitions/{version}/moves", body)
        assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (422, code, field)
