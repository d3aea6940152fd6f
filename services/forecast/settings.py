"""What the routes of this service take from the process: the present instant and the enterprise's day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request

from servicekit.values.dates import business_date
from servicekit.web.service import service_of


@dataclass(frozen=True, slots=True)
class Present:
    """Now, and the business date that it is."""

    now: datetime
    today: date


async def _present(request: Request) -> Present:
    service = service_of(request)
    now = service.database.clock()
    return Present(now, business_date(now, service.settings.time_zone))


CurrentPresent = Annotated[Present, Depends(_present)]
