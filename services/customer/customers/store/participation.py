"""Who takes part in which opportunity of a customer."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.tables import opportunity_team

_OPPORTUNITY = opportunity_team.c.opportunity_id == bindparam("the_opportunity", type_=Uuid())

MEMBERS = prepared(select(opportunity_team.c.person_id).where(_OPPORTUNITY, opportunity_team.c.is_principal.is_(False)))
FORGET = prepared(delete(opportunity_team).where(_OPPORTUNITY))
KEEP = prepared(insert(opportunity_team))


async def members_of(tx: Questions, opportunity_id: UUID) -> list[UUID]:
    """Return the members of the sales team other than the principal owner."""
    return [row[0] for row in await tx.all(MEMBERS, the_opportunity=opportunity_id)]


async def forget(tx: Writing, opportunity_id: UUID) -> None:
    """Let nobody see a customer because of this opportunity."""
    await tx.execute(FORGET, the_opportunity=opportunity_id)


async def keep(
    tx: Writing, opportunity_id: UUID, customer_id: UUID, principal_id: UUID, members: Sequence[UUID]
) -> None:
    """Let principal and members see the customer because of this opportunity."""
    people = dict.fromkeys(members, False) | {principal_id: True}
    rows: list[dict[str, object]] = [
        {"opportunity_id": opportunity_id, "person_id": person, "customer_id": customer_id, "is_principal": principal}
        for person, principal in people.items()
    ]
    await tx.execute_many(KEEP, rows)
