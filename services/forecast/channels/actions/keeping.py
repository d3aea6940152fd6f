"""Keeping sources: who they are, who answers for them, and when they end."""

from dataclasses import dataclass
from uuid import UUID

from orgchart import questions as orgchart
from orgchart.viewer import ADMIN, MARKETING, SALES_OPERATIONS, Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.forecast import events
from services.forecast.channels.rules import sources as rules
from services.forecast.channels.rules.sources import Source, SourceKind
from services.forecast.channels.store import sources


@dataclass(frozen=True, slots=True)
class Fields:
    """What can be said of a source."""

    name: str
    kind: SourceKind
    responsible_id: UUID | None


@dataclass(frozen=True, slots=True)
class Reference:
    """The id that a source has in another system."""

    system: str
    id: str


async def works_for_unit(tx: Questions, viewer: Viewer, business_unit_id: UUID) -> bool:
    """Tell whether the viewer works on a unit's forecast: marketing, sales operations, or the head of the unit."""
    if viewer.has_role(MARKETING, SALES_OPERATIONS, ADMIN):
        return True
    heads = {unit.id: unit.head_id for unit in await orgchart.units_of(tx)}
    return viewer.acts_as is not None and heads.get(business_unit_id) == viewer.acts_as


async def create(
    tx: Writing, viewer: Viewer, business_unit_id: UUID, fields: Fields, reference: Reference | None = None
) -> Source:
    """Add a source to a unit."""
    if not await works_for_unit(tx, viewer, business_unit_id):
        raise rules.MayNotKeepSources
    if business_unit_id not in {unit.id for unit in await orgchart.units_of(tx)}:
        raise rules.UnitUnknown
    await _check_responsible(tx, fields.responsible_id)
    made = Source(
        id=new_id(),
        version=1,
        business_unit_id=business_unit_id,
        name=fields.name,
        kind=fields.kind.value,
        responsible_id=fields.responsible_id,
        external_system=reference.system if reference else None,
        external_id=reference.id if reference else None,
        created_at=tx.now,
        closed_at=None,
    )
    await sources.append(tx, made)
    return _told(tx, events.SOURCE_CREATED, made)


async def change(
    tx: Writing, viewer: Viewer, source_id: UUID, fields: Fields, expected_version: int | None = None
) -> Source:
    """Change what is said of a source."""
    present = await _lock(tx, viewer, source_id)
    if expected_version is not None:
        check_version(present.version, expected_version)
    if fields == fields_of(present):
        return present
    rules.check_open(present)
    await _check_responsible(tx, fields.responsible_id)
    await sources.change(tx, source_id, name=fields.name, kind=fields.kind.value, responsible_id=fields.responsible_id)
    return _told(tx, events.SOURCE_CHANGED, await sources.get(tx, viewer, source_id))


async def close(tx: Writing, viewer: Viewer, source_id: UUID) -> Source:
    """End a source: it forecasts no more, and what it said is compared with no more."""
    present = await _lock(tx, viewer, source_id)
    rules.check_open(present)
    await sources.close(tx, source_id, tx.now)
    return _told(tx, events.SOURCE_CLOSED, await sources.get(tx, viewer, source_id))


async def upsert(tx: Writing, viewer: Viewer, reference: Reference, business_unit_id: UUID, fields: Fields) -> Done:
    """Make the source that has the reference say what is given."""
    found = await sources.find_by_reference(tx, reference.system, reference.id)
    if found is None:
        made = await create(tx, viewer, business_unit_id, fields, reference)
        return Done("created", made.id)
    present = await sources.get(tx, viewer, found)
    if present.business_unit_id != business_unit_id:
        raise rules.SourceMoved
    changed = await change(tx, viewer, found, fields)
    return Done("unchanged" if changed.version == present.version else "updated", found)


def fields_of(source: Source) -> Fields:
    """Return what is said of a source now."""
    return Fields(source.name, SourceKind(source.kind), source.responsible_id)


async def _lock(tx: Writing, viewer: Viewer, source_id: UUID) -> Source:
    present = await sources.lock(tx, viewer, source_id)
    if not await works_for_unit(tx, viewer, present.business_unit_id):
        raise rules.MayNotKeepSources
    return present


async def _check_responsible(tx: Questions, responsible_id: UUID | None) -> None:
    if responsible_id is None:
        return
    found = await orgchart.person_of(tx, responsible_id)
    if found is None or not found.active:
        raise rules.ResponsibleUnknown


def _told(tx: Writing, event: str, source: Source) -> Source:
    said = {"id": str(source.id), "version": source.version, "business_unit_id": str(source.business_unit_id)}
    tx.publish(event, source.id, said | {"name": source.name, "kind": source.kind})
    return source
