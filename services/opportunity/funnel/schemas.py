"""Stage changes, outcomes and criteria over the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from servicekit.values.money import round_money
from servicekit.values.rates import oldest_date
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, MoneyAnswer, Output, Prose
from services.opportunity.baselines.rules import Baseline, Basis
from services.opportunity.funnel.rules.coverage import MeetsQuota, QuotaStatus
from services.opportunity.funnel.rules.health import HealthState, Trend
from services.opportunity.funnel.rules.measures import BaselineKind
from services.opportunity.funnel.rules.moves import Decision, LossReason, Move, Outcome
from services.opportunity.funnel.rules.report import FunnelReport, StageLine
from services.opportunity.funnel.store import StageChange
from services.opportunity.vocabulary import State
from services.opportunity.wire import RateAnswer, ScopeAnswer, ScopeQuery, shown_money

EndsProbability = Annotated[
    bool, Field(description="What a person said of the chance to win ends with this; else it holds on.")
]


class StageChangeRequest(Input):
    """A move to another stage; backward it needs a reason."""

    to_stage: str = Field(max_length=100, examples=["confirm_need"])
    reason: Prose | None = None
    override_reason: Prose | None = Field(default=None, description="A superior passes over unmet exit criteria.")
    at: AwareDatetime | None = Field(default=None, description="When it happened; sales operations only.")
    ends_manual_probability: EndsProbability = False

    def as_move(self) -> Move:
        """Return the plain value."""
        return Move(self.to_stage, self.reason, self.override_reason, self.at, self.ends_manual_probability)


class OutcomeRequest(Input):
    """How the opportunity ended; a loss needs its reason."""

    outcome: Outcome
    loss_reason: LossReason | None = None
    win_reason: Prose | None = None
    reason: Prose | None = None
    override_reason: Prose | None = Field(default=None, description="A superior passes over unmet exit criteria.")
    competitor_id: UUID | None = Field(default=None, description="To whom it was lost.")
    decided_at: AwareDatetime | None = Field(default=None, description="When it was decided; sales operations only.")
    contract_until: date | None = Field(default=None, description="The last day of the contract that was won.")
    ends_manual_probability: EndsProbability = False

    def as_decision(self) -> Decision:
        """Return the plain value."""
        return Decision(**{name: getattr(self, name) for name in Decision.__dataclass_fields__})


class ContractChangeRequest(Input):
    """Until when the contract runs that was won."""

    contract_until: date | None = Field(description="Its last day; null where nobody knows.")


class ReopeningRequest(Input):
    """Taking up again what was won or lost."""

    to_stage: str = Field(max_length=100, examples=["negotiate"])
    reason: Prose
    ends_manual_probability: EndsProbability = False


class StageChangeAnswer(Output):
    """A change of stage or state; `recorded_at` is when it was told, `at` when it happened.

    `funnel_version` is that of `to_stage`. `from_version` is null unless the opportunity was moved from that version
    of the funnel, of which `from_stage` is.
    """

    at: datetime
    recorded_at: datetime
    funnel_version: int
    from_version: int | None
    from_stage: str | None
    to_stage: str
    from_state: State | None
    to_state: State
    decided_on: date | None
    amount: MoneyAnswer | None
    reason: str | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    override_reason: str | None
    passed_over: list[str] = Field(description="The exit criteria that were not met when a superior overrode them.")
    actor_id: UUID | None
    on_behalf_of: UUID | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not isinstance(value, StageChange):
            return value
        fields = {name: getattr(value, name) for name in cls.model_fields}
        return fields | {"amount": None if value.amount is None else shown_money(value.amount, value.currency)}


class HistoryQuery(ListQuery):
    """The stage history, the oldest first unless sorted otherwise."""


class FunnelQuery(ScopeQuery):
    """Whose funnel, as of which day, compared by what."""

    as_of: date | None = Field(default=None, description="Today unless given.")
    basis: Basis = Field(default=Basis.COUNT, description="What health compares.")


class TotalAnswer(Output):
    """How many, the sum of the known amounts, of how many the amount is unknown, how many are simulated."""

    count: int
    amount: DecimalString
    unknown_amount: int
    simulated_count: int


class BaselinePeriodAnswer(Output):
    """An earlier quarter, the day in it that is looked at, and what stood in the stage then (count or amount)."""

    start: date
    day: date
    value: DecimalString


class ManualBaselineAnswer(Output):
    """What somebody has said a stage of a version of the funnel is compared with, since when, who and why."""

    id: UUID
    funnel_version: int
    stage: str
    count: DecimalString | None
    amount: MoneyAnswer | None
    from_date: date
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime


class StageLineAnswer(TotalAnswer):
    """A stage; the last one counts what was won in the quarter up to the day.

    `health` is current ÷ baseline × 100, null where there is no baseline. The baseline is the mean of
    `baseline_periods` (`history`; `baseline_is_partial` says that these are fewer than 4 quarters), or what somebody
    has set by hand (`manual`): `baseline_manual` is what was said last. Where a stage takes the place of several of an
    older version of the funnel, the baseline is the sum of what was said of each: `baseline_manual_parts`.
    `change` is since the previous quarter's same day; `health_before` and `state_before` are of that day, against its
    own baseline; `trend` says where health goes. `weighted` is null for the last stage.
    """

    stage: str
    weighted: DecimalString | None
    baseline: DecimalString | None
    baseline_kind: BaselineKind
    baseline_periods: list[BaselinePeriodAnswer]
    baseline_is_partial: bool
    baseline_manual: ManualBaselineAnswer | None
    baseline_manual_parts: list[ManualBaselineAnswer]
    change: DecimalString | None
    health: DecimalString | None
    state: HealthState
    health_before: DecimalString | None
    state_before: HealthState
    trend: Trend


class FunnelAnswer(Output):
    """The funnel of a scope as of a day; amounts are in `currency`, `unconverted` is in none of the sums."""

    scope: ScopeAnswer
    as_of: date
    currency: str
    rate_date: date | None = Field(description="Of the oldest rate in use; null where nothing was converted.")
    rates: list[RateAnswer]
    basis: Basis
    baseline_days: list[date]
    compared_with: date | None = Field(description="The day that `change` and `trend` look back to.")
    stages: list[StageLineAnswer]
    open: TotalAnswer
    won: TotalAnswer
    lost: TotalAnswer
    weighted: DecimalString
    calibration_id: UUID | None = Field(
        description="Whose probabilities the weights are by; null: the configured ones."
    )
    unconverted: dict[str, DecimalString]
    simulated_count: int
    quota: MoneyAnswer | None
    quota_status: QuotaStatus = Field(description="Why there is no quota; `no_quotas`: nobody sets any yet.")
    coverage: DecimalString | None = Field(
        description="Open pipeline ÷ quota still to be won; null without a quota, or where nothing is left to win."
    )
    meets_quota: MeetsQuota


def funnel_answer(report: FunnelReport) -> FunnelAnswer:
    """Return the answer that tells of a funnel."""
    funnel = report.funnel
    return FunnelAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        as_of=report.as_of,
        currency=report.currency,
        rate_date=oldest_date(report.rates),
        rates=[RateAnswer.model_validate(rate) for rate in report.rates],
        basis=report.basis,
        baseline_days=list(report.baseline_days),
        compared_with=report.compared_with,
        stages=[_stage_answer(line) for line in funnel.stages],
        open=TotalAnswer.model_validate(funnel.open),
        won=TotalAnswer.model_validate(funnel.won),
        lost=TotalAnswer.model_validate(funnel.lost),
        weighted=funnel.weighted,
        calibration_id=report.calibration_id,
        unconverted={currency: round_money(amount, currency) for currency, amount in funnel.unconverted.items()},
        simulated_count=sum(total.simulated_count for total in (funnel.open, funnel.won, funnel.lost)),
        quota=None,
        quota_status=report.coverage.status,
        coverage=report.coverage.ratio,
        meets_quota=report.coverage.meets,
    )


def _stage_answer(line: StageLine) -> StageLineAnswer:
    measure = line.measure
    said = [_manual_answer(one) for one in sorted(measure.said, key=lambda each: (each.decided_at, each.id))]
    return StageLineAnswer(
        stage=line.stage,
        count=line.count,
        amount=line.amount,
        unknown_amount=line.unknown_amount,
        simulated_count=line.simulated_count,
        weighted=line.weighted,
        baseline=line.health.baseline,
        baseline_kind=measure.kind,
        baseline_periods=[BaselinePeriodAnswer.model_validate(period) for period in measure.periods],
        baseline_is_partial=measure.is_partial,
        baseline_manual=said[-1] if said else None,
        baseline_manual_parts=said if len(said) > 1 else [],
        change=line.change,
        health=line.health.percent,
        state=line.health.state,
        health_before=line.before.percent,
        state_before=line.before.state,
        trend=line.trend,
    )


def _manual_answer(said: Baseline) -> ManualBaselineAnswer:
    same = {name: getattr(said, name) for name in ManualBaselineAnswer.model_fields if hasattr(said, name)}
    money = said.money
    return ManualBaselineAnswer(
        amount=None if money is None else MoneyAnswer(**shown_money(money.amount, money.currency)), **same
    )
