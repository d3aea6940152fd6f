"""What was forecast and won of each item in each month, in a part of a version.

The forecast is what the highest seats of the part had handed in in time; the actual is what was won at these and
below, item by item as a confirmation counts it: in the month a line is sold, by product line where the cycle is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.measuring import Sums
from services.forecast.accuracy.rules.parts import SeatResult, highest
from services.forecast.accuracy.rules.versions import Basis
from services.forecast.confirmation.tables import known_product
from services.forecast.cycles.rules.definition import Granularity
from services.forecast.cycles.store.seats import CYCLE_ID

_GRAINS = """
SELECT product_id, product_line_id, unit, month,
    sum(forecast_quantity) AS forecast_quantity, sum(forecast) AS forecast,
    sum(actual_quantity) AS actual_quantity, sum(actual) AS actual
FROM (
    SELECT product_id, product_line_id, unit, month,
        own_quantity + gathered_quantity + adjustment_quantity AS forecast_quantity,
        own_amount + gathered_amount + adjustment_amount AS forecast,
        0 AS actual_quantity, 0 AS actual
    FROM submission_cell WHERE forecast_id = ANY(:forecast_ids) AND category = ANY(:plan)
    UNION ALL
    SELECT CASE WHEN :by_line AND line.product_line_id IS NOT NULL THEN NULL ELSE line.product_id END,
        line.product_line_id, line.unit, line.month, 0, 0, coalesce(line.quantity, 0), line.amount
    FROM live_line
    JOIN confirmation ON confirmation.id = live_line.confirmation_id
    JOIN confirmation_line AS line ON line.confirmation_id = confirmation.id
    JOIN seat ON seat.id = live_line.seat_id
    WHERE live_line.cycle_id = :cycle_id AND confirmation.category = 'closed' AND seat.line && :seat_ids
) AS either
WHERE month >= :months_start AND month < :months_end OR :all_months
GROUP BY 1, 2, 3, 4
"""
_IDS = ARRAY(Uuid())
_KEY: tuple[Column[Any], ...] = (
    Column("product_id", Uuid()),
    Column("product_line_id", Uuid()),
    Column("unit", Text()),
)
_FIGURES = ("forecast_quantity", "forecast", "actual_quantity", "actual")
_grain = (
    text(_GRAINS)
    .bindparams(
        CYCLE_ID,
        bindparam("forecast_ids", type_=_IDS),
        bindparam("seat_ids", type_=_IDS),
        bindparam("plan", type_=ARRAY(Text())),
        bindparam("by_line", type_=Boolean()),
        bindparam("all_months", type_=Boolean()),
        bindparam("months_start", type_=Date()),
        bindparam("months_end", type_=Date()),
    )
    .columns(*_KEY, column("month", Date()), *[column(name, Numeric()) for name in _FIGURES])
    .subquery("grain")
)
_error = func.abs(_grain.c.forecast - _grain.c.actual, type_=Numeric())
_month: ColumnElement[Any] = func.jsonb_build_object(
    *chain.from_iterable((literal_column(f"'{name}'"), cast(_grain.c[name], Text)) for name in ("month", *_FIGURES))
)


@dataclass(frozen=True, slots=True)
class ProductAccuracyRow:
    """An item as it is listed: sums over its months, the error month by month, and the months themselves."""

    id: str
    currency: str
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    unit: str | None
    months: list[dict[str, Any]]
    count: int
    forecast_quantity: Decimal
    forecast: Decimal
    actual_quantity: Decimal
    actual: Decimal
    error: Decimal

    @property
    def sums(self) -> Sums:
        """The sums that its accuracy is made of."""
        return Sums(self.forecast, self.actual, self.error, self.count)


_item = (
    select(
        func.concat_ws(
            literal_column("':'"),
            *[func.coalesce(cast(_grain.c[each.name], Text), literal_column("'-'")) for each in _KEY],
        ).label("id"),
        *[_grain.c[each.name] for each in _KEY],
        func.jsonb_agg(_month, type_=JSONB()).label("months"),
        cast(func.count(), Integer).label("count"),
        *[func.sum(_grain.c[name]).label(name) for name in _FIGURES],
        func.sum(_error).label("error"),
    )
    .group_by(*[_grain.c[each.name] for each in _KEY])
    .subquery("item")
)
PRODUCTS = Listing(
    select(
        *[_item.c[name] for name in ("product_id", "product_line_id", "unit", "months", "count", *_FIGURES, "error")],
        cast(_item.c.id, Text).label("id"),
        bindparam("currency", type_=Text()).label("currency"),
        known_product.c.code.label("product_code"),
        known_product.c.name.label("product_name"),
    ).select_from(_item.outerjoin(known_product, known_product.c.id == _item.c.product_id)),
    into=ProductAccuracyRow,
    filters={
        "product_id": _item.c.product_id == bindparam("product_id", type_=Uuid()),
        "product_line_id": _item.c.product_line_id == bindparam("product_line_id", type_=Uuid()),
    },
    keys={
        "error": SortKey(cast(_item.c.error, Numeric)),
        "forecast": SortKey(cast(_item.c.forecast, Numeric)),
        "actual": SortKey(cast(_item.c.actual, Numeric)),
    },
    identifier=cast(_item.c.id, Text),
    default="-error",
)
WHOLE = prepared(
    select(
        func.coalesce(func.sum(_grain.c.forecast), 0),
        func.coalesce(func.sum(_grain.c.actual), 0),
        func.coalesce(func.sum(_error), 0),
        cast(func.count(), Integer),
    )
)


@dataclass(frozen=True, slots=True)
class ProductPart:
    """The highest seats of a part that handed in in time; what others won is in no figure, as theirs is not."""

    basis: Basis
    seats: tuple[SeatResult, ...]

    @classmethod
    def of(cls, basis: Basis, results: list[SeatResult]) -> "ProductPart":
        """Return the part that some seats make."""
        return cls(basis, tuple(seat for seat in highest(results) if seat.forecast_id is not None))

    @property
    def binds(self) -> dict[str, object]:
        """What the statements on it bind."""
        cycle, months = self.basis.cycle, self.basis.months or self.basis.cycle.period
        return {
            "cycle_id": cycle.id,
            "currency": cycle.currency,
            "forecast_ids": [seat.forecast_id for seat in self.seats],
            "seat_ids": [seat.seat_id for seat in self.seats],
            "plan": cycle.plan_categories,
            "by_line": cycle.granularity == Granularity.PRODUCT_LINE,
            "all_months": self.basis.months is None,
            "months_start": months.start,
            "months_end": months.end,
        }


async def whole(tx: Questions, part: ProductPart) -> Sums:
    """Return the sums over every item and month."""
    rows = await tx.all(WHOLE, viewer=part)
    return Sums(*rows[0])


async def list_products(
    tx: Questions, part: ProductPart, window: Window, filters: Mapping[str, Any]
) -> Slice[ProductAccuracyRow]:
    """Return a page of the items."""
    return await PRODUCTS.page(tx, window, filters, viewer=part)


@dataclass(frozen=True, slots=True)
class ItemMonth:
    """What was forecast and won of an item in a month."""

    month: date
    forecast_quantity: Decimal
    forecast: Decimal
    actual_quantity: Decimal
    actual: Decimal


def months_of(row: ProductAccuracyRow) -> list[ItemMonth]:
    """Return the months of an item, the earliest first."""
    months = [
        ItemMonth(date.fromisoformat(each["month"]), *[Decimal(each[name]) for name in _FIGURES]) for each in row.months
    ]
    return sorted(months, key=lambda each: each.month)
