"""Bringing people up to what another system says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import ChunkResult, Done, Result, one_by_one
from servicekit.data.transactions import Writing
from services.team.org_chart import actions as org_chart
from services.team.people import actions as people_actions
from services.team.people import store as people
from services.team.people.rules import Role, check_not_own
from services.team.people.store import Person
from services.team.reporting_line import actions as reporting_line_actions
from services.team.reporting_line import store as reporting_line
from services.team.roster import rules
from services.team.roster.rules import ListedSuperior


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """Somebody as another system lists them; of what it says nothing (None, or no value) nothing is changed."""

    reference: tuple[str, str]
    values: Mapping[str, Any]
    roles: Sequence[Role] | None
    superior: ListedSuperior | None


@dataclass(frozen=True, slots=True)
class PutPerson:
    """What became of somebody who was listed."""

    outcome: Result
    id: UUID
    version: int


async def put_person(tx: Writing, viewer: Viewer, listed: ListedPerson) -> PutPerson:
    """Add somebody whom another system lists, or bring them up to date."""
    on = await org_chart.administer(tx, viewer)
    outcome, person_id = await _put(tx, viewer, listed, on)
    await _publish(tx, [Done(outcome, person_id)], on)
    return PutPerson(outcome, person_id, (await people.get(tx, person_id)).version)


async def put_people(tx: Writing, viewer: Viewer, items: Sequence[ListedPerson]) -> ChunkResult:
    """Do so for many, each by itself, and publish once."""
    on = await org_chart.administer(tx, viewer)

    async def step(tx: Writing, listed: ListedPerson) -> Done:
        return Done(*await _put(tx, viewer, listed, on))

    results = await one_by_one(step)(tx, items)
    await _publish(tx, [result for result in results if isinstance(result, Done)], on)
    return results


async def _put(tx: Writing, viewer: Viewer, listed: ListedPerson, on: date) -> tuple[Result, UUID]:
    present = await people.find_by_reference(tx, *listed.reference)
    if present is None:
        person = await people_actions.write_new(tx, people_actions.GivenPerson(listed.values, listed.reference))
    else:
        if listed.values.get("left_on") not in {None, present.left_on}:
            check_not_own(present.id, (viewer.person_id, viewer.on_behalf_of), {"left_on": None})
        person = await people_actions.write_changes(tx, present, listed.values)
    person = await _put_roles(tx, viewer, person, listed.roles)
    moved = await _put_superior(tx, person, listed.superior, on)
    if present is None:
        return "created", person.id
    return "updated" if moved or person != present else "unchanged", person.id


async def _put_roles(tx: Writing, viewer: Viewer, person: Person, listed: Sequence[Role] | None) -> Person:
    steps = rules.role_steps(person.roles, listed) if listed is not None else []
    for role, step in steps:
        check_not_own(person.id, (viewer.person_id, viewer.on_behalf_of), {"role": role, "change": step})
        person = await people_actions.write_role(tx, person, role, step, rules.REASON)
    return person


async def _put_superior(tx: Writing, person: Person, listed: ListedSuperior | None, on: date) -> bool:
    if listed is None:
        return False
    own = await reporting_line.edges_of(tx, [person.id])
    decided = await reporting_line.decided(tx, person.id)
    from_date = rules.new_superior_from(own, decided, listed, joined_on=person.joined_on, today=on)
    if from_date is None:
        return False
    await reporting_line_actions.write_superior(
        tx, person.id, listed.superior_id, from_date=from_date, reason=rules.REASON
    )
    return True


async def _publish(tx: Writing, results: Sequence[Done], on: date) -> None:
    changed = [result.id for result in results if result.outcome != "unchanged" and result.id is not None]
    if changed:
        await org_chart.publish(
            tx,
            people=await people_actions.published_people(tx, changed, on),
            edges_of=changed,
            edges=await reporting_line_actions.published_edges(tx, changed),
        )
