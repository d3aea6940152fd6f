"""What stands in the stages for too long, or is left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from servicekit.values.dates import business_date
from services.opportunity.calibration.rules.ageing import Threshold
from services.opportunity.definitions.rules import Definition
from services.opportunity.scopes.rules import Scope


@dataclass(frozen=True, slots=True)
class Standing:
    """Open opportunities of a stage: how many, of how many nobody knows since when, how many are ageing or stalled."""

    order: int
    count: int
    unknown_age: int
    ageing: int
    stalled: int
    simulated: int


@dataclass(frozen=True, slots=True)
class StandingAsked:
    """Of whom, as of which day, and what is too long where own history does not say it."""

    scope: Scope
    as_of: date
    now: datetime
    zone: ZoneInfo
    ageing_days: int
    stalled_days: int


@dataclass(frozen=True, slots=True)
class StandingReport:
    """What stands in each open stage, by its order."""

    asked: StandingAsked
    definition: Definition
    thresholds: Sequence[Threshold]
    standing: Mapping[int, Standing]
    calibration_id: UUID | None

    @property
    def tells_stalled(self) -> bool:
        """Whether it is about today: of a past day nobody knows the activities, only the latest is kept."""
        return self.asked.as_of == business_date(self.asked.now, self.asked.zone)
