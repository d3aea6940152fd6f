"""Suggestions of a cycle, and their figures as far as the viewer sees the seats that they are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, update

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.cycles.store.seats import SeatScope, visible_seats
from services.forecast.suggestion.tables import suggested_figure, suggestion


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion of a cycle; finished or under way."""

    id: UUID
    cycle_id: UUID
    as_of: date
    asked_at: datetime
    asked_by: UUID | None
    on_behalf_of: UUID | None
    without_rate: int
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuggestedFigure:
    """A suggested figure as it is kept, with whom its seat belongs to."""

    id: UUID
    suggestion_id: UUID
    seat_id: UUID
    scope: str
    month: date
    is_total: bool
    customer_group: str | None
    product_line_id: UUID | None
    amount: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    coverage: Decimal | None
    wape: Decimal | None
    bias: Decimal | None
    periods: int
    lacking: str | None
    tried: list[Any]
    person_id: UUID
    name: str


_s, _f = suggestion.c, suggested_figure.c
_CYCLE = bindparam("cycle_id", type_=Uuid())
SUGGESTIONS = Listing(
    select(suggestion).where(_s.cycle_id == _CYCLE),
    into=Suggestion,
    filters={},
    keys={"asked_at": SortKey(_s.asked_at)},
    identifier=_s.id,
    default="-asked_at",
)
GET = prepared(select(suggestion).where(_s.id == bindparam("id", type_=Uuid())), into=Suggestion)
LATEST = prepared(
    select(suggestion)
    .where(_s.cycle_id == _CYCLE, _s.finished_at.isnot(None))
    .order_by(_s.asked_at.desc(), _s.id.desc())
    .limit(1),
    into=Suggestion,
)
INSERT = prepared(insert(suggestion))
FINISH = prepared(
    update(suggestion).where(_s.id == bindparam("the_id", type_=Uuid())).values(finished_at=bindparam("at"))
)
INSERT_FIGURE = prepared(insert(suggested_figure))
_seen = visible_seats().subquery("seen")
FIGURES = Listing(
    select(*suggested_figure.c, _seen.c.person_id, _seen.c.name)
    .select_from(suggested_figure.join(_seen, _seen.c.id == _f.seat_id))
    .where(_f.suggestion_id == bindparam("suggestion_id", type_=Uuid())),
    into=SuggestedFigure,
    filters={
        "seat_id": _f.seat_id == bindparam("seat_id", type_=Uuid()),
        "scope": _f.scope == bindparam("scope"),
        "month": _f.month == bindparam("month"),
        "is_total": _f.is_total == bindparam("is_total"),
        "customer_group": _f.customer_group == bindparam("customer_group"),
        "product_line_id": _f.product_line_id == bindparam("product_line_id", type_=Uuid()),
    },
    keys={"month": SortKey(_f.month)},
    identifier=_f.id,
    default="month",
)


async def get(tx: Questions, suggestion_id: UUID) -> Suggestion:
    """Return a suggestion, or raise `NotVisible`."""
    return await tx.visible(GET, "suggestion", suggestion_id, id=suggestion_id)


async def latest(tx: Questions, cycle_id: UUID) -> Suggestion | None:
    """Return the latest suggestion of a cycle that is finished."""
    return await tx.first(LATEST, cycle_id=cycle_id)


async def list_figures(
    tx: Questions, viewer: Viewer, of: Suggestion, window: Window, filters: Mapping[str, Any]
) -> Slice[SuggestedFigure]:
    """Return a page of the figures of the seats that the viewer may see."""
    return await FIGURES.page(tx, window, filters, viewer=SeatScope(viewer, of.cycle_id), suggestion_id=of.id)


async def append(tx: Writing, begun: Suggestion) -> None:
    """Write a suggestion whose figures are still to come."""
    await tx.execute(INSERT, **{name: getattr(begun, name) for name in Suggestion.__dataclass_fields__})


async def finish(tx: Writing, suggestion_id: UUID) -> None:
    """Say that every figure is there."""
    await tx.execute(FINISH, the_id=suggestion_id, at=tx.now)


async def append_figures(tx: Writing, rows: Sequence[dict[str, object]]) -> None:
    """Write figures."""
    await tx.execute_many(INSERT_FIGURE, rows)
