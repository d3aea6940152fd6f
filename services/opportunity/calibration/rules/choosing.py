"""Who calibrates, and who says which probabilities count."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Used:
    """The calibrated probabilities that count, from an instant on.

    `probabilities` are kept by version of the funnel, by stage; a stage that is not there has too little history.
    """

    calibration_id: UUID
    since: datetime
    probabilities: Mapping[str, Mapping[str, str]]

    def of_stage(self, funnel_version: int, stage: str) -> Decimal | None:
        """Return the calibrated probability of a stage, None where its configured one counts."""
        found = self.probabilities.get(str(funnel_version), {}).get(stage)
        return None if found is None else Decimal(found)


def used_as_kept(kept: Sequence[Any] | None) -> Used | None:
    """Return what a row carries: the calibration, since when it counts, its probabilities; None where none does."""
    if kept is None:
        return None
    return Used(UUID(kept[0]), datetime.fromisoformat(kept[1]), kept[2])
