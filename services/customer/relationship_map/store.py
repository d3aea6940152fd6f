"""The contacts of a customer as the map shows them."""

from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.customers.store.identity import group_array
from services.customer.relationship_map.rules.mapping import Member
from services.customer.relationships.store import survivor_of
from services.customer.relationships.tables import contact

MOST_SHOWN = 1000
_c = contact.c
MEMBERS = prepared(
    select(
        *(_c.id, _c.name, _c.title, _c.department, _c.decision_role, _c.attitude, _c.closeness, _c.has_left),
        *(_c.erased_at.isnot(None).label("is_erased"), survivor_of(_c.reports_to_id).label("reports_to_id")),
        *(_c.influences_ids, _c.known_by_ids),
    )
    .where(_c.customer_id == any_(group_array(bindparam("customer_id", type_=Uuid()))), _c.merged_into_id.is_(None))
    .order_by(_c.name, _c.id)
    .limit(MOST_SHOWN + 1),
    into=Member,
)


async def members_of(tx: Questions, customer_id: UUID) -> list[Member]:
    """Return the contacts of a customer (a survivor) by name, one more than `MOST_SHOWN` at most."""
    return await tx.all(MEMBERS, customer_id=customer_id)
