"""The copy of customers: kept by event, or when one is asked for that has not come yet."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, Uuid, any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.scope import in_scope
from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.customers.tables import customer_copy


@dataclass(frozen=True, slots=True)
class CustomerCopy:
    """What this service knows of a customer, at the customer's `version`."""

    id: UUID
    version: int
    name: str
    kind: str
    tier: str | None
    account_manager_id: UUID | None
    parent_id: UUID | None


_NAMES = ("version", "name", "kind", "tier", "account_manager_id", "parent_id")
_told = {name: bindparam(name, type_=customer_copy.c[name].type) for name in _NAMES}
_since = {"known_at": bindparam("now", type_=DateTime(timezone=True))}
_CUSTOMER = bindparam("customer_id", type_=Uuid())
ADD = prepared(
    insert(customer_copy)
    .values({"id": _CUSTOMER} | _told | _since)
    .on_conflict_do_nothing(index_elements=["id"])
    .returning(customer_copy.c.id)
)
RENEW = prepared(
    update(customer_copy)
    .where(customer_copy.c.id == _CUSTOMER, customer_copy.c.version < _told["version"])
    .values(_told | _since)
    .returning(customer_copy.c.id)
)
_known = select(*(customer_copy.c[name] for name in ("id", *_NAMES))).where(
    customer_copy.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
)
KNOWN = prepared(_known, into=CustomerCopy)
HOLD = prepared(_known.order_by(customer_copy.c.id).with_for_update(read=True), into=CustomerCopy)
_is_classified = customer_copy.c.tier.isnot(None) & customer_copy.c.account_manager_id.isnot(None)
SEEN = prepared(
    select(customer_copy.c.id).where(
        customer_copy.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        in_scope(customer_copy.c.account_manager_id),
        or_(~bindparam("classified", type_=Boolean()), _is_classified),
    )
)


async def customers_of(tx: Questions, ids: Collection[UUID]) -> dict[UUID, CustomerCopy]:
    """Return the copies of those of the customers that are known."""
    if not ids:
        return {}
    return {copy.id: copy for copy in await tx.all(KNOWN, ids=list(ids))}


async def hold_customers(tx: Writing, ids: Collection[UUID]) -> dict[UUID, CustomerCopy]:
    """Return the copies of those that are known, unchanged until commit.

    What refers to a customer keeps its account manager: if the manager changed in between, it would keep the former.
    """
    if not ids:
        return {}
    return {copy.id: copy for copy in await tx.all(HOLD, ids=list(ids))}


async def customers_to_ask_for(
    tx: Questions, viewer: Viewer, ids: Collection[UUID], *, classified: bool = False
) -> list[UUID]:
    """Return those of the ids that no copy is kept of, or whose copy does not say that the viewer sees them.

    Where they have to be `classified`, those too whose copy does not say so: its event may be on its way.
    """
    seen = {row[0] for row in await tx.all(SEEN, viewer=viewer, ids=list(ids), classified=classified)} if ids else set()
    return [customer_id for customer_id in dict.fromkeys(ids) if customer_id not in seen]


async def keep_customer(tx: Writing, copy: CustomerCopy) -> bool:
    """Keep a newer copy; return False if it is older than the one there is.

    A row that is there already and no older is not locked: whoever holds it waits for nobody who only looks.
    """
    told = {name: getattr(copy, name) for name in _NAMES} | {"customer_id": copy.id, "now": tx.now}
    return await tx.value(ADD, **told) is not None or await tx.value(RENEW, **told) is not None
