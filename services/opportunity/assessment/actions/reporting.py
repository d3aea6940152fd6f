"""Reports over assessments, from a scope and days to what they say."""

from collections.abc import Sequence
from datetime import date

from servicekit.data.transactions import Reading
from servicekit.values.dates import Period, end_of_day
from services.opportunity.assessment.rules.reporting import DistributionReport, QuestionsReport, WinRatesReport
from services.opportunity.assessment.rules.reports import (
    distribution_of,
    edges_of,
    questions_of,
    win_rates_of,
)
from services.opportunity.assessment.store import models, reports
from services.opportunity.assessment.store.reports import Deciding
from services.opportunity.flow.store.subjects import subjects_of
from services.opportunity.freshness import fresh_from
from services.opportunity.scopes.rules import Scope
from services.opportunity.settings import House
from services.opportunity.vocabulary import State


async def report_distribution(tx: Reading, scope: Scope, as_of: date, state: State, house: House) -> DistributionReport:
    """Return how scores are distributed as of a day, by the owners and the reporting line of that day."""
    subjects = await subjects_of(tx, scope, as_of)
    piles = await reports.distribution(
        tx,
        subjects,
        state=state,
        until=end_of_day(as_of, house.zone),
        fresh_from=fresh_from(as_of, house.assessment_days, house.zone),
    )
    used = await models.all_of(tx, {pile.model for pile in piles if pile.model is not None})
    found = distribution_of(piles, [one.model for one in used])
    return DistributionReport(scope, as_of, state, found, {one.number: one.name for one in used})


async def report_win_rates(
    tx: Reading, scope: Scope, days: Period, *, model_number: int | None, edges: Sequence[int] | None, house: House
) -> WinRatesReport:
    """Return the win rate by score band and by value, by the assessments in force when each was decided."""
    model = await models.of_number(tx, model_number)
    bands = edges_of(model, edges)
    deciding = _deciding(days, house)
    subjects = await subjects_of(tx, scope, days.last_day)
    decided = await reports.win_rates(tx, subjects, deciding)
    return WinRatesReport(scope, days, model, win_rates_of(decided, model, bands))


async def report_questions(
    tx: Reading, scope: Scope, days: Period, *, model_number: int | None, house: House
) -> QuestionsReport:
    """Return the win rate by the answers to each question of a model."""
    model = await models.of_number(tx, model_number)
    subjects = await subjects_of(tx, scope, days.last_day)
    counts = await reports.answers(tx, subjects, _deciding(days, house), model=model.number, questions=model.keys)
    return QuestionsReport(scope, days, model, questions_of(counts, model))


def _deciding(days: Period, house: House) -> Deciding:
    return Deciding(days, end_of_day(days.last_day, house.zone), house.assessment_days, house.zone.key)
