"""Consumers: what a service does on the events of its peers, once each and in order.

The cursor moves in the transaction that applies the events: a crash in between repeats nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from servicekit.data.database import Database
from servicekit.data.transactions import Writing, writing
from servicekit.data.violations import Busy
from servicekit.peers.client import Peer
from servicekit.run.telemetry import step
from servicekit.values.errors import PeerUnavailable

AT_ONCE = 200
WAIT_SECONDS = 1.5
"""No longer: a service that is asked to stop answers what runs first, and so waits for those who wait for events."""
RETRY_SECONDS = (0.2, 0.5, 1.0)
"""Not longer at last: a peer that is back is followed within a second."""

CURSOR = """
INSERT INTO consumer_cursor AS cursor (peer, position) VALUES ($1, 0)
ON CONFLICT (peer) DO UPDATE SET position = cursor.position RETURNING position
"""
READ_CURSOR = "SELECT position FROM consumer_cursor WHERE peer = $1"
MOVE_CURSOR = "UPDATE consumer_cursor SET position = $2 WHERE peer = $1"
GIVE_WAY = "SET LOCAL lock_timeout = '100ms'"
"""Well before PostgreSQL looks for deadlocks (1 s), whose victim might be a person."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a peer (CloudEvents), as a handler gets it."""

    position: int
    id: UUID
    type: str
    aggregate_id: UUID
    at: str
    actor: str
    data: Mapping[str, Any]


Handler = Callable[[Writing, Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Which events of which peer are applied by what; others are passed over."""

    peer: str
    handlers: Mapping[str, Handler]


@dataclass
class Consuming:
    """Follows one peer's feed."""

    database: Database
    peer: Peer
    consumer: Consumer
    position: int = 0
    stuck_on: str | None = field(default=None)
    caught_up_at: float = field(default_factory=time.monotonic)

    async def step(self, wait_seconds: float = 0.0) -> int:
        """Fetch what is new and apply it; return how many events were passed."""
        self.position = await self.database.pool.fetchval(READ_CURSOR, self.consumer.peer) or 0
        answer = await self.peer.follow(
            f"/v1/{self.consumer.peer}/events",
            {"after": self.position, "limit": AT_ONCE, "wait": wait_seconds},
            timeout_seconds=wait_seconds + 5,
        )
        events = [event_of(item) for item in answer["items"]]
        if events:
            with step("apply events", "CONSUMER", peer=self.consumer.peer):
                await self._apply(events)
        if len(events) < AT_ONCE:
            self.caught_up_at = time.monotonic()
        return len(events)

    async def _apply(self, events: list[Event]) -> None:
        """Apply events together as long as nobody else is at what they touch, else each by itself.

        Together they lock one thing after the other in the order of the feed, which is nobody else's order: who
        changes the same things would wait for us as we for them, and be the one that is refused.
        """
        try:
            await self._apply_together(events)
        except Busy:
            if len(events) == 1:
                raise
            for event in events:
                await self._apply_together([event])

    async def _apply_together(self, events: list[Event]) -> None:
        async with writing(self.database) as tx:
            connection = await tx.raw_connection()
            if await connection.fetchval(CURSOR, self.consumer.peer) != self.position:
                return  # another process of this service has applied them meanwhile
            if len(events) > 1:
                await connection.execute(GIVE_WAY)
            for event in events:
                handler = self.consumer.handlers.get(event.type)
                if handler is not None:
                    self.stuck_on = f"{event.type} {event.id}"
                    await handler(tx, event)
            await connection.execute(MOVE_CURSOR, self.consumer.peer, events[-1].position)
        self.position = events[-1].position
        self.stuck_on = None

    async def run(self) -> None:
        """Follow the feed until cancelled; what fails is tried again, and shown as stuck."""
        failures = 0
        while True:
            try:
                await self.step(WAIT_SECONDS)
                failures = 0
            except Exception as error:  # noqa: BLE001 (whatever it is, nobody else follows the feed)
                unexpected = None if isinstance(error, PeerUnavailable) else error
                structlog.get_logger().warning(
                    "consumer_waits",
                    peer=self.consumer.peer,
                    error=type(error).__name__,
                    stuck_on=self.stuck_on,
                    exc_info=unexpected,
                )
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1


def event_of(item: Mapping[str, Any]) -> Event:
    """Return an event as a feed tells it."""
    return Event(
        position=item["position"],
        id=UUID(item["id"]),
        type=item["type"],
        aggregate_id=UUID(item["subject"]),
        at=item["time"],
        actor=item["actor"],
        data=item["data"],
    )
