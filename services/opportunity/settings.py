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
    """The present instant and where the enterprise is; the currency that totals are shown in."""

    now: datetime
    zone: ZoneInfo
    currency: str

    @property
    def today(self) -> date:
        """The present business date."""
        return business_date(self.now, self.zone)


async def _house(request: Request) -> House:
    service = service_of(request)
    return House(service.database.clock(), service.settings.time_zone, service.settings.reporting_currency)


CurrentHouse = Annotated[House, Depends(_house)]
