"""When an assessment no longer tells what an opportunity is worth today."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from servicekit.values.dates import start_of_day


class OutdatedReason(StrEnum):
    """Why an assessment is outdated."""

    AGE = "age"
    STAGE_CHANGED = "stage_changed"


def fresh_from(today: date, days: int, zone: ZoneInfo) -> datetime:
    """Return the instant before which an assessment is older than so many days: on the last of them it is not yet."""
    return start_of_day(today - timedelta(days=days), zone)


def outdated_because(assessed_at: datetime, fresh: datetime, stage_since: datetime | None) -> list[OutdatedReason]:
    """Return why an assessment is outdated, nothing where it is not.

    `fresh` is the instant before which it is too old; `stage_since` is when the stage or state last changed, None
    where nobody told.
    """
    reasons = []
    if assessed_at < fresh:
        reasons.append(OutdatedReason.AGE)
    if stage_since is not None and assessed_at < stage_since:
        reasons.append(OutdatedReason.STAGE_CHANGED)
    return reasons
