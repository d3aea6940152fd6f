"""How likely a win is, and where that figure comes from: for answers, events and totals alike."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.opportunity.definitions.rules import probability_of
from services.opportunity.vocabulary import State


class ProbabilitySource(StrEnum):
    """Where a probability comes from: the stage as configured or as calibrated, a person, or the outcome."""

    STAGE = "stage"
    CALIBRATED = "calibrated"
    MANUAL = "manual"
    OUTCOME = "outcome"


class Cause(StrEnum):
    """With what a person's word on the probability came or ended: of its own, or with another change."""

    DECISION = "decision"
    STAGE_CHANGE = "stage_change"
    OUTCOME = "outcome"
    REOPENING = "reopening"


@dataclass(frozen=True, slots=True)
class Probability:
    """A ratio in [0, 1], and where it comes from."""

    ratio: Decimal
    source: ProbabilitySource


def likelihood(
    state: str, *, of_stage: Decimal, manual: Decimal | None, calibrated: Decimal | None = None
) -> Probability:
    """Return how likely a win is: certain once decided, else what a person said (0 is a value), else by the stage.

    By the stage it is calibrated where that counts and enough is decided, and else as configured.
    """
    if state != State.OPEN:
        return Probability(probability_of(state, of_stage), ProbabilitySource.OUTCOME)
    if manual is not None:
        return Probability(manual, ProbabilitySource.MANUAL)
    if calibrated is not None:
        return Probability(calibrated, ProbabilitySource.CALIBRATED)
    return Probability(of_stage, ProbabilitySource.STAGE)
