"""Questions about sources: those see one who see the unit's forecast, and who is responsible for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Uuid, bindparam, insert, or_, select, update

from orgchart.tables import unit
from orgchart.viewer import MARKETING, Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.channels.rules.sources import Source
from services.forecast.channels.tables import forecast_source


@dataclass(frozen=True, slots=True)
class SourceScope:
    """What scopes a statement on sources: who asks, and whether a role shows them all."""

    viewer: Viewer

    @property
    def binds(self) -> dict[str, object]:
        """The binds of `in_scope`."""
        sees_all = self.viewer.sees_all or self.viewer.has_role(MARKETING)
        return {"viewer_id": self.viewer.acts_as, "sees_all": sees_all}


c = forecast_source.c
COLUMNS = tuple(Source.__dataclass_fields__)
_ID = bindparam("the_id", type_=Uuid())


def headed_units() -> ColumnElement[Any]:
    """Return the units that the viewer heads."""
    return select(unit.c.id).where(unit.c.head_id == bindparam("viewer_id", type_=Uuid())).scalar_subquery()


def in_scope() -> ColumnElement[bool]:
    """Whether the viewer sees a source: by role, as head of its unit, or as who is responsible for it."""
    return or_(
        bindparam("sees_all", type_=Boolean()),
        c.responsible_id == bindparam("viewer_id", type_=Uuid()),
        c.business_unit_id.in_(headed_units()),
    )


_sources = select(*(c[name] for name in COLUMNS))
GET = prepared(_sources.where(c.id == _ID, in_scope()), into=Source)
LOCK = prepared(_sources.where(c.id == _ID, in_scope()).with_for_update(), into=Source)
BY_REFERENCE = prepared(
    select(c.id).where(c.external_system == bindparam("system"), c.external_id == bindparam("identifier"))
)
SOURCES = Listing(
    _sources.where(in_scope()),
    into=Source,
    filters={
        "business_unit_id": c.business_unit_id == bindparam("business_unit_id", type_=Uuid()),
        "kind": c.kind == bindparam("kind"),
        "is_open": c.closed_at.is_(None) == bindparam("is_open", type_=Boolean()),
        "external_system": c.external_system == bindparam("external_system"),
        "external_id": c.external_id == bindparam("external_id"),
    },
    keys={"name": SortKey(c.name), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="name",
)
INSERT = prepared(insert(forecast_source))
UPDATE = prepared(
    update(forecast_source)
    .where(c.id == _ID)
    .values(
        name=bindparam("to_name"),
        kind=bindparam("to_kind"),
        responsible_id=bindparam("to_responsible"),
        version=c.version + 1,
    )
)
CLOSE = prepared(update(forecast_source).where(c.id == _ID).values(closed_at=bindparam("at"), version=c.version + 1))


async def get(tx: Questions, viewer: Viewer, source_id: UUID) -> Source:
    """Return a source, or raise `NotVisible`."""
    return await tx.visible(GET, "forecast source", source_id, viewer=SourceScope(viewer), the_id=source_id)


async def lock(tx: Writing, viewer: Viewer, source_id: UUID) -> Source:
    """Return a source, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "forecast source", source_id, viewer=SourceScope(viewer), the_id=source_id)


async def find_by_reference(tx: Questions, system: str, identifier: str) -> UUID | None:
    """Return the source that has an external reference, whoever may see it, or None."""
    found: UUID | None = await tx.value(BY_REFERENCE, system=system, identifier=identifier)
    return found


async def list_sources(tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]) -> Slice[Source]:
    """Return a page of the sources that the viewer may see."""
    return await SOURCES.page(tx, window, filters, viewer=SourceScope(viewer))


async def append(tx: Writing, source: Source) -> None:
    """Write a new source."""
    values: dict[str, Any] = {name: getattr(source, name) for name in COLUMNS}
    await tx.execute(INSERT, **values)


async def change(tx: Writing, source_id: UUID, *, name: str, kind: str, responsible_id: UUID | None) -> None:
    """Say what a source is now."""
    await tx.execute(UPDATE, the_id=source_id, to_name=name, to_kind=kind, to_responsible=responsible_id)


async def close(tx: Writing, source_id: UUID, at: datetime) -> None:
    """Say that a source forecasts no more."""
    await tx.execute(CLOSE, the_id=source_id, at=at)
