"""What the routes of this service take from the process: the enterprise's day and its reporting currency."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from servicekit.values.dates import business_date
from servicekit.web.service import service_of


@dataclass(frozen=True, slots=True)
class House:
    """The present instant and where the enterprise is; the currency that totals are shown in.

    `blocks_unclassified` says that opportunities are refused for customers that are not assigned and classified.
    """

    now: datetime
    zone: ZoneInfo
    currency: str
    blocks_unclassified: bool

    @property
    def today(self) -> date:
        """The present business date."""
        return business_date(self.now, self.zone)


async def _house(request: Request) -> House:
    service = service_of(request)
    settings = service.settings
    return House(
        service.database.clock(), settings.time_zone, settings.reporting_currency, settings.blocks_unclassified
    )


CurrentHouse = Annotated[House, Depends(_house)]
