"""What the relay and the org chart do to the counters."""

from collections.abc import Sequence
from uuid import UUID

from orgchart.copying import Moved
from servicekit.data.transactions import Writing
from services.opportunity.funnel.store import counters, folding


async def fold(tx: Writing) -> None:
    """Fold the changes that are there (called by the relay, one process at a time)."""
    await folding.fold(tx)


async def adjust_to_moves(tx: Writing, moved: Sequence[Moved]) -> None:
    """Let the counts follow people who report elsewhere now: those above them before and after."""
    paths = [path for one in moved for path in (one.path_before, one.path_after) if path]
    affected = {UUID(label) for path in paths for label in path.split(".")}
    await counters.adjust_subtrees(tx, affected)
