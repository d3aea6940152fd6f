"""The relay: moves committed events from the outbox into the feed and gives out their positions.

Ids of the outbox are given out before commit, so a cursor over them would lose events. Positions are given
out here, by whoever holds the one row of `relay`, to rows that are committed: their order is final.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from servicekit.data import idempotency
from servicekit.data.database import Database
from servicekit.data.transactions import Writing, writing

Fold = Callable[[Writing], Awaitable[None]]
"""Something to be folded by one process at a time, such as counters from their deltas."""

AT_ONCE = 1000
IDLE_SECONDS = 0.25
PAUSE_SECONDS = 0.03
"""Between two takings: what is written meanwhile is taken together, for one by one it costs what writing it did."""
FORGET_EVERY_SECONDS = 3600

LEAD = "SELECT last_position FROM relay WHERE id = 1 FOR UPDATE SKIP LOCKED"
MOVE = """
WITH moved AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1) RETURNING *
), placed AS (
    INSERT INTO feed (position, event_id, type, aggregate_id, at, actor, data)
    SELECT $2 + row_number() OVER (ORDER BY id), event_id, type, aggregate_id, at, actor, data FROM moved
    RETURNING position
)
UPDATE relay SET last_position = (SELECT max(position) FROM placed)
WHERE id = 1 AND EXISTS (SELECT FROM placed)
RETURNING last_position - $2
"""


class Relay:
    """Feeds what was published and folds what was appended, in one process of the service at a time."""

    def __init__(self, database: Database, folds: Sequence[Fold] = ()) -> None:
        self.database = database
        self.folds = folds
        self.published = asyncio.Event()
        self.fed = asyncio.Event()

    async def step(self) -> int:
        """Move what is there; return how many events moved."""
        async with self.database.connection() as connection, connection.transaction():
            last_position = await connection.fetchval(LEAD)
            if last_position is None:
                return 0
            moved = await connection.fetchval(MOVE, AT_ONCE, last_position) or 0
        if moved:
            self.fed.set()
            self.fed = asyncio.Event()
        return int(moved)

    async def fold(self) -> None:
        """Run each fold in a transaction of its own, unless another process is at it."""
        for fold in self.folds:
            async with writing(self.database) as tx:
                connection = await tx.raw_connection()
                if await connection.fetchval(LEAD) is not None:
                    await fold(tx)

    async def run(self) -> None:
        """Move and fold until cancelled; a database that is away is waited for."""
        loop = asyncio.get_running_loop()
        forget_at = loop.time()
        while True:
            self.published.clear()
            moved = 0
            try:
                moved = await self.step()
                await self.fold()
                if loop.time() >= forget_at:
                    forget_at = loop.time() + FORGET_EVERY_SECONDS
                    await idempotency.forget_old(self.database.pool)
            except Exception as error:  # noqa: BLE001 (a fold that fails must not keep events back)
                structlog.get_logger().warning("relay_waits", error=type(error).__name__, exc_info=error)
                await asyncio.sleep(IDLE_SECONDS)
            if not moved:
                await _wait(self.published, IDLE_SECONDS)
            elif moved < AT_ONCE:
                await asyncio.sleep(PAUSE_SECONDS)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
