"""What the routes of this service take from the process: the present instant, the enterprise's day and time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from servicekit.values.dates import business_date
from servicekit.web.service import service_of


@dataclass(frozen=True, slots=True)
class Present:
    """Now, the business date that it is, and the time zone that makes it so."""

    now: datetime
    today: date
    zone: ZoneInfo


async def _present(request: Request) -> Present:
    service = service_of(request)
    now = service.database.clock()
    zone = service.settings.time_zone
    return Present(now, business_date(now, zone), zone)


CurrentPresent = Annotated[Present, Depends(_present)]
