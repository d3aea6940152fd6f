"""Questions about what sources forecast: whoever sees a source sees all that it said."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, exists, func, insert, select

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import InTransaction, Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.channels.rules.forecasts import ChannelForecast, ForecastLine, StatedLine
from services.forecast.channels.store.sources import SourceScope, in_scope
from services.forecast.channels.tables import channel_forecast, channel_forecast_line, forecast_source
from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.tables import known_product
from services.forecast.cycles.tables import seat


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a source's forecast; `amount` and `currency` are the cycle's."""

    id: UUID
    channel_forecast_id: UUID
    product_line_id: UUID
    month: date
    place: str | None
    unit: str | None
    unit_is_whole: bool
    quantity: Decimal | None
    stated_amount: Decimal | None
    stated_currency: str | None
    amount: Decimal | None
    currency: str

    @property
    def item(self) -> Item:
        """What it is about, and how it is counted."""
        return Item(None, self.product_line_id, self.unit, self.unit_is_whole)


@dataclass(frozen=True, slots=True)
class _OfForecast:
    forecast_id: UUID

    @property
    def binds(self) -> dict[str, object]:
        return {"channel_forecast_id": self.forecast_id}


c, line = channel_forecast.c, channel_forecast_line.c
_later = channel_forecast.alias("later")
_is_current = ~exists(
    select(_later.c.id).where(
        _later.c.cycle_id == c.cycle_id, _later.c.source_id == c.source_id, _later.c.number > c.number
    )
)
_IDS = any_(bindparam("ids", type_=ARRAY(Uuid())))
_OWN = ("id", "source_id", "cycle_id", "number", "currency", "total", "note", "submitted_by", "on_behalf_of")
_forecasts = select(
    *(c[name] for name in (*_OWN, "submitted_at")),
    forecast_source.c.name.label("source_name"),
    forecast_source.c.business_unit_id,
    _is_current.label("is_current"),
).join(forecast_source, forecast_source.c.id == c.source_id)
_lines = (
    select(
        *(line[name] for name in LineRow.__dataclass_fields__ if name != "currency"),
        c.currency,
    )
    .select_from(channel_forecast_line)
    .join(channel_forecast, c.id == line.channel_forecast_id)
)
GET = prepared(_forecasts.where(c.id == bindparam("the_id", type_=Uuid()), in_scope()), into=ChannelForecast)
LATEST = prepared(
    _forecasts.where(c.cycle_id == bindparam("cycle_id"), c.source_id == bindparam("source_id"))
    .order_by(c.number.desc())
    .limit(1),
    into=ChannelForecast,
)
CURRENT = prepared(
    _forecasts.where(c.cycle_id == bindparam("cycle_id"), forecast_source.c.closed_at.is_(None), _is_current).order_by(
        c.source_id
    ),
    into=ChannelForecast,
)
LINES_OF = prepared(
    _lines.where(line.channel_forecast_id == _IDS).order_by(line.channel_forecast_id, line.id), into=LineRow
)
LINES_BY_LINE = prepared(
    _lines.where(line.channel_forecast_id == _IDS).order_by(line.product_line_id, line.month, c.source_id, line.id),
    into=LineRow,
)
FORECASTS = Listing(
    _forecasts.where(in_scope()),
    into=ChannelForecast,
    filters={
        "cycle_id": c.cycle_id == bindparam("cycle_id", type_=Uuid()),
        "source_id": c.source_id == bindparam("source_id", type_=Uuid()),
        "business_unit_id": forecast_source.c.business_unit_id == bindparam("business_unit_id", type_=Uuid()),
        "is_current": _is_current == bindparam("is_current"),
    },
    keys={"submitted_at": SortKey(c.submitted_at), "number": SortKey(c.number)},
    identifier=c.id,
    default="-submitted_at",
)
LINES = Listing(
    _lines.where(line.channel_forecast_id == bindparam("channel_forecast_id", type_=Uuid())),
    into=LineRow,
    filters={
        "product_line_id": line.product_line_id == bindparam("product_line_id", type_=Uuid()),
        "month": line.month == bindparam("month"),
    },
    keys={"month": SortKey(line.month)},
    identifier=line.id,
    default="month",
)
ITEMS = prepared(
    select(known_product.c.product_line_id, known_product.c.unit, func.bool_and(known_product.c.unit_is_whole))
    .where(known_product.c.product_line_id == _IDS)
    .group_by(known_product.c.product_line_id, known_product.c.unit)
    .order_by(known_product.c.product_line_id, known_product.c.unit)
)
TAKES_PART = prepared(
    select(
        exists(
            select(seat.c.id).where(
                seat.c.cycle_id == bindparam("cycle_id"),
                seat.c.superior_seat_id.is_(None),
                seat.c.business_unit_id == bindparam("business_unit_id", type_=Uuid()),
            )
        )
    )
)
INSERT = prepared(insert(channel_forecast))
INSERT_LINE = prepared(insert(channel_forecast_line))


async def get(tx: Questions, viewer: Viewer, forecast_id: UUID) -> ChannelForecast:
    """Return what a source said once, or raise `NotVisible`."""
    return await tx.visible(GET, "channel forecast", forecast_id, viewer=SourceScope(viewer), the_id=forecast_id)


async def find_latest(tx: Questions, source_id: UUID, cycle_id: UUID) -> ChannelForecast | None:
    """Return what a source said last for a cycle, or None."""
    return await tx.first(LATEST, source_id=source_id, cycle_id=cycle_id)


async def current_in(tx: Questions, cycle_id: UUID) -> list[ChannelForecast]:
    """Return what each open source said last for a cycle, in the order of the sources."""
    return await tx.all(CURRENT, cycle_id=cycle_id)


async def lines_of(tx: Questions, forecast_ids: Collection[UUID]) -> list[LineRow]:
    """Return every line of some forecasts, in the order in which each was stated."""
    return await tx.all(LINES_OF, ids=list(forecast_ids)) if forecast_ids else []


def each_line(tx: InTransaction, forecast_ids: Collection[UUID]) -> AsyncIterator[LineRow]:
    """Yield the same by product line and month, and then in the order of the sources."""
    return tx.each(LINES_BY_LINE, ids=list(forecast_ids))


async def list_forecasts(
    tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]
) -> Slice[ChannelForecast]:
    """Return a page of what the sources that the viewer may see have said."""
    return await FORECASTS.page(tx, window, filters, viewer=SourceScope(viewer))


async def list_lines(tx: Questions, forecast_id: UUID, window: Window, filters: Mapping[str, Any]) -> Slice[LineRow]:
    """Return a page of the lines of a forecast."""
    return await LINES.page(tx, window, filters, viewer=_OfForecast(forecast_id))


async def items_of(tx: Questions, product_line_ids: Collection[UUID]) -> dict[UUID, list[Item]]:
    """Return how the products of product lines are counted; a unit is whole if it is for each of them."""
    items: dict[UUID, list[Item]] = {}
    for product_line_id, unit, is_whole in await tx.all(ITEMS, ids=list(product_line_ids)):
        items.setdefault(product_line_id, []).append(Item(None, product_line_id, unit, is_whole))
    return items


async def takes_part(tx: Questions, cycle_id: UUID, business_unit_id: UUID) -> bool:
    """Tell whether a line of the unit has its top in the cycle."""
    return bool(await tx.value(TAKES_PART, cycle_id=cycle_id, business_unit_id=business_unit_id))


async def append(tx: Writing, values: Mapping[str, Any], lines: Sequence[ForecastLine]) -> None:
    """Write what a source says."""
    await tx.execute(INSERT, **values)
    await tx.execute_many(INSERT_LINE, [{"channel_forecast_id": values["id"]} | _row(each) for each in lines])


async def said_in(tx: Questions, forecast_id: UUID) -> list[ForecastLine]:
    """Return the lines of a forecast as they were stated."""
    return [_line(row) for row in await lines_of(tx, [forecast_id])]


def _line(row: LineRow) -> ForecastLine:
    stated = StatedLine(
        row.product_line_id, row.month, row.place, row.unit, row.quantity, row.stated_amount, row.stated_currency
    )
    return ForecastLine(stated, row.item, row.month, row.amount)


def _row(each: ForecastLine) -> dict[str, Any]:
    stated = each.stated
    return {
        "id": new_id(),
        "product_line_id": stated.product_line_id,
        "unit": each.item.unit,
        "unit_is_whole": each.item.unit_is_whole,
        "month": each.month,
        "place": stated.place,
        "quantity": stated.quantity,
        "stated_amount": stated.amount,
        "stated_currency": stated.currency if stated.amount is not None else None,
        "amount": each.amount,
    }
