"""Evaluations of customers, and what was decided on them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.classification.rules.deciding import EvaluationState, Ruling
from services.customer.classification.rules.evaluating import Judged, Outcome
from services.customer.classification.tables import classification, evaluation, evaluation_decision
from services.customer.customers.rules.values import Tier
from services.customer.customers.store.identity import columns_of, is_of, survivor_of

_e, _d, _l = evaluation.c, evaluation_decision.c, classification.c


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation with what was decided on it; `decided_tier` is what the customer was placed in by it."""

    id: UUID
    customer_id: UUID
    sequence: int
    scheme_number: int
    judged: list[dict[str, Any]]
    note: str | None
    lowest_score: Decimal
    highest_score: Decimal
    tier: str | None
    tier_before: str | None
    evaluated_by: UUID | None
    on_behalf_of: UUID | None
    at: datetime
    state: str
    decided_tier: str | None
    reason: str | None
    decided_by: UUID | None
    decided_at: datetime | None


_is_latest = (
    select(_l.customer_id)
    .where(_l.evaluation_id == _e.id, _l.customer_id == survivor_of(_e.customer_id))
    .correlate_except(classification)
    .exists()
)
"""Those of a merged customer are superseded as long as it stands for another one, which has a tier of its own."""

_state = func.coalesce(
    _d.verdict, case((_is_latest, EvaluationState.PROPOSED.value), else_=EvaluationState.SUPERSEDED.value), type_=Text()
)
_evaluations = select(
    *columns_of(evaluation, ("id", "customer_id", "sequence", "scheme_number", "judged", "note")),
    *(_e.lowest_score, _e.highest_score),
    *(_e.tier, _e.tier_before, _e.evaluated_by, _e.on_behalf_of, _e.at, _state.label("state")),
    *(_d.tier.label("decided_tier"), _d.reason, _d.decided_by, _d.at.label("decided_at")),
).select_from(evaluation.outerjoin(evaluation_decision, _d.evaluation_id == _e.id))
GET = prepared(
    _evaluations.where(
        _e.id == bindparam("id", type_=Uuid()), is_of(_e.customer_id, bindparam("customer_id", type_=Uuid()))
    ),
    into=Evaluation,
)
LAST = prepared(select(_l.sequence).where(_l.customer_id == bindparam("customer_id", type_=Uuid())))
INSERT = prepared(insert(evaluation))
_latest = upsert(classification)
KEEP_LATEST = prepared(
    _latest.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={column.name: _latest.excluded[column.name] for column in _l if column.name != "customer_id"},
    )
)
DECIDE = prepared(insert(evaluation_decision))
MARK_DECIDED = prepared(
    update(classification)
    .where(_l.evaluation_id == bindparam("decided", type_=Uuid()))
    .values(verdict=bindparam("said", type_=Text()))
)
EVALUATIONS = Listing(
    _evaluations,
    into=Evaluation,
    filters={"customer_id": is_of(_e.customer_id, bindparam("customer_id", type_=Uuid()))},
    keys={"sequence": SortKey(_e.sequence)},
    identifier=_e.id,
    default="-sequence",
)


async def get(tx: Questions, customer_id: UUID, evaluation_id: UUID) -> Evaluation:
    """Return an evaluation of a customer, or raise `NotVisible`."""
    return await tx.visible(GET, "evaluation", evaluation_id, id=evaluation_id, customer_id=customer_id)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What is kept of an evaluation that was just made."""

    customer_id: UUID
    tier_before: str | None
    scheme_number: int
    judged: Sequence[Judged]
    note: str | None
    outcome: Outcome
    profile: str


async def append(tx: Writing, made: Evaluated) -> UUID:
    """Append an evaluation of a locked customer; it supersedes the one before."""
    evaluation_id, outcome = new_id(), made.outcome
    sequence = (await tx.value(LAST, customer_id=made.customer_id) or 0) + 1
    tier = outcome.tier.value if outcome.tier else None
    same: dict[str, Any] = {
        "customer_id": made.customer_id,
        "sequence": sequence,
        "scheme_number": made.scheme_number,
        "tier": tier,
    }
    await tx.execute(
        INSERT,
        **same,
        id=evaluation_id,
        judged=[asdict(one) for one in made.judged],
        note=made.note,
        lowest_score=outcome.lowest,
        highest_score=outcome.highest,
        tier_before=made.tier_before,
        evaluated_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        at=tx.now,
    )
    latest: dict[str, Any] = {
        "evaluation_id": evaluation_id,
        "profile": made.profile,
        "verdict": None,
        "evaluated_at": tx.now,
    }
    await tx.execute(KEEP_LATEST, **same, **latest)
    return evaluation_id


async def append_decision(tx: Writing, evaluation_id: UUID, ruling: Ruling, tier: Tier | None) -> None:
    """Append what was decided on an evaluation of a locked customer."""
    await tx.execute(
        DECIDE,
        evaluation_id=evaluation_id,
        verdict=ruling.verdict.value,
        tier=tier.value if tier else None,
        reason=ruling.reason,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        at=tx.now,
    )
    await tx.execute(MARK_DECIDED, decided=evaluation_id, said=ruling.verdict.value)
