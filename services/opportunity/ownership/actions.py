"""Replacing the principal owner of an opportunity."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from orgchart.questions import person_of
from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible, RecordedAbsence
from servicekit.values.ids import new_id
from services.opportunity import events
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.rules import PrincipalMoved, UnknownPerson
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.ownership import store
from services.opportunity.ownership.rules import Decider, judge_change
from services.opportunity.ownership.store import Principal
from services.opportunity.sales_team.actions import present_members


@dataclass(frozen=True, slots=True)
class Line:
    """Who stood above the principal judged by, at this moment, by which version of the org chart."""

    principal_id: UUID
    superiors: Collection[UUID]
    chart_version: int


async def principal_to_replace(tx: Questions, viewer: Viewer, opportunity_id: UUID, proposed: UUID) -> UUID:
    """Return the present principal; who may not even see the opportunity is told so, and it is remembered.

    Raises:
        NotVisible: there is no such opportunity that the viewer can see.
    """
    try:
        return (await opportunities.get(tx, viewer, opportunity_id)).principal_id
    except NotVisible:
        if await store.exists(tx, opportunity_id):
            attempted: dict[str, str | None] = {"principal_id": str(proposed)}
            raise RecordedAbsence("opportunity", opportunity_id, aggregate="opportunity", attempted=attempted) from None
        raise


async def change_principal(
    tx: Writing, viewer: Viewer, opportunity_id: UUID, proposed: UUID, *, reason: str, line: Line
) -> Opportunity:
    """Replace the principal owner; only a superior of the one judged by may, if that one still is principal."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    if seen.principal_id != line.principal_id:
        raise PrincipalMoved
    if viewer.person_id is None:
        raise UnknownPerson
    decider = Decider(viewer.person_id, viewer.on_behalf_of, viewer.roles)
    authority = judge_change(
        decider,
        opportunity_id,
        present=seen.principal_id,
        proposed=proposed,
        superiors=line.superiors,
        reason=reason,
    )
    person = await person_of(tx, proposed)
    if person is None or not person.active or person.kind != "person":
        raise UnknownPerson
    team = await present_members(tx, viewer, opportunity_id)
    at = max(tx.now, seen.principal_since)
    after = replace(seen, principal_id=proposed, principal_since=at)
    version = await store.append_principal(
        tx,
        Principal(
            id=new_id(),
            opportunity_id=opportunity_id,
            principal_id=proposed,
            from_at=at,
            until_at=None,
            recorded_at=tx.now,
            authority=authority.value,
            reason=reason,
            decided_by=viewer.person_id,
            on_behalf_of=viewer.on_behalf_of,
            chart_version=line.chart_version,
        ),
    )
    after = replace(after, version=version)
    await opportunities.pass_duties_on(tx, opportunity_id, seen.principal_id, proposed)
    events.publish(
        tx,
        events.PRINCIPAL_CHANGED,
        after,
        former_principal_id=str(seen.principal_id),
        at=at.isoformat(),
        sales_team=team,  # the principal may take part in another role as well, and goes on to
    )
    return after
