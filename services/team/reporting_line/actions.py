"""What is decided about the reporting line."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from orgchart.difference import ChartEdge
from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.team import events
from services.team.org_chart import actions as org_chart
from services.team.people import store as people
from services.team.people.rules import check_not_own
from services.team.reporting_line import rules, store
from services.team.reporting_line.store import SuperiorChange


async def list_decisions(
    tx: Questions, viewer: Viewer, window: Window, person_id: UUID, *, today: date
) -> Slice[SuperiorChange]:
    """Return a page of the decisions on somebody's superior, with their reasons, for those whom they concern."""
    found = await store.list_changes(tx, window, person_id)
    above = {superior.id for superior in await store.superiors(tx, person_id, today)}
    rules.check_reads_decisions(viewer.acts_as, person_id, above, reads_audit=viewer.reads_audit)
    return found


async def change_superior(
    tx: Writing, viewer: Viewer, person_id: UUID, superior_id: UUID | None, *, from_date: date | None, reason: str
) -> SuperiorChange:
    """Give somebody another superior, or none, from a day on (today, if none is named)."""
    on = await org_chart.administer(tx, viewer)
    attempted = {"superior_id": str(superior_id) if superior_id else None}
    check_not_own(person_id, (viewer.person_id, viewer.on_behalf_of), attempted)
    await people.get(tx, person_id)
    change = await write_superior(tx, person_id, superior_id, from_date=from_date or on, reason=reason)
    await publish(tx, [person_id])
    return change


async def write_superior(
    tx: Writing, person_id: UUID, superior_id: UUID | None, *, from_date: date, reason: str
) -> SuperiorChange:
    """Write another superior from a day on; the caller holds the chart's lock and publishes."""
    if superior_id is not None:
        await _check_superior(tx, person_id, superior_id, from_date)
    line = rules.line_after(await store.edges_of(tx, [person_id]), person_id, superior_id, from_date)
    await store.replace_edges(tx, person_id, from_date, [edge for edge in line if edge.from_date == from_date])
    change = SuperiorChange(new_id(), person_id, superior_id, from_date, reason, tx.actor_id, tx.now)
    await store.append_change(tx, change)
    tx.publish(events.SUPERIOR_CHANGED, person_id, {"superior_id": superior_id, "from_date": from_date})
    return change


async def publish(tx: Writing, person_ids: list[UUID]) -> None:
    """Publish the edges of these people as they are now."""
    await org_chart.publish(tx, edges_of=person_ids, edges=await published_edges(tx, person_ids))


async def published_edges(tx: Writing, person_ids: Iterable[UUID]) -> list[ChartEdge]:
    """Return every edge of these people as the other services copy it."""
    return [ChartEdge.model_validate(edge) for edge in await store.edges_of(tx, person_ids)]


async def _check_superior(tx: Writing, person_id: UUID, superior_id: UUID, from_date: date) -> None:
    superior = await people.find(tx, superior_id)
    if superior is None:
        raise rules.UnknownSuperior
    rules.check_superior(superior.kind, superior.left_on, from_date)
    above = await store.edges_above(tx, superior_id, from_date)
    rules.check_no_circle(above, person_id, superior_id, from_date)
