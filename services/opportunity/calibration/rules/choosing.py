"""Who calibrates, and who says which probabilities count."""

from collections.abc import Collection
from enum import StrEnum

from services.opportunity.refusals import MayNotDo

MAY_DECIDE = frozenset({"admin", "sales_operations"})


class ChosenSource(StrEnum):
    """Which probabilities count where nobody said one: those configured with the stage, or the latest calibrated."""

    STAGE = "stage"
    CALIBRATED = "calibrated"


def check_may_decide(roles: Collection[str]) -> None:
    """Refuse anyone but sales operations and administrators."""
    if MAY_DECIDE.isdisjoint(roles):
        raise MayNotDo("Sales operations and administrators calibrate, and say which probabilities count.")
