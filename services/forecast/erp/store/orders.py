"""Questions about confirmed orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, update

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.erp.rules.orders import OrderFields, OrderKey, OrderState
from services.forecast.erp.store.scope import ByRole, in_scope
from services.forecast.erp.tables import confirmed_order


@dataclass(frozen=True, slots=True)
class ConfirmedOrder:
    """An order line that an ERP system has confirmed."""

    id: UUID
    version: int
    external_system: str
    external_id: str
    order_number: str
    line_number: str | None
    product_id: UUID
    place: str
    due_on: date
    quantity: Decimal
    unit: str
    amount: Decimal | None
    currency: str | None
    opportunity_id: UUID | None
    state: str
    created_at: datetime
    changed_at: datetime

    @property
    def fields(self) -> OrderFields:
        """What is said of it."""
        said = {name: getattr(self, name) for name in OrderFields.__dataclass_fields__}
        return OrderFields(**(said | {"state": OrderState(self.state)}))


c = confirmed_order.c
_seen = select(confirmed_order).where(in_scope())
_BY_ID = c.id == bindparam("id", type_=Uuid())
GET = prepared(_seen.where(_BY_ID), into=ConfirmedOrder)
LOCK = prepared(_seen.where(_BY_ID).with_for_update(), into=ConfirmedOrder)
LOCK_OF = prepared(
    select(confirmed_order)
    .where(c.external_system == bindparam("system"), c.external_id == bindparam("external"))
    .with_for_update(),
    into=ConfirmedOrder,
)
INSERT = prepared(insert(confirmed_order))
UPDATE = prepared(
    update(confirmed_order)
    .where(c.id == bindparam("order_id"))
    .values(
        {name: bindparam(name) for name in (*OrderFields.__dataclass_fields__, "changed_at")}
        | {"version": c.version + 1}
    )
)
ORDERS = Listing(
    _seen,
    into=ConfirmedOrder,
    filters={
        "product_id": c.product_id == bindparam("product_id"),
        "opportunity_id": c.opportunity_id == bindparam("opportunity_id"),
        "place": c.place == bindparam("place"),
        "state": c.state == bindparam("state"),
        "order_number": c.order_number == bindparam("order_number"),
        "external_system": c.external_system == bindparam("external_system"),
        "external_id": c.external_id == bindparam("external_id"),
        "due_from": c.due_on >= bindparam("due_from"),
        "due_until": c.due_on < bindparam("due_until"),
    },
    keys={"due_on": SortKey(c.due_on), "changed_at": SortKey(c.changed_at)},
    identifier=c.id,
    default="due_on",
)


async def get(tx: Questions, viewer: Viewer, order_id: UUID) -> ConfirmedOrder:
    """Return an order line, or raise `NotVisible`."""
    return await tx.visible(GET, "confirmed order", order_id, viewer=ByRole(viewer), id=order_id)


async def lock(tx: Writing, viewer: Viewer, order_id: UUID) -> ConfirmedOrder:
    """Return an order line, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "confirmed order", order_id, viewer=ByRole(viewer), id=order_id)


async def lock_of(tx: Writing, key: OrderKey) -> ConfirmedOrder | None:
    """Return the order line with an external reference, locked until commit, or None."""
    return await tx.first(LOCK_OF, system=key.system, external=key.id)


async def list_orders(
    tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]
) -> Slice[ConfirmedOrder]:
    """Return a page of order lines."""
    return await ORDERS.page(tx, window, filters, viewer=ByRole(viewer))
