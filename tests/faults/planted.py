"""Faults as they are really made, put into a service's process by the test's launcher; the harness must name each."""

# ruff: noqa: PLC0415 - a service that has no such part is not to import it

import os
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from fastapi import Request, Response
from starlette.background import BackgroundTask

from tests.faults.points import put


class Planted(StrEnum):
    """What can be wrong."""

    COMMIT_AFTER_ANSWER = "commit_after_answer"
    NAIVE_FEED_CURSOR = "naive_feed_cursor"
    MISSING_SCOPE_LEG = "missing_scope_leg"
    FORGOTTEN_DELTA = "forgotten_delta"
    ASYNCHRONOUS_COMMIT = "asynchronous_commit"
    LOOK_THEN_INSERT = "look_then_insert"
    OPEN_DOOR = "open_door"


def plant(fault: str) -> None:
    """Put a fault into this process; what concerns PostgreSQL is put there by the run."""
    _PLANTERS.get(Planted(fault), _nothing)()


def _nothing() -> None:
    return


def _commit_after_answer() -> None:
    """As a FastAPI dependency with `yield` does: its end runs when the answer has gone."""
    from servicekit.data.idempotency import KeptAnswer
    from servicekit.web import router
    from servicekit.web.unit import Unit

    release = Unit.release

    async def run(answer: Callable[[Request], Any], request: Request, unit: Unit) -> Response:
        response: Response = await answer(request)
        if response.status_code >= router.FIRST_FAILURE:
            return response
        headers = {name: value for name, value in response.headers.items() if name in router.KEPT_HEADERS}
        kept = KeptAnswer(response.status_code, headers, bytes(getattr(response, "body", b"")))

        async def end() -> None:
            await unit.finish(kept)
            await release(unit)

        put(unit, "release", _later)
        response.background = BackgroundTask(end)
        return response

    put(router, "_run", run)


async def _later() -> None:
    return


def _naive_feed_cursor() -> None:
    """Positions are the outbox's ids, which are given out before commit."""
    from servicekit.events import relay

    relay.MOVE = """
    WITH moved AS (
        DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1) RETURNING *
    ), placed AS (
        INSERT INTO feed (position, event_id, type, aggregate_id, at, actor, data)
        SELECT id, event_id, type, aggregate_id, at, actor, data FROM moved RETURNING position
    )
    UPDATE relay SET last_position = greatest(last_position, (SELECT max(position) FROM placed))
    WHERE id = 1 AND EXISTS (SELECT FROM placed)
    RETURNING (SELECT count(*) FROM placed) + 0 * $2
    """


def _missing_scope_leg() -> None:
    """The list forgets those who see an opportunity as members of its sales team."""
    if _is_opportunity():
        from sqlalchemy import false

        from services.opportunity.opportunities.store import lists

        team = lists._team

        def nobody(*given: Any) -> Any:
            return team(*given).where(false())

        put(lists, "_team", nobody)


def _open_door() -> None:
    """Whoever has the id sees the opportunity."""
    if _is_opportunity():
        from orgchart.viewer import Viewer

        plain: Any = Viewer.__dict__["binds"].fget

        def binds(viewer: Viewer) -> Any:
            return plain(viewer) | {"viewer_sees_all": True}

        put(Viewer, "binds", property(binds))


def _forgotten_delta() -> None:
    """A change of principal is told to none of the counts."""
    if _is_opportunity():
        from services.opportunity.ownership import store

        sql = store.APPEND.sql.replace("WHERE updated.is_latest AND", "WHERE false AND")
        put(store, "APPEND", replace(store.APPEND, sql=sql))


def _look_then_insert() -> None:
    """A key is looked up before, and kept after, and nothing in between holds it."""
    from servicekit.data.idempotency import Claim, KeptAnswer

    plain = Claim.keeping

    def insertion(_: Claim) -> str:
        return ""

    def keeping(claim: Claim, answer: KeptAnswer) -> str:
        inserted = (
            "INSERT INTO idempotency(digest,request_digest)"
            f"VALUES('\\x{claim.digest.hex()}','\\x{claim.request_digest.hex()}')ON CONFLICT DO NOTHING;"
        )
        return inserted + plain(claim, answer)

    put(Claim, "insertion", insertion)
    put(Claim, "keeping", keeping)


def _is_opportunity() -> bool:
    return os.environ.get("KEYACCOUNT_SERVICE") == "opportunity"


_PLANTERS: dict[Planted, Callable[[], None]] = {
    Planted.COMMIT_AFTER_ANSWER: _commit_after_answer,
    Planted.NAIVE_FEED_CURSOR: _naive_feed_cursor,
    Planted.MISSING_SCOPE_LEG: _missing_scope_leg,
    Planted.OPEN_DOOR: _open_door,
    Planted.FORGOTTEN_DELTA: _forgotten_delta,
    Planted.LOOK_THEN_INSERT: _look_then_insert,
}
