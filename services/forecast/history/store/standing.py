"""What stood at an instant: of each seat the last that was handed in by then and not sent back by then.

It is found from submissions and decisions, which are append-only: asked again, it is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, func, select

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.cycles.store.seats import SeatScope, visible_seats
from services.forecast.rollup.tables import decision, forecast, submission

_AS_OF = bindparam("as_of", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A seat, and the record that stood on it at an instant, if any."""

    id: UUID
    superior_seat_id: UUID | None
    holder_id: UUID
    name: str
    level: int
    forecast_id: UUID | None
    revision: int | None
    submitted_at: datetime | None
    is_approved: bool | None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """That a record was handed in, by whom, and what became of it by now."""

    id: UUID
    revision: int
    state: str
    submitted_by: UUID
    on_behalf_of: UUID | None
    at: datetime
    superseded_at: datetime | None


def _latest(seat_id: Any) -> Any:
    """Return the last record of a seat that was handed in by then, unless it was sent back by then."""
    said = (
        select(decision.c.kind)
        .where(decision.c.forecast_id == forecast.c.id, decision.c.at <= _AS_OF)
        .order_by(decision.c.at.desc(), decision.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            forecast.c.id.label("forecast_id"),
            forecast.c.revision,
            submission.c.at.label("submitted_at"),
            func.coalesce(said, "").label("said"),
        )
        .join(submission, submission.c.forecast_id == forecast.c.id)
        .where(forecast.c.seat_id == seat_id, submission.c.at <= _AS_OF)
        .order_by(forecast.c.revision.desc())
        .limit(1)
    )


_seen = visible_seats().subquery("seen")
_last = _latest(_seen.c.id).lateral("last")
_stood = _last.c.said != "returned"
SNAPSHOTS = Listing(
    select(
        *(_seen.c[name] for name in ("id", "superior_seat_id", "holder_id", "name", "level")),
        *(_last.c[name] for name in ("forecast_id", "revision", "submitted_at")),
        (_last.c.said == "approved").label("is_approved"),
    ).select_from(_seen.outerjoin(_last, _stood)),
    into=Snapshot,
    filters={
        "seat_id": _seen.c.id == bindparam("seat_id", type_=Uuid()),
        "superior_seat_id": _seen.c.superior_seat_id == bindparam("superior_seat_id", type_=Uuid()),
    },
    keys={"level": SortKey(_seen.c.level), "name": SortKey(_seen.c.name)},
    identifier=_seen.c.id,
    default="-level",
)
_one = _latest(bindparam("seat_id", type_=Uuid())).subquery("last")
STOOD = prepared(select(_one.c.forecast_id).where(_one.c.said != "returned"))

_later, _then = forecast.alias("later"), submission.alias("then")
_superseded_at = (
    select(func.min(_then.c.at))
    .join(_later, _later.c.id == _then.c.forecast_id)
    .where(_later.c.seat_id == forecast.c.seat_id, _later.c.revision > forecast.c.revision)
    .correlate(forecast)
    .scalar_subquery()
)
HISTORY = Listing(
    select(
        forecast.c.id,
        forecast.c.revision,
        forecast.c.state,
        submission.c.submitted_by,
        submission.c.on_behalf_of,
        submission.c.at,
        _superseded_at.label("superseded_at"),
    )
    .join(submission, submission.c.forecast_id == forecast.c.id)
    .where(forecast.c.seat_id == bindparam("seat_id", type_=Uuid())),
    into=HandedIn,
    filters={},
    keys={"revision": SortKey(forecast.c.revision)},
    identifier=forecast.c.id,
    default="-revision",
)


async def list_snapshots(
    tx: Questions, scope: SeatScope, window: Window, filters: Mapping[str, Any], as_of: datetime
) -> Slice[Snapshot]:
    """Return a page of the seats that the viewer may see, each with what stood on it at an instant."""
    return await SNAPSHOTS.page(tx, window, filters, viewer=scope, as_of=as_of)


async def list_handed_in(tx: Questions, seat_id: UUID, window: Window) -> Slice[HandedIn]:
    """Return a page of what a seat has handed in."""
    return await HISTORY.page(tx, window, {}, seat_id=seat_id)


async def stood_at(tx: Questions, seat_id: UUID, as_of: datetime) -> UUID | None:
    """Return the record that stood on a seat at an instant, or None."""
    found: UUID | None = await tx.value(STOOD, seat_id=seat_id, as_of=as_of)
    return found
