"""Evaluating a customer, and deciding on it: whoever looks after it proposes, a superior decides."""

from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.classification.rules.deciding import EvaluationState, Ruling, Verdict, tier_by
from services.customer.classification.rules.evaluating import Judgement, check_values, evaluate, profile_of
from services.customer.classification.rules.refusals import (
    EvaluationDecided,
    EvaluationSuperseded,
    SchemeNotInForce,
)
from services.customer.classification.store import evaluations, schemes
from services.customer.classification.store.evaluations import Evaluated, Evaluation
from services.customer.customers.actions.changing import check_may_classify, write_tier
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules.values import Tier
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerRow
from services.customer.events import CUSTOMER_TIER_CHANGED


async def evaluate_customer(
    tx: Writing, viewer: Viewer, customer_id: UUID, judgement: Judgement, *, today: date
) -> Evaluation:
    """Keep an evaluation, which supersedes the one before.

    Raises:
        SchemeNotInForce: another scheme has come into force.
    """
    present = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, present, today=today)
    kept = await schemes.in_force(tx, today)
    if kept.number != judgement.scheme_number:
        raise SchemeNotInForce(kept.number)
    scheme, judged = kept.scheme, judgement.values
    check_values(scheme, judged)
    outcome, profile = evaluate(scheme, judged), profile_of(scheme, judged)
    made = Evaluated(present.id, present.tier, kept.number, judged, judgement.note, outcome, profile)
    evaluation_id = await evaluations.append(tx, made)
    if judgement.confirms:
        found = await evaluations.get(tx, present.id, evaluation_id)
        await _decide(tx, viewer, present, found, Ruling(Verdict.CONFIRMED), today=today)
    return await evaluations.get(tx, present.id, evaluation_id)


async def decide(
    tx: Writing, viewer: Viewer, customer_id: UUID, evaluation_id: UUID, ruling: Ruling, *, today: date
) -> Evaluation:
    """Decide on the latest evaluation of a customer; its tier follows.

    Raises:
        EvaluationSuperseded: there is a later one.
        EvaluationDecided: it was decided on.
    """
    present = await records.lock(tx, viewer, customer_id)
    found = await evaluations.get(tx, present.id, evaluation_id)
    await _decide(tx, viewer, present, found, ruling, today=today)
    return await evaluations.get(tx, present.id, evaluation_id)


async def _decide(
    tx: Writing, viewer: Viewer, present: CustomerRow, found: Evaluation, ruling: Ruling, *, today: date
) -> None:
    await check_may_classify(tx, viewer, present, today=today)
    if found.state == EvaluationState.SUPERSEDED:
        raise EvaluationSuperseded
    if found.state != EvaluationState.PROPOSED:
        raise EvaluationDecided
    tier = tier_by(ruling, Tier(found.tier) if found.tier else None)
    await evaluations.append_decision(tx, found.id, ruling, tier)
    if tier is not None and tier != present.tier:
        await write_tier(tx, viewer, present, tier, _reason(found, ruling), today=today)
        await publish(tx, CUSTOMER_TIER_CHANGED, present.id, previous_tier=present.tier)


def _reason(found: Evaluation, ruling: Ruling) -> str:
    score = f"{found.lowest_score}" + (f" to {found.highest_score}" if found.highest_score > found.lowest_score else "")
    told = f"Evaluation {found.sequence} by scheme {found.scheme_number}, score {score}"
    return f"{told}: {ruling.reason}" if ruling.reason else f"{told}."
