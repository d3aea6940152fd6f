"""Keeps customers findable beside the requests; `python -m services.customer.customers.rebuild` does it at once.

The command uses the service's own environment and may run while the service does. With `--anew` it derives every
customer again, whatever was derived before.
"""

import asyncio
import sys

import structlog
from asyncpg import PostgresError

from servicekit.data.database import Database
from servicekit.data.transactions import reading, writing
from servicekit.run.settings import Settings
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.customer.customers.actions import rederiving
from services.customer.matching.actions import counting
from services.customer.matching.store import statistics

EVERY_SECONDS = 60.0


async def keep_findable(service: Service) -> None:
    """Derive what is behind, and count keys again when that is due, now and every minute."""
    while True:
        try:
            await bring_up_to_date(service.database)
        except (KeyaccountError, PostgresError, OSError) as error:
            structlog.get_logger().warning("matching_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def bring_up_to_date(database: Database) -> None:
    """Derive every customer that is behind, then count keys if that is due."""
    async with reading(database) as asking:
        is_behind, is_uncounted = await rederiving.is_due(asking), await counting.is_due(asking)
    if is_uncounted and not is_behind:
        await recount(database)
    if not is_behind:
        return
    is_more = True
    while is_more:
        is_more = await _derive_some(database)
    await recount(database)


async def recount(database: Database) -> None:
    """Count how frequent keys are."""
    async with writing(database) as tx:
        await counting.recount(tx)


async def _derive_some(database: Database) -> bool:
    async with writing(database) as tx:
        return await rederiving.derive_some(tx)


async def rebuild(settings: Settings, *, anew: bool) -> None:
    """Bring a base up to date, or derive all of it again."""
    database = await Database.connect(settings.login_url, settings.service, connections=1)
    try:
        if anew:
            async with writing(database) as tx:
                await statistics.forget(tx)
        await bring_up_to_date(database)
        await recount(database)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(rebuild(Settings.from_environment("customer"), anew="--anew" in sys.argv[1:]))
