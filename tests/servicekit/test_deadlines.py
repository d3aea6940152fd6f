"""What is wanted by an instant is refused after it, and given up at it, in the database too."""

import time

import pytest
from sqlalchemy import func, select

from servicekit.data.actors import Actor
from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from servicekit.values.deadlines import answer_due
from servicekit.values.errors import DeadlinePassed
from servicekit.web.service import Service
from tests.servicekit.conftest import Walls

SLEEP = prepared(select(func.pg_sleep(20)))


async def test_work_that_nobody_waits_for_is_refused(walls: Walls) -> None:
    answer = await walls.client.get("/v1/shelves", headers={"deadline-ms": "0"})
    assert answer.status_code == 504
    assert answer.json()["code"] == "deadline_passed"
    assert answer.headers["trace-id"] == answer.json()["trace_id"]


@pytest.mark.parametrize("said", ["60000", "soon", "-1", "9" * 40, ""])
async def test_time_enough_and_nonsense_change_nothing(walls: Walls, said: str) -> None:
    assert (await walls.client.get("/v1/shelves", headers={"deadline-ms": said})).status_code == 200


async def test_a_transaction_ends_when_nobody_waits_any_longer(walls: Walls) -> None:
    service: Service = walls.app.state.service
    mark = answer_due.set(time.monotonic() + 0.2)
    tx = Writing(service.database, Actor.of_service("team"))
    try:
        with pytest.raises(DeadlinePassed):
            await tx.first(SLEEP)
        await tx.release()
        answer_due.set(time.monotonic())
        with pytest.raises(DeadlinePassed):
            await Writing(service.database, Actor.of_service("team")).first(SLEEP)
    finally:
        answer_due.reset(mark)
    assert await service.database.pool.fetchval("SHOW statement_timeout") == "0"
