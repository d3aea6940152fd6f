"""Reports over assessments over the wire."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from servicekit.values.intervals import shown_ratio
from servicekit.web.schemas import DecimalString, Output
from services.opportunity.assessment.rules.assessing import Answer
from services.opportunity.assessment.rules.reporting import DistributionReport, QuestionsReport, WinRatesReport
from services.opportunity.assessment.rules.reports import (
    Bar,
    Counted,
    Means,
    ModelDistribution,
    QuestionRates,
    Rate,
    WithWinning,
)
from services.opportunity.assessment.schemas.models import ModelNumber
from services.opportunity.flow.rules.window import day_told
from services.opportunity.vocabulary import State, Value
from services.opportunity.wire import IntervalAnswer, ScopeAnswer, ScopeQuery, interval_answer

SHOWN_SCORE = Decimal("0.01")
MOST_BANDS = 20
MeanScore = Annotated[DecimalString | None, Field(description="Null of nothing.")]


class DistributionQuery(ScopeQuery):
    """Whose opportunities, as of which day, by the owners and the reporting line of that day."""

    as_of: date | None = Field(default=None, description="Today unless given.")
    state: State = Field(default=State.OPEN, description="As it was that day.")

    def day(self, today: date) -> date:
        """Return the day as of which it is told."""
        return day_told(self.as_of, today)


class DecidedQuery(ScopeQuery):
    """Whose opportunities that were decided in which days; owners and reporting line are those of the last of them."""

    from_date: date | None = Field(default=None, description="The first day; 365 days before until_date unless given.")
    until_date: date | None = Field(default=None, description="Not included; tomorrow unless given.")
    model: ModelNumber | None = Field(default=None, description="A published model; the current one unless given.")


class WinRatesQuery(DecidedQuery):
    """The same, and where the bands of scores begin."""

    edges: list[int] | None = Field(
        default=None, max_length=MOST_BANDS, description="0 first; two bands up to the threshold and two above else."
    )


class ValueCountAnswer(Output):
    """How many are worth that, and how many of them by an assessment that is outdated."""

    value: Value
    count: int
    outdated: int


class ScoreBarAnswer(Output):
    """How many have a score, by value; `count_most` have it if every open answer turns out to be a yes."""

    score: int
    count: int
    high: int
    not_high: int
    undecided: int
    outdated: int
    count_most: int


class DimensionMeanAnswer(Output):
    """The mean score of a dimension, from the yeses alone to the yeses with all that is unanswered."""

    key: str
    name: str
    most: int
    mean_score: MeanScore
    mean_score_most: MeanScore


class ModelDistributionAnswer(Output):
    """How the scores by one model are distributed: a bar for each score from 0 to `most`."""

    model: int
    name: str
    threshold: int
    most: int
    count: int
    outdated: int
    mean_score: MeanScore
    mean_score_most: MeanScore
    dimensions: list[DimensionMeanAnswer]
    bars: list[ScoreBarAnswer]


class ScoreDistributionAnswer(Output):
    """How the opportunities of a scope were assessed as of a day; `outdated` counts those whose assessment was then."""

    scope: ScopeAnswer
    as_of: date
    state: State
    count: int
    assessed: int
    outdated: int
    unassessed: int
    simulated_count: int
    values: list[ValueCountAnswer]
    models: list[ModelDistributionAnswer]


class DecidedRateAnswer(Output):
    """Won ÷ decided; `outdated` of the decided rest on an assessment that was outdated when they were decided."""

    won: int
    decided: int
    outdated: int
    win_rate: DecimalString | None = Field(description="A ratio in [0, 1]; null of nothing.")
    interval: IntervalAnswer | None


class ScoreBandAnswer(DecidedRateAnswer):
    """What was won of those that scored from `from_score` to `to_score`, both included."""

    from_score: int
    to_score: int


class ValueRateAnswer(DecidedRateAnswer):
    """What was won of those that were worth that."""

    value: Value


class ScoreWinRatesAnswer(Output):
    """What was won of what was decided in the days, by the assessment in force when each was decided.

    Bands and values are of one model; `other_models` were assessed by others, `unassessed` by nobody.
    """

    scope: ScopeAnswer
    from_date: date
    until_date: date
    model: int
    threshold: int
    most: int
    whole: DecidedRateAnswer
    bands: list[ScoreBandAnswer]
    values: list[ValueRateAnswer]
    unassessed: DecidedRateAnswer
    other_models: DecidedRateAnswer
    simulated_count: int


class DifferenceIntervalAnswer(Output):
    """Where a difference of shares lies with 95 % confidence (Newcombe's hybrid score interval), from -1 to 1."""

    low: DecimalString
    high: DecimalString


class QuestionRatesAnswer(Output):
    """What was won by the answer to a question: yes, no and unanswered apart.

    `difference` is the win rate of the yeses less that of the noes. A yes goes `with_winning` where its whole interval
    is above 0, not where it is below; null where there is nothing to compare.
    """

    dimension: str
    key: str
    meaning: str
    yes: DecidedRateAnswer
    no: DecidedRateAnswer
    unanswered: DecidedRateAnswer
    difference: DecimalString | None
    difference_interval: DifferenceIntervalAnswer | None
    with_winning: WithWinning | None


class QuestionWinRatesAnswer(Output):
    """What was won of what was decided in the days, by what had been answered when each was decided."""

    scope: ScopeAnswer
    from_date: date
    until_date: date
    model: int
    questions: list[QuestionRatesAnswer]


def distribution_answer(report: DistributionReport) -> ScoreDistributionAnswer:
    """Return the answer that tells how scores are distributed."""
    found = report.found
    return ScoreDistributionAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        as_of=report.as_of,
        state=report.state,
        count=found.assessed.count + found.unassessed,
        assessed=found.assessed.count,
        outdated=found.assessed.outdated,
        unassessed=found.unassessed,
        simulated_count=found.simulated,
        values=[_value(value, counted) for value, counted in found.by_value.items()],
        models=[_model(one, report.names[one.model.number]) for one in found.models],
    )


def _value(value: Value, counted: Counted) -> ValueCountAnswer:
    return ValueCountAnswer(value=value, count=counted.count, outdated=counted.outdated)


def _model(one: ModelDistribution, name: str) -> ModelDistributionAnswer:
    return ModelDistributionAnswer(
        model=one.model.number,
        name=name,
        threshold=one.model.threshold,
        most=one.model.most,
        count=one.total.count,
        outdated=one.total.outdated,
        dimensions=[
            DimensionMeanAnswer(
                key=dimension.key, name=dimension.name, most=len(dimension.questions), **_shown_means(means)
            )
            for dimension, means in zip(one.model.dimensions, one.dimensions, strict=True)
        ],
        bars=[_bar(bar) for bar in one.bars],
        **_shown_means(one.whole),
    )


def _shown_means(means: Means) -> dict[str, Any]:
    return {
        name: None if mean is None else mean.quantize(SHOWN_SCORE)
        for name, mean in (("mean_score", means.mean), ("mean_score_most", means.mean_most))
    }


def _bar(bar: Bar) -> ScoreBarAnswer:
    return ScoreBarAnswer(
        score=bar.score,
        count=bar.total.count,
        high=bar.by_value[Value.HIGH],
        not_high=bar.by_value[Value.NOT_HIGH],
        undecided=bar.by_value[Value.UNDECIDED],
        outdated=bar.total.outdated,
        count_most=bar.count_most,
    )


def win_rates_answer(report: WinRatesReport) -> ScoreWinRatesAnswer:
    """Return the answer that tells the win rate by score."""
    found = report.found
    return ScoreWinRatesAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        from_date=report.days.start,
        until_date=report.days.end,
        model=report.model.number,
        threshold=report.model.threshold,
        most=report.model.most,
        whole=_rate(found.whole),
        bands=[
            ScoreBandAnswer(from_score=band.low, to_score=band.high, **_rate_fields(band.rate)) for band in found.bands
        ],
        values=[ValueRateAnswer(value=value, **_rate_fields(rate)) for value, rate in found.by_value.items()],
        unassessed=_rate(found.unassessed),
        other_models=_rate(found.other_models),
        simulated_count=found.simulated,
    )


def _rate(rate: Rate) -> DecidedRateAnswer:
    return DecidedRateAnswer(**_rate_fields(rate))


def _rate_fields(rate: Rate) -> dict[str, Any]:
    ratio = rate.ratio
    return {
        "won": rate.won,
        "decided": rate.decided,
        "outdated": rate.outdated,
        "win_rate": None if ratio is None else shown_ratio(ratio),
        "interval": interval_answer(rate.interval),
    }


def questions_answer(report: QuestionsReport) -> QuestionWinRatesAnswer:
    """Return the answer that tells the win rate by question."""
    asked = [(dimension.key, question) for dimension in report.model.dimensions for question in dimension.questions]
    return QuestionWinRatesAnswer(
        scope=ScopeAnswer.model_validate(report.scope),
        from_date=report.days.start,
        until_date=report.days.end,
        model=report.model.number,
        questions=[
            _question(dimension, question.meaning, rates)
            for (dimension, question), rates in zip(asked, report.found, strict=True)
        ],
    )


def _question(dimension: str, meaning: str, rates: QuestionRates) -> QuestionRatesAnswer:
    difference, interval = rates.difference, rates.interval
    return QuestionRatesAnswer(
        dimension=dimension,
        key=rates.key,
        meaning=meaning,
        yes=_rate(rates.by_answer[Answer.YES]),
        no=_rate(rates.by_answer[Answer.NO]),
        unanswered=_rate(rates.by_answer[Answer.UNANSWERED]),
        difference=None if difference is None else shown_ratio(difference),
        difference_interval=None
        if interval is None
        else DifferenceIntervalAnswer(low=shown_ratio(interval.low), high=shown_ratio(interval.high)),
        with_winning=rates.with_winning,
    )
