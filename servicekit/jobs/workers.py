"""Workers: take due jobs in turn, one worker to a job, several processes beside each other.

A worker takes a job by its row (`FOR UPDATE SKIP LOCKED`) and holds it by a lease that each chunk renews: whoever dies
loses it after `LEASE_SECONDS`, or to the process that starts in its place, which takes over at once what its
predecessor held. The next goes on from the last committed chunk. Nothing rests on a connection, and nothing on the
predecessor's really being dead: whoever lost a lease commits nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import structlog

from servicekit.data.database import Database
from servicekit.data.transactions import writing
from servicekit.data.violations import Busy
from servicekit.jobs import store
from servicekit.jobs.turns import Postponed, Refused, Turn, TurnLost
from servicekit.values.errors import KeyaccountError

IDLE_SECONDS = 0.5
TURN_SECONDS = 10.0
"""After so long a job gives way to those that wait."""

AGAIN_AFTER_SECONDS = (1, 2, 5, 10, 30, 60)
MOST_ATTEMPTS = 12
"""So often a chunk is tried before its job fails: some ten minutes, where a peer is away."""

FORGET_EVERY_SECONDS = 3600

Step = Callable[[Turn], Awaitable[bool]]
"""Does the next chunk of a job of its kind; returns whether there is more to do, and ends the job if not."""

Tell = Callable[[Exception], Mapping[str, object]]
"""Turns an error into the problem that is shown for it, without internals."""

_AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many jobs a process does at once, and for how many days what is kept of those that have ended."""

    at_once: int = 1
    result_days: int = 7
    days: int = 30


class Workers:
    """Does the jobs of one service, in one process."""

    def __init__(self, database: Database, steps: Mapping[str, Step], tell: Tell, keeping: Keeping) -> None:
        self.database = database
        self.keeping = keeping
        self._steps = steps
        self._tell = tell

    async def run(self) -> None:
        """Work until cancelled."""
        await self.take_over()
        tasks = [asyncio.create_task(self._work()) for _ in range(self.keeping.at_once)]
        tasks.append(asyncio.create_task(self._forget()))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def take_over(self) -> None:
        """Let the jobs be taken at once that a process of this one's name held when it died."""
        if own := self.database.leases.own:
            await self.database.pool.execute(store.TAKE_OVER, *own)

    async def step(self) -> bool:
        """Take the job that waits longest and go on with it for a turn; return whether there was one."""
        turn = await self._take()
        if turn is None:
            return False
        with suppress(TurnLost):
            await self._go_on(turn)
        return True

    async def forget(self) -> None:
        """Delete what need not be kept any more, some jobs at a time."""
        pool = self.database.pool
        for statement, days in ((store.FORGET_PARTS, self.keeping.result_days), (store.FORGET, self.keeping.days)):
            deleted = ""
            while deleted != "DELETE 0":
                deleted = await pool.execute(statement, days)

    async def _work(self) -> None:
        while True:
            try:
                if await self.step():
                    continue
            except Exception as error:  # noqa: BLE001 (whatever it is, the next job must be done)
                structlog.get_logger().warning("jobs_wait", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(IDLE_SECONDS)

    async def _forget(self) -> None:
        while True:
            try:
                await self.forget()
            except Exception as error:  # noqa: BLE001 (it is tried again)
                structlog.get_logger().warning("jobs_not_forgotten", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(FORGET_EVERY_SECONDS)

    async def _take(self) -> Turn | None:
        if not await self.database.pool.fetchval(store.IS_DUE):
            return None
        lease = self.database.leases.new()
        async with writing(self.database) as tx:
            connection = await tx.raw_connection()
            row = await connection.fetchrow(store.TAKE, lease, store.LEASE_SECONDS)
            if row is None:
                return None
            await connection.execute(store.BEGIN, row["id"], tx.now)
        return Turn(self.database, store.made(row), lease)

    async def _go_on(self, turn: Turn) -> None:
        until = time.monotonic() + TURN_SECONDS
        try:
            step = self._step_of(turn)
            while await step(turn):
                if time.monotonic() > until:
                    await turn.give_back()
                    return
        except TurnLost:
            raise
        except asyncio.CancelledError:
            await asyncio.shield(turn.give_back())
            raise
        except Refused as refusal:
            await turn.fail(refusal.problem)
        except (Postponed, Busy, *_AWAY) as error:
            await self._postpone(turn, error)
        except KeyaccountError as error:
            await turn.fail(self._tell(error))
        except Exception as error:  # noqa: BLE001 (a bug of one job must not keep the others)
            structlog.get_logger().error("job_failed", job=str(turn.job.id), error=type(error).__name__, exc_info=error)
            await turn.fail(self._tell(error))

    def _step_of(self, turn: Turn) -> Step:
        """Return what does the job's chunks; a chunk at which processes die again and again is given up."""
        if turn.job.attempts > MOST_ATTEMPTS:
            raise Refused(self._tell(GaveUp()))
        return self._steps[turn.job.kind]

    async def _postpone(self, turn: Turn, error: Exception) -> None:
        attempts = turn.job.attempts
        if attempts >= MOST_ATTEMPTS:
            await turn.fail(error.problem if isinstance(error, Postponed) else self._tell(error))
            return
        structlog.get_logger().warning("job_waits", job=str(turn.job.id), error=type(error).__name__, attempts=attempts)
        await turn.give_back(AGAIN_AFTER_SECONDS[min(max(attempts, 1), len(AGAIN_AFTER_SECONDS)) - 1])


class GaveUp(RuntimeError):
    """The process has died at the same chunk again and again."""
