"""Changing the chart: one change after the other, each with its version, applied to our own copy at once."""

from collections.abc import Collection, Sequence
from contextvars import ContextVar
from datetime import date
from uuid import UUID

from orgchart.copying import apply
from orgchart.difference import ChartEdge, ChartPerson, ChartStandIn, ChartUnit, Difference
from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.team import events
from services.team.org_chart import rules, store

CHART_ID = UUID("0197f000-0000-7000-8000-000000000001")
"""There is one chart: the aggregate of its events."""

published_version: ContextVar[int | None] = ContextVar("published_version", default=None)
"""The version that the present request has published, for its answer to carry."""


async def administer(tx: Writing, viewer: Viewer) -> date:
    """Lock the chart for a change by an administrator and return its business date.

    Roles are read again under the lock, so that two administrators cannot withdraw each other's role at once.

    Raises:
        AdministrationNotAllowed: they are none, or no longer, or only as a stand-in.
    """
    rules.check_administers(viewer.roles)
    on = await lock(tx)
    if viewer.person_id is not None:
        rules.check_administers(await store.roles_of(tx, viewer.person_id))
    return on


async def lock(tx: Writing) -> date:
    """Lock the chart until commit and return its business date; every change of the chart begins so."""
    chart = await store.lock(tx)
    return chart.on or tx.now.date()


async def publish(
    tx: Writing,
    *,
    people: Sequence[ChartPerson] = (),
    edges_of: Collection[UUID] = (),
    edges: Sequence[ChartEdge] = (),
    units: Sequence[ChartUnit] | None = None,
    stand_ins: Sequence[ChartStandIn] | None = None,
    on: date | None = None,
) -> int:
    """Count the version up and apply what has changed to our own copy; return the version.

    Args:
        tx: what has changed is written in it already.
        people: those who are others than they were.
        edges_of: those whose edges changed: `edges` are all of theirs.
        edges: past and to come.
        units: all of them, if one changed.
        stand_ins: all of them, if one changed.
        on: the business date that the reporting lines are to be of, if it is another than before.
    """
    before = await store.lock(tx)
    changed = {person.id: person for person in people}
    unchanged = await store.people(tx, [person_id for person_id in edges_of if person_id not in changed])
    kept_edges = await store.edges(tx, [person_id for person_id in changed if person_id not in edges_of])
    difference = Difference(
        version=before.version + 1,
        on=on or before.on or tx.now.date(),
        people=[*changed.values(), *unchanged],
        edges=[*edges, *kept_edges],
        units=None if units is None else list(units),
        stand_ins=None if stand_ins is None else list(stand_ins),
    )
    await apply(tx, difference)
    parts = [name for name, changes in ((store.UNITS, units), (store.STAND_INS, stand_ins)) if changes is not None]
    await store.note(tx, difference.version, [person.id for person in difference.people], parts)
    tx.publish(events.ORG_CHART_CHANGED, CHART_ID, {"version": difference.version, "on": difference.on})
    published_version.set(difference.version)
    return difference.version
