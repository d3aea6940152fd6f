"""What the routes of this service take from the process: the enterprise's day and its reporting currency."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from servicekit.values.dates import business_date
from servicekit.web.service import Service, service_of
from servicekit.web.unit import current_unit
from services.opportunity.freshness import fresh_from


@dataclass(frozen=True, slots=True)
class House:
    """The present instant and where the enterprise is; the currency that totals are shown in.

    `blocks_unclassified` says that opportunities are refused for customers that are not assigned and classified;
    `assessment_days` after how many days an assessment is outdated; `ageing_days` and `stalled_days` after how many in
    a stage, or without an activity, an opportunity is listed as such;
    `resource_limits` how much each level up the reporting line approves alone.
    """

    now: datetime
    zone: ZoneInfo
    currency: str
    blocks_unclassified: bool
    assessment_days: int
    ageing_days: int
    stalled_days: int
    resource_limits: tuple[Decimal, ...]

    @property
    def today(self) -> date:
        """The present business date."""
        return business_date(self.now, self.zone)

    @property
    def fresh_from(self) -> datetime:
        """The instant before which an assessment is too old today."""
        return fresh_from(self.today, self.assessment_days, self.zone)


def present_house() -> House:
    """Return the house of the request that is being answered: what an answer says may depend on the day."""
    return _house_of(current_unit.get().service)


def _house_of(service: Service) -> House:
    settings = service.settings
    return House(
        service.database.clock(),
        settings.time_zone,
        settings.reporting_currency,
        settings.blocks_unclassified,
        settings.assessment_days,
        settings.ageing_days,
        settings.stalled_days,
        settings.resource_limits,
    )


async def _house(request: Request) -> House:
    return _house_of(service_of(request))


CurrentHouse = Annotated[House, Depends(_house)]
