"""Writing intakes and what became of them, and finding the customers that they may be of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.customers.tables import customer, customer_identifier, customer_name
from services.customer.intakes.rules.values import Candidate, Decision, Outcome
from services.customer.intakes.tables import (
    intake,
    intake_candidate,
    intake_outcome,
    intake_personal,
    intake_standing,
)

_c, _d, _n = customer.c, customer_identifier.c, customer_name.c
_IDS = bindparam("ids", type_=ARRAY(Uuid()))

INSERT_IF_NEW = prepared(insert(intake).on_conflict_do_nothing().returning(intake.c.id))
INSERT_PERSONAL = prepared(insert(intake_personal))
ERASE_PERSONAL = prepared(
    update(intake_personal)
    .where(intake_personal.c.intake_id == bindparam("the_id", type_=Uuid()), intake_personal.c.erased_at.is_(None))
    .values(content=null(), personal_salt="", erased_at=bindparam("now", type_=intake_personal.c.erased_at.type))
)
INSERT_STANDING = prepared(insert(intake_standing))
INSERT_CANDIDATE = prepared(insert(intake_candidate))
INSERT_OUTCOME = prepared(insert(intake_outcome))
SET_STANDING = prepared(
    update(intake_standing)
    .where(intake_standing.c.intake_id == bindparam("the_id", type_=Uuid()))
    .values(
        {
            name: bindparam(f"the_{name}", type_=intake_standing.c[name].type)
            for name in ("version", "outcome", "round", "customer_id")
        }
    )
)

VERSIONS = prepared(select(_c.id, _c.version).where(_c.id == any_(_IDS)))
IS_CHANNEL = prepared(
    select(literal_column("1")).where(
        _c.id == bindparam("the_id", type_=Uuid()), _c.kind == literal_column("'channel'")
    )
)
LOCK_CUSTOMERS = prepared(select(_c.id).where(_c.id == any_(_IDS)).order_by(_c.id).with_for_update(of=customer))


async def lock_customers(tx: Writing, ids: Sequence[UUID]) -> None:
    """Lock customers that intakes are of, seen or not, in the order of their ids."""
    if ids:
        await tx.all(LOCK_CUSTOMERS, ids=list(ids))


async def erase_personal(tx: Writing, intake_id: UUID) -> None:
    """Empty what an intake says of people, and the salt by which the trail's digests could be guessed."""
    await tx.execute(ERASE_PERSONAL, the_id=intake_id, now=tx.now)


async def is_channel(tx: Questions, customer_id: UUID) -> bool:
    """Whether a customer is a channel partner."""
    return await tx.value(IS_CHANNEL, the_id=customer_id) is not None


async def append_candidates(tx: Writing, intake_id: UUID, round_: int, candidates: Sequence[Candidate]) -> None:
    """Keep the candidates of a check, with the versions of the customers at this moment."""
    if not candidates:
        return
    rows = await tx.all(VERSIONS, ids=[one.customer_id for one in candidates])
    versions = {row[0]: row[1] for row in rows}
    await tx.execute_many(
        INSERT_CANDIDATE,
        [
            {
                "id": new_id(),
                "intake_id": intake_id,
                "round": round_,
                "place": place,
                "customer_id": one.customer_id,
                "version": versions[one.customer_id],
                "score": one.score,
                "agreed": list(one.agreed),
                "contradicts": list(one.contradicts),
            }
            for place, one in enumerate(candidates)
        ],
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an intake stands from now on."""

    intake_id: UUID
    version: int
    round: int
    outcome: Outcome
    customer_id: UUID | None


async def append_outcome(
    tx: Writing, standing: Standing, *, decision: Decision | None = None, reason: str | None = None
) -> None:
    """Keep what became of an intake, by the check or by a person's decision."""
    await tx.execute(
        INSERT_OUTCOME,
        id=new_id(),
        intake_id=standing.intake_id,
        version=standing.version,
        outcome=standing.outcome.value,
        decision=decision.value if decision else None,
        customer_id=standing.customer_id,
        reason=reason,
        at=tx.now,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )


async def set_standing(tx: Writing, standing: Standing) -> None:
    """Write where a locked intake stands."""
    values: Mapping[str, Any] = {
        "the_version": standing.version,
        "the_outcome": standing.outcome.value,
        "the_round": standing.round,
        "the_customer_id": standing.customer_id,
    }
    await tx.execute(SET_STANDING, the_id=standing.intake_id, **values)
