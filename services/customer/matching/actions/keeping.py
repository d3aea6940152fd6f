"""Keeping what customers are found by as the customers are: in the transaction that changes them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from servicekit.data.transactions import Writing
from services.customer.matching.actions.counting import statistics_of
from services.customer.matching.actions.deriving import REVISION, Findable, derive
from services.customer.matching.store import keys


async def keep(tx: Writing, findable: Mapping[UUID, Findable]) -> None:
    """Derive anew what customers are found by. Whoever calls has locked them, or has just made them."""
    if findable:
        statistics = await statistics_of(tx)
        await keys.write(tx, REVISION, {one: derive(what, statistics) for one, what in findable.items()})


async def drop(tx: Writing, customer_ids: Sequence[UUID]) -> None:
    """Let customers be found no more, such as one that was merged into another."""
    await keys.drop(tx, customer_ids)
