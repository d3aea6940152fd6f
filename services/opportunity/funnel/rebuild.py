"""Counts the funnel anew: `python -m services.opportunity.funnel.rebuild`, with the service's own environment."""

import asyncio

from servicekit.data.database import Database
from servicekit.data.transactions import writing
from servicekit.run.settings import Settings
from services.opportunity.funnel.store import counters


async def rebuild(settings: Settings) -> None:
    """Rebuild the counters while the service may be running."""
    database = await Database.connect(settings.login_url, settings.service, connections=1)
    try:
        async with writing(database) as tx:
            await counters.rebuild(tx)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(rebuild(Settings.from_environment("opportunity")))
