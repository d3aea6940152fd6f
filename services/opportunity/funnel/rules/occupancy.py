"""Where did an opportunity stand at an instant? The last change at or before it; equal instants by order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage and state from an instant on; `sequence` is the order of arrival."""

    at: datetime
    sequence: int
    stage: str
    state: State


def standing_at(history: Sequence[Standing], instant: datetime) -> Standing | None:
    """Return where it stood, or None if it was not there yet."""
    until = [standing for standing in history if standing.at <= instant]
    return max(until, key=lambda standing: (standing.at, standing.sequence), default=None)
