"""Questions about what ERP systems call products, product lines, places and units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, insert, select, update

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.erp.rules.references import Named
from services.forecast.erp.store.scope import ByRole, in_scope
from services.forecast.erp.tables import erp_reference


@dataclass(frozen=True, slots=True)
class ErpReference:
    """What an ERP system calls something of ours; `subject` is its id, or the place or unit itself."""

    id: UUID
    version: int
    system: str
    kind: str
    subject: str
    code: str
    created_at: datetime


c = erp_reference.c
_seen = select(erp_reference).where(in_scope())
_BY_ID = c.id == bindparam("id", type_=Uuid())
GET = prepared(_seen.where(_BY_ID), into=ErpReference)
LOCK = prepared(_seen.where(_BY_ID).with_for_update(), into=ErpReference)
LOCK_OF = prepared(
    select(erp_reference)
    .where(c.system == bindparam("system"), c.kind == bindparam("kind"), c.subject == bindparam("subject"))
    .with_for_update(),
    into=ErpReference,
)
CALLED = prepared(
    select(c.subject)
    .where(c.system == bindparam("system"), c.kind == bindparam("kind"), c.code == bindparam("code"))
    .order_by(c.subject)
    .limit(2)
)
INSERT = prepared(insert(erp_reference))
UPDATE = prepared(
    update(erp_reference).where(c.id == bindparam("reference_id")).values(code=bindparam("code"), version=c.version + 1)
)
DELETE = prepared(delete(erp_reference).where(_BY_ID))
REFERENCES = Listing(
    _seen,
    into=ErpReference,
    filters={
        "system": c.system == bindparam("system"),
        "kind": c.kind == bindparam("kind"),
        "subject": c.subject == bindparam("subject"),
        "code": c.code == bindparam("code"),
    },
    keys={"code": SortKey(c.code), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="code",
)


async def get(tx: Questions, viewer: Viewer, reference_id: UUID) -> ErpReference:
    """Return a reference, or raise `NotVisible`."""
    return await tx.visible(GET, "ERP reference", reference_id, viewer=ByRole(viewer), id=reference_id)


async def lock(tx: Writing, viewer: Viewer, reference_id: UUID) -> ErpReference:
    """Return a reference, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "ERP reference", reference_id, viewer=ByRole(viewer), id=reference_id)


async def lock_of(tx: Writing, system: str, named: Named) -> ErpReference | None:
    """Return what a system calls something, locked until commit, or None."""
    return await tx.first(LOCK_OF, system=system, kind=named.kind.value, subject=named.subject)


async def called(tx: Questions, system: str, kind: str, code: str) -> list[str]:
    """Return what of ours a system calls so: nothing, the one thing, or two of several."""
    return [row[0] for row in await tx.all(CALLED, system=system, kind=kind, code=code)]


async def list_references(
    tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]
) -> Slice[ErpReference]:
    """Return a page of references."""
    return await REFERENCES.page(tx, window, filters, viewer=ByRole(viewer))
