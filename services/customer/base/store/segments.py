"""Segments that people have saved; each sees their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, insert, select

from orgchart.scope import VIEWER_ID
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from services.customer.base.tables import customer_segment

_s = customer_segment.c


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved segment."""

    id: UUID
    name: str
    filters: dict[str, Any]


_own = select(_s.id, _s.name, _s.filters).where(_s.owner_id == VIEWER_ID)
GET = prepared(_own.where(_s.id == bindparam("id", type_=Uuid())), into=Segment)
INSERT = prepared(insert(customer_segment))
DELETE = prepared(delete(customer_segment).where(_s.id == bindparam("the_id", type_=Uuid()), _s.owner_id == VIEWER_ID))
SEGMENTS = Listing(_own, into=Segment, filters={}, keys={"name": SortKey(_s.name)}, identifier=_s.id, default="name")


async def get(tx: Questions, viewer: Viewer, segment_id: UUID) -> Segment:
    """Return a segment of the viewer's, or raise `NotVisible`."""
    return await tx.visible(GET, "segment", segment_id, viewer=viewer, id=segment_id)


async def insert_segment(tx: Writing, owner_id: UUID, name: str, filters: Mapping[str, Any]) -> Segment:
    """Save a segment.

    Raises:
        SegmentNameTaken: the person has one of this name.
    """
    made = Segment(new_id(), name, dict(filters))
    await tx.execute(INSERT, id=made.id, owner_id=owner_id, name=name, filters=made.filters, created_at=tx.now)
    return made


async def delete_segment(tx: Writing, viewer: Viewer, segment_id: UUID) -> Segment:
    """Forget a segment of the viewer's and return it, or raise `NotVisible`."""
    found = await get(tx, viewer, segment_id)
    if not await tx.execute(DELETE, viewer=viewer, the_id=segment_id):
        raise NotVisible("segment", segment_id)
    return found
