"""The flow through the funnel over the wire."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from servicekit.values.intervals import shown_ratio
from servicekit.values.money import round_money
from servicekit.values.rates import oldest_date
from servicekit.web.schemas import DecimalString, Output
from services.opportunity.calibration.rules.ageing import Threshold, ThresholdSource
from services.opportunity.calibration.rules.calibrating import SHOWN_DAYS, shown_days
from services.opportunity.definitions.rules import Definition
from services.opportunity.flow.rules.conversion import Conversion, Share
from services.opportunity.flow.rules.report import ConversionReport, TimesReport, VelocityReport
from services.opportunity.flow.rules.standing import Standing, StandingReport
from services.opportunity.flow.rules.times import Pace
from services.opportunity.flow.rules.velocity import Amounts, Part
from services.opportunity.flow.rules.window import Window, window_of
from services.opportunity.wire import IntervalAnswer, RateAnswer, ScopeAnswer, ScopeQuery, interval_answer

Ratio = Annotated[DecimalString | None, Field(description="A ratio in [0, 1]; null of nothing.")]
Days = Annotated[DecimalString | None, Field(description="Days; null where nothing is known.")]


class WindowQuery(ScopeQuery):
    """Whose opportunities, and which days are looked at; owners and reporting line are those of its last day."""

    from_date: date | None = Field(default=None, description="The first day; 365 days before until_date unless given.")
    until_date: date | None = Field(default=None, description="Not included; the day after as_of unless given.")

    def window(self, today: date) -> Window:
        """Return the window, told as of its last day."""
        window = window_of(self.from_date, self.until_date, None, today)
        return Window(window.days, window.last_day)


class CohortQuery(WindowQuery):
    """Whose opportunities that first reached a stage in which days, and as of when it is told what became of them."""

    as_of: date | None = Field(default=None, description="Today unless given.")

    def window(self, today: date) -> Window:
        """Return the window, told as of the day asked for."""
        return window_of(self.from_date, self.until_date, self.as_of, today)


class VelocityQuery(ScopeQuery):
    """Whose opportunities, by the owners and the reporting line of which day."""

    as_of: date | None = Field(default=None, description="Today unless given.")


class WindowAnswer(Output):
    """The days looked at (`until_date` is not one of them), and as of when it is told what became of them."""

    from_date: date
    until_date: date
    as_of: date


class ConvertedAnswer(Output):
    """A share of a cohort."""

    cohort: int
    reached: int
    rate: Ratio
    interval: IntervalAnswer | None


class StageConversionAnswer(Output):
    """How many of those that first reached a stage in the window reached a later one.

    `all` counts those that are still open as not having reached it yet, so that a young cohort looks bad;
    `decided_only` is without them.
    """

    from_stage: str
    to_stage: str
    adjacent: bool
    all: ConvertedAnswer
    decided_only: ConvertedAnswer


class StageCohortAnswer(Output):
    """How many first reached a stage in the window; one that was skipped is reached."""

    stage: str
    count: int


class FunnelConversionAnswer(Output):
    """Conversion between any two stages of the current funnel."""

    scope: ScopeAnswer
    window: WindowAnswer
    funnel_version: int
    cohorts: list[StageCohortAnswer]
    conversions: list[StageConversionAnswer]
    simulated_count: int


class PaceAnswer(Output):
    """Days spent in a stage by so many opportunities; visits of the same one are added up."""

    count: int
    percentile_25: Days
    median: Days
    percentile_75: Days


class StageTimeAnswer(Output):
    """The days spent in a stage by those that left it in the window, and by the won ones among them."""

    stage: str
    left: PaceAnswer
    won: PaceAnswer
    simulated_count: int


class StageTimesAnswer(Output):
    """How long opportunities stand in each open stage of the current funnel."""

    scope: ScopeAnswer
    window: WindowAnswer
    funnel_version: int
    stages: list[StageTimeAnswer]


class AmountsAnswer(Output):
    """How many, and their amounts: `unknown_amount` is in no sum, nor is what no rate converts (`unconverted`)."""

    count: int
    amount: DecimalString
    mean_amount: DecimalString | None
    known_amount: int
    unknown_amount: int
    simulated_count: int
    unconverted: dict[str, DecimalString]


class WinRateFigures(Output):
    """Won ÷ (won + lost) by the day of the decision; what was reopened since is not decided."""

    scope: ScopeAnswer
    as_of: date
    from_date: date
    until_date: date
    currency: str
    rate_date: date | None = Field(description="Of the oldest rate in use; null where nothing was converted.")
    rates: list[RateAnswer]
    won: AmountsAnswer
    lost: AmountsAnswer
    win_rate: Ratio
    interval: IntervalAnswer | None
    mean_cycle_days: Days
    cycles: int = Field(description="Won ones whose beginning is known: the mean cycle is theirs.")


class WinRateAnswer(WinRateFigures):
    """How many of what was decided in the window was won."""


class VelocityAnswer(WinRateFigures):
    """Open count × win rate × mean amount ÷ mean cycle in days, the rate and the cycle of the 365 days up to `as_of`.

    `per_day` is in `currency`; null where a part is unknown, and `missing` says which.
    """

    open: AmountsAnswer
    per_day: DecimalString | None
    missing: list[Part]


class StandingStageAnswer(Output):
    """Open opportunities of a stage.

    Ageing is whoever has stood in it for more than `threshold_days`: the 75th percentile of the days that won ones
    spent there (`won_history`), a setting (`fixed`) while fewer than 20 of these have been won. Of `unknown_age` nobody
    knows since when they are there.
    """

    stage: str
    count: int
    ageing: int
    unknown_age: int
    stalled: int | None = Field(description="Null of a past day: of activities only the latest is known.")
    threshold_days: DecimalString
    threshold_source: ThresholdSource
    won_count: int
    simulated_count: int


class AgeingAnswer(Output):
    """What stands too long in its stage, or is left alone: open ones whose latest activity is `stalled_days` ago.

    Where no activity is known, the last change of stage or terms counts. `calibration_id` says where the percentiles
    are from; null before the first calibration.
    """

    scope: ScopeAnswer
    as_of: date
    funnel_version: int
    calibration_id: UUID | None
    stalled_days: int | None
    stages: list[StandingStageAnswer]


def ageing_answer(report: StandingReport) -> AgeingAnswer:
    """Return the answer that tells what stands too long."""
    return AgeingAnswer(
        scope=ScopeAnswer.model_validate(report.asked.scope),
        as_of=report.asked.as_of,
        funnel_version=report.definition.version,
        calibration_id=report.calibration_id,
        stalled_days=report.asked.stalled_days if report.tells_stalled else None,
        stages=[_standing_stage(report, threshold) for threshold in report.thresholds],
    )


def _standing_stage(report: StandingReport, threshold: Threshold) -> StandingStageAnswer:
    found = report.standing.get(threshold.order, Standing(threshold.order, 0, 0, 0, 0, 0))
    return StandingStageAnswer(
        stage=_keys(report.definition)[threshold.order],
        count=found.count,
        ageing=found.ageing,
        unknown_age=found.unknown_age,
        stalled=found.stalled if report.tells_stalled else None,
        threshold_days=threshold.days,
        threshold_source=threshold.source,
        won_count=threshold.won_count,
        simulated_count=found.simulated,
    )


def conversion_answer(report: ConversionReport) -> FunnelConversionAnswer:
    """Return the answer that tells of conversion."""
    keys = _keys(report.definition)
    return FunnelConversionAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        window=_window_answer(report.window),
        funnel_version=report.definition.version,
        cohorts=[StageCohortAnswer(stage=keys[order], count=count) for order, count in report.cohorts.items()],
        conversions=[_conversion_answer(each, keys) for each in report.conversions],
        simulated_count=report.simulated,
    )


def times_answer(report: TimesReport) -> StageTimesAnswer:
    """Return the answer that tells of times."""
    keys = _keys(report.definition)
    return StageTimesAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        window=_window_answer(report.window),
        funnel_version=report.definition.version,
        stages=[_time_answer(keys[order], pace) for order, pace in report.paces.items()],
    )


def win_rate_answer(report: VelocityReport) -> WinRateAnswer:
    """Return the answer that tells of a win rate."""
    return WinRateAnswer(**_figures(report))


def velocity_answer(report: VelocityReport) -> VelocityAnswer:
    """Return the answer that tells of a velocity."""
    found = report.velocity
    return VelocityAnswer(
        **_figures(report),
        open=_amounts_answer(found.open, report.currency),
        per_day=None if found.per_day is None else round_money(found.per_day, report.currency),
        missing=found.missing,
    )


def _figures(report: VelocityReport) -> dict[str, Any]:
    found, currency = report.velocity, report.currency
    cycle = found.mean_cycle_days
    return {
        "scope": ScopeAnswer.model_validate(report.scope),
        "as_of": report.as_of,
        "from_date": report.decided_in.start,
        "until_date": report.decided_in.end,
        "currency": currency,
        "rate_date": oldest_date(report.rates),
        "rates": [RateAnswer.model_validate(rate) for rate in report.rates],
        "won": _amounts_answer(found.won, currency),
        "lost": _amounts_answer(found.lost, currency),
        "win_rate": None if found.win_rate is None else shown_ratio(found.win_rate),
        "interval": interval_answer(found.win_rate_interval),
        "mean_cycle_days": None if cycle is None else cycle.quantize(SHOWN_DAYS, rounding=ROUND_HALF_UP),
        "cycles": found.cycles,
    }


def _amounts_answer(amounts: Amounts, currency: str) -> AmountsAnswer:
    return AmountsAnswer(
        count=amounts.count,
        amount=round_money(amounts.amount, currency),
        mean_amount=None if amounts.mean is None else round_money(amounts.mean, currency),
        known_amount=amounts.known,
        unknown_amount=amounts.unknown,
        simulated_count=amounts.simulated,
        unconverted={code: round_money(amount, code) for code, amount in amounts.unconverted.items()},
    )


def _keys(definition: Definition) -> Mapping[int, str]:
    return {stage.order: stage.key for stage in definition.stages}


def _window_answer(window: Window) -> WindowAnswer:
    return WindowAnswer(from_date=window.days.start, until_date=window.days.end, as_of=window.as_of)


def _conversion_answer(conversion: Conversion, keys: Mapping[int, str]) -> StageConversionAnswer:
    return StageConversionAnswer(
        from_stage=keys[conversion.from_order],
        to_stage=keys[conversion.to_order],
        adjacent=conversion.to_order == conversion.from_order + 1,
        all=_converted_answer(conversion.all),
        decided_only=_converted_answer(conversion.decided_only),
    )


def _converted_answer(share: Share) -> ConvertedAnswer:
    rate = share.rate
    return ConvertedAnswer(
        cohort=share.cohort,
        reached=share.reached,
        rate=None if rate is None else shown_ratio(rate),
        interval=interval_answer(share.interval),
    )


def _time_answer(stage: str, pace: Pace) -> StageTimeAnswer:
    return StageTimeAnswer(
        stage=stage,
        left=_pace_answer(pace.count, pace.quartiles),
        won=_pace_answer(pace.won_count, pace.won_quartiles),
        simulated_count=pace.simulated,
    )


def _pace_answer(count: int, quartiles: Sequence[float] | None) -> PaceAnswer:
    low, middle, high = (shown_days(days) for days in quartiles) if quartiles else (None, None, None)
    return PaceAnswer(count=count, percentile_25=low, median=middle, percentile_75=high)
