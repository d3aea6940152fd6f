"""Who takes part in which opportunity of a customer."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, insert, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.tables import opportunity_team

_t = opportunity_team.c
_OPPORTUNITY = _t.opportunity_id == bindparam("the_opportunity", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part in an opportunity of a customer, or of none yet."""

    person_id: UUID
    customer_id: UUID | None
    is_principal: bool


TEAM = prepared(select(_t.person_id, _t.customer_id, _t.is_principal).where(_OPPORTUNITY), into=Participant)
FORGET = prepared(delete(opportunity_team).where(_OPPORTUNITY))
KEEP = prepared(insert(opportunity_team))


async def team_of(tx: Questions, opportunity_id: UUID) -> list[Participant]:
    """Return who takes part in an opportunity."""
    return await tx.all(TEAM, the_opportunity=opportunity_id)


async def replace(tx: Writing, opportunity_id: UUID, team: Collection[Participant]) -> None:
    """Let exactly these see the customer because of this opportunity."""
    await tx.execute(FORGET, the_opportunity=opportunity_id)
    await tx.execute_many(KEEP, [{"opportunity_id": opportunity_id, **asdict(one)} for one in team])
