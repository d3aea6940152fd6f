"""Questions to the business units; everybody who is signed in may see them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.text import containing, searchable
from services.team.business_units.tables import business_unit


@dataclass(frozen=True, slots=True)
class BusinessUnit:
    """A part of the enterprise."""

    id: UUID
    version: int
    name: str
    parent_id: UUID | None
    head_id: UUID | None
    external_system: str | None
    external_id: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def external_reference(self) -> dict[str, str | None] | None:
        """What another system knows it by."""
        return {"system": self.external_system, "id": self.external_id} if self.external_system else None


c = business_unit.c
_unit = select(*[c[name] for name in BusinessUnit.__dataclass_fields__])
_changeable = ("version", "name", "search_text", "parent_id", "head_id", "updated_at")

UNIT = prepared(_unit.where(c.id == bindparam("id")), into=BusinessUnit)
REFERRED = prepared(
    _unit.where(c.external_system == bindparam("system"), c.external_id == bindparam("external_id")), into=BusinessUnit
)
EVERY = prepared(_unit.order_by(c.id), into=BusinessUnit)
INSERT = prepared(insert(business_unit).values({column.name: bindparam(column.name) for column in c}))
UPDATE = prepared(
    update(business_unit)
    .where(c.id == bindparam("id"))
    .values({name: bindparam(name, type_=c[name].type) for name in _changeable})
)
LISTING = Listing(
    _unit,
    into=BusinessUnit,
    filters={
        "parent_id": c.parent_id == bindparam("parent_id"),
        "external_system": c.external_system == bindparam("external_system"),
        "external_id": c.external_id == bindparam("external_id"),
        "search": c.search_text.like(bindparam("search")),
    },
    keys={"name": SortKey(c.name), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="name",
)


async def get(tx: Questions, unit_id: UUID) -> BusinessUnit:
    """Return a unit, or raise `NotVisible`."""
    return await tx.visible(UNIT, "business unit", unit_id, id=unit_id)


async def find_by_reference(tx: Questions, system: str, external_id: str) -> BusinessUnit | None:
    """Return the unit that another system knows by this id."""
    return await tx.first(REFERRED, system=system, external_id=external_id)


async def list_units(tx: Questions, window: Window, filters: Mapping[str, Any]) -> Slice[BusinessUnit]:
    """Return a page of units."""
    given = dict(filters)
    if "search" in given:
        given["search"] = containing(given["search"])
    return await LISTING.page(tx, window, given)


async def every_unit(tx: Questions) -> list[BusinessUnit]:
    """Return all units."""
    return await tx.all(EVERY)


async def insert_unit(tx: Writing, unit: BusinessUnit) -> None:
    """Add a unit."""
    await tx.execute(INSERT, **_columns(unit))


async def update_unit(tx: Writing, unit: BusinessUnit) -> None:
    """Write a unit as it is now."""
    await tx.execute(UPDATE, **_columns(unit))


def _columns(unit: BusinessUnit) -> dict[str, Any]:
    fields = {name: getattr(unit, name) for name in BusinessUnit.__dataclass_fields__}
    return {**fields, "search_text": searchable(unit.name)}
