"""How often customers of each tier are to be visited."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from servicekit.values.errors import NotAllowed, RuleViolated

DECIDING_ROLES = frozenset({"admin", "sales_operations"})
VISITS = ("visit", "meeting")
"""Kinds of activities in which people meet: calls and mails are no visits."""


class VisitFrequenciesNotAllowed(NotAllowed):
    """How often customers are to be visited is decided by sales operations and administrators."""

    code = "visit_frequencies_not_allowed"

    def __init__(self) -> None:
        super().__init__("How often customers are to be visited is decided by sales_operations and admin.")


class VisitFrequenciesInPast(RuleViolated):
    """Frequencies come into force today or later."""

    code = "visit_frequencies_in_past"

    def __init__(self) -> None:
        super().__init__("Frequencies come into force today or later.", field="/from_date")


@dataclass(frozen=True, slots=True)
class Frequencies:
    """At least one visit in so many days, by tier; None where nothing is expected."""

    strategic_days: int | None
    key_days: int | None
    growth_days: int | None
    standard_days: int | None


DEFAULT = Frequencies(strategic_days=30, key_days=60, growth_days=90, standard_days=180)
"""In force until others are."""


def check_may_decide(roles: Collection[str]) -> None:
    """Refuse whoever does not decide on how often customers are to be visited."""
    if DECIDING_ROLES.isdisjoint(roles):
        raise VisitFrequenciesNotAllowed


def check_from_date(from_date: date, today: date) -> None:
    """Refuse frequencies of yesterday: what was expected then stays as it was."""
    if from_date < today:
        raise VisitFrequenciesInPast


def missing(expected: int, done: int, planned: int) -> int:
    """Return how many visits are neither done nor still to come; an overdue one has to be planned anew."""
    return max(expected - done - planned, 0)
