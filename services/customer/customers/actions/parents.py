"""Where a company stands in its group."""

from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules.hierarchy import check_parent
from services.customer.customers.rules.refusals import AlreadySo, UnknownParent
from services.customer.customers.store import hierarchy, identity, records
from services.customer.customers.store.records import CustomerDetail
from services.customer.events import CUSTOMER_PARENT_CHANGED


async def change_parent(
    tx: Writing, viewer: Viewer, customer_id: UUID, parent_id: UUID | None, *, today: date
) -> CustomerDetail:
    """Put a company under another one, or on its own.

    Raises:
        HierarchyCycle: the other one stands below it.
    """
    await hierarchy.lock_hierarchy(tx)
    present = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, present, today=today)
    if parent_id is not None:
        parent_id = (await identity.survivors_of(tx, [parent_id]))[parent_id]
    if present.parent_id == parent_id:
        raise AlreadySo("The company stands there already.")
    await write_parent(tx, viewer, present.id, parent_id)
    return await publish(tx, CUSTOMER_PARENT_CHANGED, present.id, previous_parent_id=present.parent_id)


async def write_parent(tx: Writing, viewer: Viewer, customer_id: UUID, parent_id: UUID | None) -> None:
    """Check and write the parent of a locked customer, while nobody else changes one."""
    if parent_id is not None:
        if not await records.visible_of(tx, viewer, [parent_id]):
            raise UnknownParent
        line = await hierarchy.line_from(tx, parent_id)
        check_parent(customer_id, line, await records.seen_of(tx, viewer, line))
    await hierarchy.set_parent(tx, customer_id, parent_id)
