"""Keeps the days of the present baseline in memory: the first who asks in the morning does not wait for them."""

import asyncio

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import reading
from servicekit.values.dates import end_of_day
from servicekit.web.service import Service
from services.opportunity.funnel.rules.health import baseline_days
from services.opportunity.funnel.store import memory
from services.opportunity.funnel.store.past import Moment

EVERY_SECONDS = 30.0


async def remember_baseline(service: Service) -> None:
    """Reckon the days of today's baseline anew when the past was added to and has come to rest."""
    last: Moment | None = None
    while True:
        try:
            last = await _step(service, last)
        except (PostgresError, OSError) as error:
            structlog.get_logger().warning("baseline_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def _step(service: Service, last: Moment | None) -> Moment:
    async with reading(service.database) as tx:
        await tx.raw_connection()  # kept, as `Memory.reckoning` asks
        moment = await memory.moment_of(tx)
        if last in {None, moment}:
            for comparison in baseline_days(service.today()):
                until = end_of_day(comparison.day, service.settings.time_zone)
                await memory.standing_on(tx, comparison.day, until, moment, person_id=None, whole=True)
    return moment
