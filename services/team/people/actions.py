"""What an administrator does with people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.difference import ChartPerson
from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.team import events
from services.team.org_chart import actions as org_chart
from services.team.org_chart import store as org_chart_store
from services.team.people import rules, store
from services.team.people.store import Person


@dataclass(frozen=True, slots=True)
class GivenPerson:
    """Somebody as they are given: only the fields that something is said about; `reference` as (system, id)."""

    values: Mapping[str, Any]
    reference: tuple[str, str] | None


async def add_person(tx: Writing, viewer: Viewer, given: GivenPerson) -> Person:
    """Add a person or machine client, without roles and at the top of a reporting line of their own."""
    on = await org_chart.administer(tx, viewer)
    added = await write_new(tx, given)
    await publish(tx, [added.id], on)
    return await store.get(tx, added.id)


async def change_person(
    tx: Writing, viewer: Viewer, person_id: UUID, version: int, changes: Mapping[str, Any]
) -> Person:
    """Change plain attributes of somebody."""
    on = await org_chart.administer(tx, viewer)
    present = await store.get(tx, person_id)
    check_version(present.version, version)
    changed = await write_changes(tx, present, changes)
    if changed != present:
        await publish(tx, [person_id], on)
    return await store.get(tx, person_id)


async def change_role(
    tx: Writing, viewer: Viewer, person_id: UUID, role: rules.Role, step: rules.RoleStep, *, reason: str
) -> Person:
    """Grant somebody a role, or withdraw one; never one's own."""
    on = await org_chart.administer(tx, viewer)
    present = await store.get(tx, person_id)
    rules.check_not_own(person_id, (viewer.person_id, viewer.on_behalf_of), {"role": role, "change": step})
    await write_role(tx, present, role, step, reason)
    await publish(tx, [person_id], on)
    return await store.get(tx, person_id)


async def record_departure(tx: Writing, viewer: Viewer, person_id: UUID, left_on: date) -> Person:
    """Note from which day on somebody is there no longer; from then on they cannot sign in."""
    on = await org_chart.administer(tx, viewer)
    present = await store.get(tx, person_id)
    rules.check_not_own(person_id, (viewer.person_id, viewer.on_behalf_of), {"left_on": left_on.isoformat()})
    rules.check_departure(present.joined_on, present.left_on, left_on)
    await write_changes(tx, present, {"left_on": left_on})
    await publish(tx, [person_id], on)
    return await store.get(tx, person_id)


async def follow_calendar(tx: Writing, today: date) -> None:
    """Bring the chart to today: dated edges take effect, people come and go."""
    chart = await org_chart_store.lock(tx)
    if chart.on is not None and chart.on >= today:
        return  # another request, or process, has done so meanwhile
    concerned = await store.coming_or_going(tx, chart.on or today, today)
    await org_chart.publish(tx, people=_as_published(concerned, today), on=today)


async def publish(tx: Writing, person_ids: Iterable[UUID], on: date) -> None:
    """Publish these people as they are now."""
    await org_chart.publish(tx, people=await published_people(tx, person_ids, on))


async def published_people(tx: Writing, person_ids: Iterable[UUID], on: date) -> list[ChartPerson]:
    """Return these people as the other services copy them."""
    return _as_published(await store.people_of(tx, list(person_ids)), on)


async def write_new(tx: Writing, given: GivenPerson) -> Person:
    """Write somebody new; the caller holds the chart's lock and publishes."""
    values = given.values
    system, external_id = given.reference or (None, None)
    added = Person(
        id=new_id(),
        version=1,
        kind=values.get("kind", rules.PersonKind.PERSON),
        name=values["name"],
        email=values.get("email"),
        title=values.get("title"),
        username=values.get("username"),
        business_unit_id=values.get("business_unit_id"),
        joined_on=values.get("joined_on"),
        left_on=values.get("left_on"),
        roles=[],
        external_system=system,
        external_id=external_id,
        scopes=list(values.get("scopes", ())),
        created_at=tx.now,
        updated_at=tx.now,
        active=False,
        superior_id=None,
    )
    await store.insert_person(tx, added)
    tx.publish(events.PERSON_ADDED, added.id, {"version": added.version})
    return added


async def write_changes(tx: Writing, present: Person, changes: Mapping[str, Any]) -> Person:
    """Write what is another than before; the caller holds the chart's lock and publishes."""
    fields = sorted(name for name, value in changes.items() if getattr(present, name) != value)
    if not fields:
        return present
    changed = replace(present, **changes, version=present.version + 1, updated_at=tx.now)
    await store.update_person(tx, changed)
    tx.publish(events.PERSON_CHANGED, changed.id, {"version": changed.version, "fields": fields})
    if "left_on" in fields:
        tx.publish(events.PERSON_LEFT, changed.id, {"version": changed.version, "left_on": changed.left_on})
    return changed


async def write_role(tx: Writing, present: Person, role: rules.Role, step: rules.RoleStep, reason: str) -> Person:
    """Write a role granted or withdrawn, and its history; the caller holds the chart's lock and publishes."""
    roles = rules.roles_after(present.roles, role, step)
    changed = replace(present, roles=roles, version=present.version + 1, updated_at=tx.now)
    await store.update_person(tx, changed)
    await store.append_role_change(tx, present.id, role, step, reason)
    tx.publish(events.ROLE_CHANGED, present.id, {"version": changed.version, "role": role, "change": step})
    return changed


def _as_published(people: Iterable[Person], on: date) -> list[ChartPerson]:
    present = (
        replace(somebody, active=rules.is_active(somebody.joined_on, somebody.left_on, on)) for somebody in people
    )
    return [ChartPerson.model_validate(somebody) for somebody in present]
