"""Calibrations over the wire."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output, Prose
from services.opportunity.calibration.rules.calibrating import Judged, StageCalibration, WonDays, brier
from services.opportunity.calibration.rules.choosing import ChosenSource
from services.opportunity.calibration.store.calibrations import Calibration
from services.opportunity.wire import IntervalAnswer, interval_answer

Ratio = Annotated[DecimalString, Field(description="A ratio in [0, 1].")]
Score = Annotated[DecimalString | None, Field(description="A Brier score in [0, 1], 0 the best; null of nothing.")]


class CalibrationQuery(ListQuery):
    """The list of calibrations."""


class CalibrationRequest(Input):
    """What sales operations ask for: a calibration from everything that is decided by now."""


class ComparedScoreAnswer(Output):
    """The two side by side, over the entries before which 20 had been decided.

    `calibrated` is out of sample: each by what was decided before the day of the entry alone.
    """

    entries: int
    configured: Score
    calibrated: Score


class BrierScoreAnswer(Output):
    """The mean of (probability at that time − outcome)², over all entries of what is decided by now.

    `configured` is by what counted at the time of the entry: what a person had said, else what the stage of that
    version of the funnel is configured with.
    """

    entries: int
    configured: Score
    compared: ComparedScoreAnswer


class WonDaysAnswer(Output):
    """The days that won ones spent in the stage, several visits of one added up."""

    count: int
    percentile_25: DecimalString | None
    median: DecimalString | None
    percentile_75: DecimalString | None


class CalibratedStageAnswer(Output):
    """The chance to win from a stage: (won + 1) ÷ (decided + 2) among the decided ones that reached it.

    Below 20 decided it is reported and not used.
    """

    stage: str
    decided: int
    won: int
    probability: Ratio
    interval: IntervalAnswer | None = Field(description="Of won ÷ decided, at 95 %; null where nothing is decided.")
    is_used: bool
    configured: Ratio
    brier: BrierScoreAnswer
    won_days: WonDaysAnswer


class CalibrationAnswer(Output):
    """What own history says of each open stage, as of a day; `made_by` is null where the service made it by itself."""

    id: UUID
    funnel_version: int
    as_of: date
    made_at: datetime
    made_by: UUID | None
    on_behalf_of: UUID | None
    decided: int
    simulated_count: int
    brier: BrierScoreAnswer
    stages: list[CalibratedStageAnswer]

    @classmethod
    def of(cls, made: Calibration) -> "CalibrationAnswer":
        """Return the answer that tells of a calibration."""
        stages = made.told()
        same = {name: getattr(made, name) for name in Calibration.__dataclass_fields__ if name in cls.model_fields}
        same |= {"simulated_count": made.simulated, "brier": _brier_answer(_total(each.judged for each in stages))}
        return cls(**same | {"stages": [_stage_answer(each) for each in stages]})


class ProbabilityChoiceRequest(Input):
    """Which probabilities are to count where nobody said one."""

    source: ChosenSource
    reason: Prose


class ProbabilityChoiceQuery(ListQuery):
    """The list of choices."""


class ProbabilityChoiceAnswer(Output):
    """Which probabilities count from `decided_at` on; before the first choice, the configured ones."""

    id: UUID
    source: ChosenSource
    reason: str
    decided_at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


def _stage_answer(stage: StageCalibration) -> CalibratedStageAnswer:
    return CalibratedStageAnswer(
        stage=stage.stage,
        decided=stage.chance.decided,
        won=stage.chance.won,
        probability=stage.chance.probability,
        interval=interval_answer(stage.chance.interval),
        is_used=stage.chance.is_used,
        configured=stage.configured,
        brier=_brier_answer(stage.judged),
        won_days=_days_answer(stage.won_days),
    )


def _brier_answer(judged: Judged) -> BrierScoreAnswer:
    return BrierScoreAnswer(
        entries=judged.entries,
        configured=brier(judged.configured, judged.entries),
        compared=ComparedScoreAnswer(
            entries=judged.compared,
            configured=brier(judged.configured_compared, judged.compared),
            calibrated=brier(judged.calibrated, judged.compared),
        ),
    )


def _days_answer(days: WonDays) -> WonDaysAnswer:
    return WonDaysAnswer(
        count=days.count, percentile_25=days.percentile_25, median=days.median, percentile_75=days.percentile_75
    )


def _total(some: Iterable[Judged]) -> Judged:
    return sum(some, Judged())
