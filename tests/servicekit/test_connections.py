"""Connections: none is held while it is not used, none is kept, none is left in a transaction."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from asyncpg.exceptions import InterfaceError
from sqlalchemy import func, literal, select

from servicekit.data import outbox
from servicekit.data.actors import Actor
from servicekit.data.database import Database
from servicekit.data.idempotency import Claim
from servicekit.data.statements import prepared
from servicekit.data.transactions import Reading, Snapshot, UsedAfterEnd, Writing, writing, writing_has_begun
from servicekit.web.service import Service
from servicekit.web.unit import Unit
from tests.make import word
from tests.servicekit.conftest import Walls

ONE = prepared(select(literal(1)))


def service_of(walls: Walls) -> Service:
    service: Service = walls.app.state.service
    return service


def idle(service: Service) -> bool:
    pool = service.database.pool
    return bool(pool.get_idle_size() == pool.get_size())


async def test_readers_that_go_on_to_write_do_not_wait_for_each_other(walls: Walls) -> None:
    """As many as there are connections read first, and then each needs one to write."""
    service = service_of(walls)
    both_have_read = asyncio.Barrier(10)

    async def read_then_write() -> int:
        unit = Unit(service, None, None)
        try:
            await unit.reading().value(ONE)
            await both_have_read.wait()
            return int(await unit.writing().value(ONE))
        finally:
            await unit.release()

    async with asyncio.timeout(5):
        assert await asyncio.gather(*[read_then_write() for _ in range(10)]) == [1] * 10
    assert idle(service)


async def test_questions_may_be_asked_side_by_side_and_after_the_end(walls: Walls) -> None:
    """The body of a streamed answer asks when the request's unit has ended."""
    service = service_of(walls)
    reading = Reading(service.database)
    assert await asyncio.gather(*[reading.value(ONE) for _ in range(5)]) == [1] * 5
    await reading.release()
    assert await reading.value(ONE) == 1
    assert idle(service)


async def test_a_long_result_is_read_row_by_row(walls: Walls) -> None:
    """Who stops reading leaves the rest where it is, and the connection is given back."""
    service = service_of(walls)
    numbers = prepared(select(func.generate_series(1, 2_000_000)))
    snapshot = Snapshot(service.database)
    read = []
    async for row in snapshot.each(numbers):
        read.append(row[0])
        if len(read) == 1200:
            break
    assert read == list(range(1, 1201))
    assert await snapshot.value(ONE) == 1
    await snapshot.release()
    assert idle(service)


@pytest.mark.parametrize("kind", [Snapshot, Writing])
async def test_no_transaction_begins_after_the_end(walls: Walls, kind: Any) -> None:
    service = service_of(walls)
    questions = kind(service.database, Actor.of_service("team")) if kind is Writing else kind(service.database)
    assert await questions.value(ONE) == 1
    await questions.release()
    with pytest.raises(UsedAfterEnd):
        await questions.value(ONE)
    assert idle(service)


async def test_a_cancelled_wait_for_a_key_leaves_nothing_open(walls: Walls) -> None:
    service = service_of(walls)
    claim = Claim.on(word(), caller="c", operation="o", request=b"r")
    first = Writing(service.database, Actor.of_service("team"), claim)
    await first.value(ONE)

    async def second() -> None:
        async with writing(service.database, claim=claim) as tx:
            await tx.value(ONE)

    waiting = asyncio.create_task(second())
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await first.release()
    assert idle(service)
    assert not writing_has_begun.get()
    left = await service.database.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND state LIKE 'idle in transaction%'"
    )
    assert left == 0


async def test_one_that_cannot_be_given_back_keeps_no_other(walls: Walls) -> None:
    """A connection whose server process was ended is thrown away; the other one of the request is given back."""
    service = service_of(walls)
    unit = Unit(service, None, None)
    snapshot, tx = unit.snapshot(), unit.writing()
    await snapshot.value(ONE)
    await tx.value(ONE)
    connection = await tx.raw_connection()
    await service.database.pool.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
    with suppress(Exception):  # what it says depends on what it noticed first
        await unit.release()
    assert not writing_has_begun.get()
    assert idle(service)


@pytest.mark.parametrize("notices", [False, True])
async def test_who_writes_when_the_connection_breaks_is_told_to_send_again(
    walls: Walls, monkeypatch: pytest.MonkeyPatch, notices: bool
) -> None:
    """Its server process ends between two statements; `notices` once the pool has taken the connection back."""
    pool, write, key = service_of(walls).database.pool, outbox.write, word()

    async def broken(connection: Any, *given: Any) -> None:
        await pool.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
        if notices:
            async with asyncio.timeout(5):
                while True:
                    try:
                        connection.is_closed()
                    except InterfaceError:
                        break
                    await asyncio.sleep(0.01)
        await write(connection, *given)

    monkeypatch.setattr(outbox, "write", broken)
    answer = await walls.post("/v1/shelves", {"name": key}, key=key)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    monkeypatch.undo()
    assert (await walls.post("/v1/shelves", {"name": key}, key=key)).status_code == 201
    assert idle(service_of(walls))


async def test_closing_does_not_wait_for_ever(walls: Walls) -> None:
    database = await Database.connect(service_of(walls).settings.login_url, "team")
    await database.pool.acquire()
    async with asyncio.timeout(5):
        await database.close(within_seconds=0.1)
