"""Whether a process lives, and whether its service can answer."""

import asyncio

from asyncpg.exceptions import PostgresError
from fastapi import Request, Response

from servicekit.web.problems import plain_problem
from servicekit.web.router import Router
from servicekit.web.schemas import Output
from servicekit.web.service import service_of

READY_WITHIN_SECONDS = 2

router = Router(prefix="/health", tags=["Health"], public=True)


class LiveAnswer(Output):
    """The process answers."""

    status: str


class ReadyAnswer(Output):
    """The service can answer; how far it follows its peers, what it is stuck on, which peers answer it."""

    status: str
    following: dict[str, int]
    stuck_on: dict[str, str]
    breakers: dict[str, str]


@router.get("/live", summary="Is the process alive?")
async def get_live() -> LiveAnswer:
    """Answer as long as the process runs."""
    return LiveAnswer(status="live")


@router.get("/ready", summary="Can the service answer?", response_model=ReadyAnswer)
async def get_ready(request: Request) -> ReadyAnswer | Response:
    """Ask the service's own database; a peer that is away makes nobody unready."""
    service = service_of(request)
    try:
        await asyncio.wait_for(service.database.pool.fetchval("SELECT 1"), READY_WITHIN_SECONDS)
    except (PostgresError, OSError, TimeoutError):
        return plain_problem(503, "The service cannot reach its database.", {"Retry-After": "1"})
    return ReadyAnswer(
        status="ready",
        following={consuming.consumer.peer: consuming.position for consuming in service.consuming},
        stuck_on={c.consumer.peer: c.stuck_on for c in service.consuming if c.stuck_on},
        breakers={name: peer.breaker.state for name, peer in service.peers.items()},
    )
