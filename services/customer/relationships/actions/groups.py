"""Where a company stands in its group, as far as somebody sees it."""

from dataclasses import dataclass
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.customer.customers.store import hierarchy, records
from services.customer.customers.store.hierarchy import Standing


@dataclass(frozen=True, slots=True)
class Group:
    """A customer and the companies above and below it, as far as the viewer sees them."""

    id: UUID
    version: int
    parent_id: UUID | None
    above: list[Standing]
    below: list[Standing]
    more_below: bool


async def group_of(tx: Questions, viewer: Viewer, customer_id: UUID) -> Group:
    """Return where a customer stands."""
    detail = await records.get(tx, viewer, customer_id)
    above = await hierarchy.above(tx, viewer, customer_id)
    below = await hierarchy.below(tx, viewer, customer_id)
    listed, more = below[: hierarchy.MOST_LISTED], len(below) > hierarchy.MOST_LISTED
    return Group(detail.id, detail.version, detail.parent_id, above, listed, more)
