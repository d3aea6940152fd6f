"""The tops of the lines: seats with nobody above, which are handed in to business units."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, bindparam

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.transactions import Questions
from services.forecast.cycles.store.seats import Seat, SeatScope, visible_seats
from services.forecast.cycles.tables import seat, standing

TOPS = Listing(
    visible_seats().where(seat.c.superior_seat_id.is_(None)),
    into=Seat,
    filters={"unit_id": seat.c.business_unit_id == bindparam("unit_id", type_=Uuid())},
    keys={"level": SortKey(standing.c.level)},
    identifier=seat.c.id,
    default="-level",
)


async def list_tops(tx: Questions, scope: SeatScope, window: Window, filters: Mapping[str, Any]) -> Slice[Seat]:
    """Return a page of the tops that the viewer may see."""
    return await TOPS.page(tx, window, filters, viewer=scope)
