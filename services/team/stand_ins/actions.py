"""Agreeing on who acts for whom, and ending it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from orgchart.difference import ChartStandIn
from orgchart.viewer import ADMIN, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.team import events
from services.team.org_chart import actions as org_chart
from services.team.people import store as people
from services.team.people.rules import PersonKind
from services.team.reporting_line import store as reporting_line
from services.team.stand_ins import rules, store
from services.team.stand_ins.store import StandIn


async def agree(
    tx: Writing, viewer: Viewer, person_id: UUID, stand_in_id: UUID, *, from_date: date, until_date: date
) -> StandIn:
    """Let somebody act for somebody from a day and until (not including) another."""
    on = await org_chart.lock(tx)
    await _check_there(tx, person_id, "/person_id")
    await _check_there(tx, stand_in_id, "/stand_in_id")
    rules.check_stand_in(person_id, stand_in_id, (from_date, until_date), on)
    superiors = await _superiors(tx, person_id, on)
    decider = None if viewer.on_behalf_of else viewer.person_id
    rules.check_names_stand_in(decider, person_id, stand_in_id, superiors, is_admin=viewer.has_role(ADMIN))
    agreed = StandIn(new_id(), person_id, stand_in_id, from_date, until_date, tx.actor_id, tx.now)
    await store.insert_stand_in(tx, agreed)
    tx.publish(events.STAND_IN_AGREED, person_id, {"id": agreed.id, "stand_in_id": stand_in_id})
    await _publish(tx)
    return agreed


async def end(tx: Writing, viewer: Viewer, stand_in_id: UUID, on: date | None) -> StandIn:
    """Let a stand-in end on a day (today, if none is named); one that has not begun never begins."""
    today = await org_chart.lock(tx)
    present = await store.get(tx, stand_in_id)
    superiors = await _superiors(tx, present.person_id, today)
    decider = None if viewer.on_behalf_of else viewer.person_id
    rules.check_ends_stand_in(
        decider, present.person_id, present.stand_in_id, superiors, is_admin=viewer.has_role(ADMIN)
    )
    ended = replace(present, until_date=rules.end_of(present.from_date, present.until_date, on or today, today))
    await store.end_stand_in(tx, stand_in_id, ended.until_date)
    tx.publish(events.STAND_IN_ENDED, present.person_id, {"id": stand_in_id, "until_date": ended.until_date})
    await _publish(tx)
    return ended


async def _check_there(tx: Writing, person_id: UUID, field: str) -> None:
    found = await people.find(tx, person_id)
    if found is None or not found.active or found.kind != PersonKind.PERSON:
        raise rules.UnknownStandIn(field)


async def _superiors(tx: Writing, person_id: UUID, on: date) -> set[UUID]:
    return {superior.id for superior in await reporting_line.superiors(tx, person_id, on)}


async def _publish(tx: Writing) -> None:
    whole = [ChartStandIn.model_validate(one) for one in await store.every_stand_in(tx)]
    await org_chart.publish(tx, stand_ins=whole)
