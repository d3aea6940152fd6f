"""The feed: a service's events in the order of their commits, for other services and machine clients."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from servicekit.data.database import Database
from servicekit.data.statements import prepared
from servicekit.data.tables import feed
from servicekit.data.transactions import reading
from servicekit.events.relay import IDLE_SECONDS, Relay


@dataclass(frozen=True, slots=True)
class FedEvent:
    """An event at its position."""

    position: int
    event_id: UUID
    type: str
    aggregate_id: UUID
    at: datetime
    actor: str
    data: dict[str, Any]


AFTER = prepared(
    select(feed).where(feed.c.position > bindparam("after")).order_by(feed.c.position).limit(bindparam("most")),
    into=FedEvent,
)


async def events_after(
    database: Database, relay: Relay | None, position: int, most: int, wait_seconds: float
) -> list[FedEvent]:
    """Return the events after a position; wait for the first of them at most so long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_seconds
    while True:
        fed = relay.fed if relay else asyncio.Event()
        async with reading(database) as questions:
            found = await questions.all(AFTER, after=position, most=most)
        left = until - loop.time()
        if found or left <= 0:
            return found
        try:
            await asyncio.wait_for(fed.wait(), min(left, IDLE_SECONDS))
        except TimeoutError:
            continue
