"""What an administrator does with business units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from orgchart.difference import ChartUnit
from orgchart.viewer import Viewer
from servicekit.data.chunks import ChunkResult, Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.team import events
from services.team.business_units import rules, store
from services.team.business_units.store import BusinessUnit
from services.team.org_chart import actions as org_chart


@dataclass(frozen=True, slots=True)
class GivenUnit:
    """A unit as somebody gives it: only the fields that they say something about; `reference` as (system, id)."""

    values: Mapping[str, Any]
    reference: tuple[str, str] | None


async def add_unit(tx: Writing, viewer: Viewer, given: GivenUnit) -> BusinessUnit:
    """Add a business unit."""
    await org_chart.administer(tx, viewer)
    added = await _add(tx, given)
    await _publish(tx)
    return added


async def change_unit(
    tx: Writing, viewer: Viewer, unit_id: UUID, version: int, changes: Mapping[str, Any]
) -> BusinessUnit:
    """Change a unit's name or head, or what it is part of."""
    await org_chart.administer(tx, viewer)
    present = await store.get(tx, unit_id)
    check_version(present.version, version)
    changed = await _change(tx, present, changes)
    if changed != present:
        await _publish(tx)
    return changed


async def put_unit(tx: Writing, viewer: Viewer, given: GivenUnit) -> BusinessUnit:
    """Add the unit that another system knows by the given reference, or bring it up to what is given."""
    await org_chart.administer(tx, viewer)
    present, unit = await _put(tx, given)
    if unit != present:
        await _publish(tx)
    return unit


async def put_units(tx: Writing, viewer: Viewer, items: Sequence[GivenUnit]) -> ChunkResult:
    """Do so for many, and publish once."""
    await org_chart.administer(tx, viewer)

    async def step(tx: Writing, given: GivenUnit) -> Done:
        present, unit = await _put(tx, given)
        if present is None:
            return Done("created", unit.id)
        return Done("unchanged" if present == unit else "updated", unit.id)

    results = await one_by_one(step)(tx, items)
    if any(isinstance(result, Done) and result.outcome != "unchanged" for result in results):
        await _publish(tx)
    return results


async def _put(tx: Writing, given: GivenUnit) -> tuple[BusinessUnit | None, BusinessUnit]:
    present = await store.find_by_reference(tx, *given.reference) if given.reference else None
    if present is None:
        return None, await _add(tx, given)
    return present, await _change(tx, present, given.values)


async def _add(tx: Writing, given: GivenUnit) -> BusinessUnit:
    system, external_id = given.reference or (None, None)
    unit = BusinessUnit(
        id=new_id(),
        version=1,
        name=given.values["name"],
        parent_id=given.values.get("parent_id"),
        head_id=given.values.get("head_id"),
        external_system=system,
        external_id=external_id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    await store.insert_unit(tx, unit)
    tx.publish(events.BUSINESS_UNIT_ADDED, unit.id, {"version": unit.version})
    return unit


async def _change(tx: Writing, present: BusinessUnit, changes: Mapping[str, Any]) -> BusinessUnit:
    if all(getattr(present, name) == value for name, value in changes.items()):
        return present
    changed = replace(present, **changes, version=present.version + 1, updated_at=tx.now)
    if changed.parent_id != present.parent_id:
        parents = {unit.id: unit.parent_id for unit in await store.every_unit(tx)}
        rules.check_parent(present.id, changed.parent_id, parents)
    await store.update_unit(tx, changed)
    tx.publish(events.BUSINESS_UNIT_CHANGED, changed.id, {"version": changed.version, "fields": sorted(changes)})
    return changed


async def _publish(tx: Writing) -> None:
    units = [ChartUnit.model_validate(unit) for unit in await store.every_unit(tx)]
    await org_chart.publish(tx, units=units)
