"""Whose opportunities a customer has: a merge changes no principal owner, so it says who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.customers.tables import opportunity_team

_t = opportunity_team.c


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, and of how many opportunities of a customer they are the principal owner."""

    person_id: UUID
    opportunities: int


PRINCIPALS = prepared(
    select(_t.person_id, func.count().label("opportunities"))
    .where(_t.customer_id == any_(bindparam("ids", type_=ARRAY(Uuid()))), _t.is_principal)
    .group_by(_t.person_id)
    .order_by(func.count().desc(), _t.person_id),
    into=Principal,
)


async def principals_of(tx: Questions, ids: Sequence[UUID]) -> list[Principal]:
    """Return the principal owners of the opportunities of some customers, as far as events have told."""
    return await tx.all(PRINCIPALS, ids=list(ids))
