"""Whether somebody looks after a customer, or only sees it."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotVisible
from services.customer.customers.rules.looking_after import NotLookedAfter
from services.customer.customers.store.identity import survivor_of
from services.customer.customers.store.scope import is_looked_after, is_visible
from services.customer.customers.tables import customer

LOOKS_AFTER = prepared(
    select(is_looked_after()).where(customer.c.id == survivor_of(bindparam("the_id", type_=Uuid())), is_visible())
)


async def check_looked_after(tx: Questions, viewer: Viewer, customer_id: UUID) -> None:
    """Let those pass who look after the customer, and those above them.

    Raises:
        NotVisible: the viewer may not see the customer.
        NotLookedAfter: they see it, by taking part in an opportunity of it, and nothing else.
    """
    found = await tx.value(LOOKS_AFTER, viewer=viewer, the_id=customer_id)
    if found is None:
        raise NotVisible("customer", customer_id)
    if not found:
        raise NotLookedAfter
