"""Counts the funnel anew: `python -m services.opportunity.funnel.rebuild`, with the service's own environment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from servicekit.data.database import Database
from servicekit.data.transactions import reading, writing
from servicekit.run.settings import Settings
from servicekit.web.service import Service
from services.opportunity.funnel.store import rebuilding


async def count_if_due(service: Service) -> None:
    """Count everything for the first time, or anew where the enterprise has moved to another time zone.

    A service does it before it answers: its days are others then.
    """
    zone = service.settings.time_zone.key
    async with reading(service.database) as asking:
        counted_in = await rebuilding.time_zone_counted_in(asking)
    if counted_in == zone:
        return
    async with _patient(service.settings) as database, writing(database) as tx:
        await rebuilding.lock(tx)
        if await rebuilding.time_zone_counted_in(tx) != zone:  # another process may have done it meanwhile
            structlog.get_logger().info("funnel_counted_anew", time_zone=zone, before=counted_in)
            await rebuilding.rebuild(tx, zone)


async def rebuild(settings: Settings) -> None:
    """Rebuild counters, days, checkpoints and the log while the service may be running."""
    async with _patient(settings) as database, writing(database) as tx:
        await rebuilding.rebuild(tx, settings.time_zone.key)


@asynccontextmanager
async def _patient(settings: Settings) -> AsyncIterator[Database]:
    """Connect without a limit of time: counting a million opportunities takes minutes."""
    database = await Database.connect(settings.login_url, settings.service, connections=1, statement_seconds=None)
    try:
        yield database
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(rebuild(Settings.from_environment("opportunity")))
