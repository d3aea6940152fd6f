"""Watches over hand-overs beside the requests: opens what was published, ends what is over, tells again what is due.

Each look is safe to repeat and several processes may look at once: a hand-over is there once for each version and ERP,
and who ends it or tells of it holds its row, and writes the event in the same transaction.
"""

import asyncio
from contextlib import suppress

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.forecast.handover import actions

EVERY_SECONDS = 15.0
AT_LEAST_EVERY_SECONDS = 1.0
"""Between two looks while events come one after the other."""


async def watch(service: Service) -> None:
    """Look when events were fed, and every so often, until cancelled."""
    while True:
        fed = service.relay.fed
        try:
            await look(service)
        except (KeyaccountError, PostgresError, OSError) as error:
            structlog.get_logger().warning("handover_waits", error=type(error).__name__)
        await asyncio.sleep(AT_LEAST_EVERY_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(fed.wait(), EVERY_SECONDS)


async def look(service: Service) -> int:
    """Open, end and tell whatever there is to; return how many ERPs were told again."""
    first_pause, today = service.settings.plan_told_again, service.today()
    async with writing(service.database) as tx:
        await actions.open_missing(tx, today, first_pause)
    while await _ended(service):
        pass
    told = 0
    while chunk := await _told(service):
        told += chunk
    return told


async def _ended(service: Service) -> int:
    async with writing(service.database) as tx:
        return await actions.end_over(tx, service.today())


async def _told(service: Service) -> int:
    async with writing(service.database) as tx:
        told = await actions.tell_due(tx, service.settings.plan_told_again)
    if told:
        service.relay.published.set()
    return told
