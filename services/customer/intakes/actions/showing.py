"""What a viewer is told of an intake: of customers that they do not see, only what everybody may know."""

from dataclasses import dataclass, replace
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice
from servicekit.data.transactions import Questions
from services.customer.customers.store import records as customers
from services.customer.intakes.store import records
from services.customer.intakes.store.records import Became, IntakeRow, Kept, Known


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate, with the reasons where its customer is seen."""

    id: UUID
    customer: Known
    score: int | None
    agreed: list[str] | None
    contradicts: list[str] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An intake as one viewer sees it."""

    row: IntakeRow
    customer: Known | None
    candidates: list[ShownCandidate]
    history: list[Became]


async def show(tx: Questions, viewer: Viewer, row: IntakeRow) -> Shown:
    """Return an intake in full."""
    candidates = await records.candidates_of(tx, row)
    history = await records.history_of(tx, row.id)
    ids = {one.customer_id for one in candidates} | ({row.customer_id} if row.customer_id else set())
    seen = await customers.seen_of(tx, viewer, sorted(ids))
    known = await records.known_of(tx, row.customer_id) if row.customer_id else None
    masked = row if row.customer_id in seen else replace(row, customer_id=None)
    return Shown(
        masked,
        _masked(known, seen) if known else None,
        [_shown(one, seen) for one in candidates],
        history,
    )


async def masked(tx: Questions, viewer: Viewer, found: Slice[IntakeRow]) -> Slice[IntakeRow]:
    """Return a page without the ids of customers that the viewer does not see."""
    ids = {row.customer_id for row in found.items if row.customer_id}
    seen = await customers.seen_of(tx, viewer, sorted(ids))
    items = [row if row.customer_id in seen else replace(row, customer_id=None) for row in found.items]
    return replace(found, items=items)


def _masked(known: Known, seen: set[UUID]) -> Known:
    return known if known.id in seen else replace(known, id=None)


def _shown(one: Kept, seen: set[UUID]) -> ShownCandidate:
    known = Known(one.customer_id, one.legal_name, one.tier, one.account_manager_id)
    if one.customer_id in seen:
        return ShownCandidate(one.id, known, one.score, one.agreed, one.contradicts)
    return ShownCandidate(one.id, replace(known, id=None), None, None, None)
