"""Who covers whom, and when the next meeting is due."""

from datetime import date, timedelta

from servicekit.values.errors import Conflict, RuleViolated


class CoverageExists(Conflict):
    """This person covers this contact already."""

    code = "coverage_exists"

    def __init__(self) -> None:
        super().__init__("This person covers this contact already: end that first.")


class CoverageEnded(Conflict):
    """It has ended already."""

    code = "coverage_ended"

    def __init__(self) -> None:
        super().__init__("It has ended already.")


class CoverageEndsTooSoon(RuleViolated):
    """It would end before it begins."""

    code = "coverage_ends_too_soon"

    def __init__(self) -> None:
        super().__init__("It cannot end before it begins.", field="/until_date")


def next_due(from_date: date, every_days: int, last_done_on: date | None) -> date:
    """Return by when the contact is to be met next: so many days after the last time, or after the beginning."""
    return max(from_date, last_done_on or from_date) + timedelta(days=every_days)


def check_end(from_date: date, present: date | None, until_date: date) -> None:
    """Refuse an end of what has ended, and one before the beginning."""
    if present is not None:
        raise CoverageEnded
    if until_date < from_date:
        raise CoverageEndsTooSoon
