"""Looking at a comparison: what it holds, how far it is decided, and whether it still is true."""

from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.comparison.actions.gathering import is_current
from services.forecast.comparison.store import comparisons
from services.forecast.comparison.store.comparisons import ComparisonView


async def view(tx: Questions, viewer: Viewer, comparison_id: UUID) -> ComparisonView:
    """Return a comparison that the viewer may see."""
    found = await comparisons.get(tx, viewer, comparison_id)
    counts = await comparisons.counts_of(tx, found.id)
    return ComparisonView(found, counts, is_stale=not await is_current(tx, found))
