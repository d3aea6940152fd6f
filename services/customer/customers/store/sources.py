"""From what a change of a customer was learned: noted beside the audit trail, by the numbers of its entries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, insert, literal_column, select

from servicekit.data.statements import prepared
from servicekit.data.tables import audit
from servicekit.data.transactions import Writing
from services.customer.customers.tables import change_source

_x = audit.c
LAST = prepared(
    select(func.coalesce(func.max(_x.sequence), 0)).where(
        _x.aggregate == literal_column("'customer'"), _x.aggregate_id == bindparam("the_id", type_=Uuid())
    )
)
INSERT = prepared(insert(change_source))


@asynccontextmanager
async def noted(tx: Writing, customer_id: UUID, kind: str, source_id: str | None) -> AsyncIterator[None]:
    """Note that what is written inside about a locked customer comes from this source.

    Whoever changes a customer locks it first, so no entry of somebody else's comes in between.
    """
    before = await tx.value(LAST, the_id=customer_id)
    yield
    await _note(tx, customer_id, before, kind, source_id)


async def note_all(tx: Writing, customer_id: UUID, kind: str, source_id: str | None) -> None:
    """Note that all that is known of a customer that was just made comes from this source."""
    await _note(tx, customer_id, 0, kind, source_id)


async def _note(tx: Writing, customer_id: UUID, before: int, kind: str, source_id: str | None) -> None:
    after = await tx.value(LAST, the_id=customer_id)
    if after > before:
        await tx.execute(
            INSERT,
            customer_id=customer_id,
            first_sequence=before + 1,
            last_sequence=after,
            kind=kind,
            source_id=source_id,
        )
