"""Delivering: plans what is new, sends what is due, side by side and never more than so much at once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from secrets import SystemRandom
from uuid import UUID

import asyncpg
import orjson
import structlog

from servicekit.data.database import Database
from servicekit.data.sealing import Sealing, Unreadable
from servicekit.events.cloud_events import cloud_event
from servicekit.events.relay import Relay
from servicekit.events.webhooks import claiming, planning
from servicekit.events.webhooks.claiming import Claimed
from servicekit.events.webhooks.rules import DeliveryState, DisabledReason, Verdict, judge
from servicekit.events.webhooks.sending import Outcome, Sender
from servicekit.events.webhooks.signing import open_secret, signed_headers

AT_ONCE = 32
AT_ONCE_TO_ONE = 4
WITH_FAILING_AT_ONCE = 16
SHARES = ((False, AT_ONCE, AT_ONCE_TO_ONE), (True, WITH_FAILING_AT_ONCE, 1))
"""Whether webhooks fail, how much is sent at once while theirs is begun, and how much of it to one of them.

A receiver that is slow takes at most four places from the others; those of which everything has failed lately are
tried with one at a time, and only while at least half of the places are free.
"""

RECORDED_AT_ONCE = 2
"""Of the service's connections to its database; the others are for requests."""

IDLE_SECONDS = 1.0
AGAIN_SECONDS = 0.5
CLEARED_EVERY_SECONDS = 60.0
FINISHED_WITHIN_SECONDS = 3.0

SECRETS = "webhook secrets"
"""The purpose that secrets are sealed for."""
_chance = SystemRandom().random
_AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError)


def everybody(_: UUID) -> bool:
    """Whether an owner may still get events, where nobody knows better."""
    return True


@dataclass(frozen=True, slots=True)
class Tried:
    """What an attempt came to; `verdict` where it does not depend on what the receiver answered."""

    outcome: Outcome
    verdict: Verdict | None = None


class Webhooks:
    """Delivers a service's events in one process; several share the work by row locks."""

    def __init__(self, database: Database, relay: Relay, sealing: Sealing, sender: Sender) -> None:
        self.database = database
        self.relay = relay
        self.sealing = sealing
        self.sender = sender
        self.may_receive: Callable[[UUID], bool] = everybody
        self._under_way: Counter[UUID] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._recording = asyncio.Semaphore(RECORDED_AT_ONCE)

    async def plan(self) -> int:
        """Plan what is new in the feed; return how many events were looked at."""
        return await planning.plan(self.database, self.database.clock())

    async def clear_away(self) -> None:
        """Give up and forget what is over."""
        await planning.clear_away(self.database, self.database.clock())

    async def step(self) -> int:
        """Plan what is new and try what is due, once each; return how many attempts that were."""
        while await self.plan():
            pass
        begun = await self._begin_due()
        await asyncio.gather(*begun)
        return len(begun)

    async def _begin_due(self) -> list[asyncio.Task[None]]:
        begun: list[asyncio.Task[None]] = []
        for failing, most, most_of_one in SHARES:
            free = most - len(self._tasks)
            if free > 0:
                now, busy = self.database.clock(), self._under_way
                claimed = await claiming.claim_due(
                    self.database, now, failing=failing, most=free, most_of_one=most_of_one, busy=busy
                )
                begun += [self._begin(one) for one in claimed]
        return begun

    def _begin(self, one: Claimed) -> asyncio.Task[None]:
        self._under_way[one.webhook_id] += 1
        task = asyncio.create_task(self._deliver(one))
        self._tasks.add(task)

        def end(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._under_way -= Counter([one.webhook_id])
            self._freed.set()

        task.add_done_callback(end)
        return task

    async def _deliver(self, one: Claimed) -> None:
        """Try a delivery and record it; what cannot be recorded is tried again when its lease has ended."""
        try:
            await self._record(one, await self._tried(one))
        except Exception as error:  # noqa: BLE001 (the database may be away; the lease ends)
            structlog.get_logger().warning(
                "webhook_not_recorded", delivery=str(one.id), error=type(error).__name__, exc_info=error
            )

    async def _record(self, one: Claimed, tried: Tried) -> None:
        """Record an attempt; a database that is away is waited for, or each of its restarts would repeat deliveries."""
        loop = asyncio.get_running_loop()
        until = loop.time() + claiming.LEASE.total_seconds()
        while True:
            try:
                async with self._recording:
                    verdict = tried.verdict or await self._judged(one, tried.outcome)
                    await claiming.record(self.database, one, tried.outcome, verdict)
            except _AWAY:
                if loop.time() > until:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    async def _tried(self, one: Claimed) -> Tried:
        if not self.may_receive(one.owner_id):
            return self._withheld("not sent: its owner may not read events any more", DisabledReason.OWNER_LEFT)
        try:
            valid = [open_secret(self.sealing, one.webhook_id, sealed) for sealed in one.secrets]
        except Unreadable:
            return self._withheld("not sent: its secret was kept with another key", DisabledReason.SECRET_LOST)
        body = self._body(one)
        headers = signed_headers(valid, one.event_id, self.database.clock(), body)
        return Tried(await self.sender.send(one.url, body, headers))

    def _withheld(self, why: str, reason: DisabledReason) -> Tried:
        return Tried(Outcome(None, None, why), Verdict(DeliveryState.WAITING, self.database.clock(), reason))

    def _body(self, one: Claimed) -> str:
        event = cloud_event(
            self.database.name,
            event_id=one.event_id,
            event_type=one.event_type,
            subject=one.aggregate_id,
            at=one.at,
            position=one.position,
            actor=one.actor or f"service:{self.database.name}",
            data=one.data,
        )
        return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z).decode()

    async def _judged(self, one: Claimed, outcome: Outcome) -> Verdict:
        failing_since = await claiming.failing_since(self.database, one.webhook_id)
        return judge(
            outcome.status,
            now=self.database.clock(),
            tries=one.tries,
            give_up_at=one.give_up_at,
            failing_since=failing_since,
            chance=_chance(),
        )

    async def run(self) -> None:
        """Deliver until cancelled; a database that is away is waited for."""
        loop = asyncio.get_running_loop()
        clear_at = loop.time()
        await claiming.take_over(self.database, self.database.clock())
        try:
            while True:
                self._freed.clear()
                fed, moved = self.relay.fed, 0
                try:
                    moved = await self.plan() + len(await self._begin_due())
                    if loop.time() >= clear_at:
                        clear_at = loop.time() + CLEARED_EVERY_SECONDS
                        await self.clear_away()
                except Exception as error:  # noqa: BLE001 (whatever it is, nobody else delivers)
                    structlog.get_logger().warning("webhooks_wait", error=type(error).__name__, exc_info=error)
                    await asyncio.sleep(IDLE_SECONDS)
                if not moved:
                    await _first_of(fed, self._freed)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """Let what is under way end for a moment; the rest is repeated when its lease has ended."""
        if self._tasks:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(self._tasks, timeout=FINISHED_WITHIN_SECONDS)
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Close the connections to receivers."""
        await self.sender.close()


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
