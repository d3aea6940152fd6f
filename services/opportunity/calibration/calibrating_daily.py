"""Calibrates from own history once a business day, beside the requests."""

import asyncio

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.opportunity.calibration import actions

EVERY_SECONDS = 60.0


async def calibrate_daily(service: Service) -> None:
    """Calibrate on each new business day, until cancelled."""
    while True:
        try:
            await calibrate_today(service)
        except (KeyaccountError, PostgresError, OSError) as error:
            structlog.get_logger().warning("calibration_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def calibrate_today(service: Service) -> bool:
    """Calibrate unless that was done today; return whether it was done now."""
    async with writing(service.database) as tx:
        made = await actions.calibrate_daily(tx, today=service.today(), zone=service.settings.time_zone.key)
    return made is not None
