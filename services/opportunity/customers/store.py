"""The copy of customers: kept by event, or when one is asked for that has not come yet."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, ColumnElement, DateTime, Uuid, any_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.scope import in_scope
from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.customers.tables import customer_copy

T = TypeVar("T", bound=Questions)


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
    merged_into_id: UUID | None


_NAMES = ("version", "name", "kind", "tier", "account_manager_id", "parent_id", "merged_into_id")
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
survivor = customer_copy.alias("survivor")
"""The customer that one stands for: itself, or into whom it was merged."""


def survivor_id(row: Any = customer_copy) -> ColumnElement[UUID]:
    """Return whom a row of the copy stands for; there is an index on this expression."""
    return func.coalesce(row.c.merged_into_id, row.c.id)


_is_classified = survivor.c.tier.isnot(None) & survivor.c.account_manager_id.isnot(None)
SEEN = prepared(
    select(customer_copy.c.id)
    .join(survivor, survivor.c.id == survivor_id())
    .where(
        customer_copy.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        in_scope(survivor.c.account_manager_id),
        or_(~bindparam("classified", type_=Boolean()), _is_classified),
    )
)
_asked = customer_copy.alias("asked")
GROUP = prepared(
    select(customer_copy.c.id).where(
        survivor_id() == select(survivor_id(_asked)).where(_asked.c.id == _CUSTOMER).scalar_subquery()
    )
)
BELOW = prepared(
    text(
        """
WITH RECURSIVE below AS (
    SELECT id, account_manager_id FROM customer_copy WHERE id = :customer_id
    UNION SELECT child.id, child.account_manager_id FROM below
    JOIN customer_copy AS member ON coalesce(member.merged_into_id, member.id) = below.id
    JOIN customer_copy AS child ON child.parent_id = member.id AND child.merged_into_id IS NULL
)
SELECT member.id, below.account_manager_id FROM below
JOIN customer_copy AS member ON coalesce(member.merged_into_id, member.id) = below.id
"""
    ).bindparams(_CUSTOMER)
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


async def group_of(tx: Questions, customer_id: UUID) -> list[UUID]:
    """Return every id that means the same customer as this one; this one alone if it is not known."""
    return [row[0] for row in await tx.all(GROUP, customer_id=customer_id)] or [customer_id]


async def survivors_of(tx: Questions, ids: Collection[UUID]) -> dict[UUID, CustomerCopy]:
    """Return, for each of the ids that is known, the copy of the customer that it stands for."""
    return await _with_survivors(tx, ids, customers_of)


async def hold_survivors(tx: Writing, ids: Collection[UUID]) -> dict[UUID, CustomerCopy]:
    """Return the same, neither those named nor whom they stand for changed until commit."""
    return await _with_survivors(tx, ids, hold_customers)


async def _with_survivors(
    tx: T, ids: Collection[UUID], ask: Callable[[T, Collection[UUID]], Awaitable[dict[UUID, CustomerCopy]]]
) -> dict[UUID, CustomerCopy]:
    named = await ask(tx, ids)
    last = {each: copy.merged_into_id or each for each, copy in named.items()}
    found = named | await ask(tx, set(last.values()) - named.keys())
    return {each: found.get(survivor_id, named[each]) for each, survivor_id in last.items()}


async def keep_customer(tx: Writing, copy: CustomerCopy) -> bool:
    """Keep a newer copy; return False if it is older than the one there is.

    A row that is there already and no older is not locked: whoever holds it waits for nobody who only looks.
    """
    told = {name: getattr(copy, name) for name in _NAMES} | {"customer_id": copy.id, "now": tx.now}
    return await tx.value(ADD, **told) is not None or await tx.value(RENEW, **told) is not None


async def customers_below(tx: Questions, customer_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """Return a customer and every company below it, each with who looks after it.

    With each come those that were merged into it: their ids are among the answers, theirs is who looks after it.
    """
    return [(row[0], row[1]) for row in await tx.all(BELOW, customer_id=customer_id)]
