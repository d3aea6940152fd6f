"""Questions about ERP systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, update

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.erp.rules.systems import ErpKind, SystemFields
from services.forecast.erp.store.scope import ByRole, in_scope
from services.forecast.erp.tables import erp_system


@dataclass(frozen=True, slots=True)
class ErpSystem:
    """An ERP system that plans are handed over to."""

    id: UUID
    version: int
    name: str
    kind: str
    company: str | None
    customer: str | None
    forecast_name: str | None
    created_at: datetime

    @property
    def fields(self) -> SystemFields:
        """What is said of it."""
        return SystemFields(self.name, ErpKind(self.kind), self.company, self.customer, self.forecast_name)


c = erp_system.c
_seen = select(erp_system).where(in_scope())
_BY_ID = c.id == bindparam("id", type_=Uuid())
GET = prepared(_seen.where(_BY_ID), into=ErpSystem)
LOCK = prepared(_seen.where(_BY_ID).with_for_update(), into=ErpSystem)
ALL = prepared(select(erp_system).order_by(c.name), into=ErpSystem)
INSERT = prepared(insert(erp_system))
UPDATE = prepared(
    update(erp_system)
    .where(c.id == bindparam("system_id"))
    .values(
        {name: bindparam(name) for name in ("kind", "company", "customer", "forecast_name")}
        | {"version": c.version + 1}
    )
)
SYSTEMS = Listing(
    _seen,
    into=ErpSystem,
    filters={"kind": c.kind == bindparam("kind"), "name": c.name == bindparam("name")},
    keys={"name": SortKey(c.name), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="name",
)


async def get(tx: Questions, viewer: Viewer, system_id: UUID) -> ErpSystem:
    """Return an ERP system, or raise `NotVisible`."""
    return await tx.visible(GET, "ERP system", system_id, viewer=ByRole(viewer), id=system_id)


async def lock(tx: Writing, viewer: Viewer, system_id: UUID) -> ErpSystem:
    """Return an ERP system, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "ERP system", system_id, viewer=ByRole(viewer), id=system_id)


async def list_systems(tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]) -> Slice[ErpSystem]:
    """Return a page of the ERP systems."""
    return await SYSTEMS.page(tx, window, filters, viewer=ByRole(viewer))


async def all_systems(tx: Questions) -> list[ErpSystem]:
    """Return every ERP system, by name; there are a few."""
    return await tx.all(ALL)
