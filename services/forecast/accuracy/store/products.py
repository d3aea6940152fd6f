"""How far the forecast of each item lay from what came of it, month by month, in a part of a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    Subquery,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.actuals import Actuals
from services.forecast.accuracy.rules.measuring import ZERO, Sums
from services.forecast.accuracy.rules.parts import SeatResult, highest
from services.forecast.accuracy.rules.versions import Basis
from services.forecast.accuracy.store.grains import FIGURES, KEY, LACKING, grains
from services.forecast.confirmation.tables import known_product
from services.forecast.cycles.rules.definition import Granularity


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
    actual: Decimal | None
    error: Decimal | None
    error_quantity: Decimal
    no_actual: str | None

    @property
    def amounts(self) -> Sums:
        """The sums that its accuracy by what was won is made of; that of what was ordered may be unknown."""
        return Sums(self.forecast, self.actual or ZERO, self.error or ZERO, self.count)

    @property
    def quantities(self) -> Sums:
        """The sums that its accuracy by orders is made of."""
        return Sums(self.forecast_quantity, self.actual_quantity, self.error_quantity, self.count)


def _error(grain: Subquery) -> ColumnElement[Any]:
    return func.abs(grain.c.forecast - grain.c.actual, type_=Numeric())


def _error_quantity(grain: Subquery) -> ColumnElement[Any]:
    return func.abs(grain.c.forecast_quantity - grain.c.actual_quantity, type_=Numeric())


def _known(some: ColumnElement[Any], grain: Subquery) -> ColumnElement[Any]:
    """Return a sum of amounts; null where that of a month is not known."""
    return case((func.bool_and(grain.c.actual.isnot(None)), func.sum(some)))


def _items(grain: Subquery) -> Subquery:
    names = ("month", *FIGURES)
    month = func.jsonb_build_object(
        *chain.from_iterable((literal_column(f"'{name}'"), cast(grain.c[name], Text)) for name in names)
    )
    lacking = case(*[(func.bool_or(grain.c[name]), literal(name, Text())) for name in LACKING])
    return (
        select(
            func.concat_ws(
                literal_column("':'"),
                *[func.coalesce(cast(grain.c[each.name], Text), literal_column("'-'")) for each in KEY],
            ).label("id"),
            *[grain.c[each.name] for each in KEY],
            func.jsonb_agg(month, type_=JSONB()).label("months"),
            cast(func.count(), Integer).label("count"),
            *[func.sum(grain.c[name]).label(name) for name in FIGURES[:-1]],
            _known(grain.c.actual, grain).label("actual"),
            _known(_error(grain), grain).label("error"),
            func.sum(_error_quantity(grain)).label("error_quantity"),
            lacking.label("no_actual"),
        )
        .group_by(*[grain.c[each.name] for each in KEY])
        .subquery("item")
    )


def _listing(item: Subquery, compared: tuple[str, str, str]) -> Listing[ProductAccuracyRow]:
    """Return the list of items; `compared` are the error, forecast and actual that it is sorted by."""
    names = [name for name in ProductAccuracyRow.__dataclass_fields__ if name in item.c and name != "id"]
    keys = zip(("error", "forecast", "actual"), compared, strict=True)
    return Listing(
        select(
            *[item.c[name] for name in names],
            cast(item.c.id, Text).label("id"),
            bindparam("currency", type_=Text()).label("currency"),
            known_product.c.code.label("product_code"),
            known_product.c.name.label("product_name"),
        ).select_from(item.outerjoin(known_product, known_product.c.id == item.c.product_id)),
        into=ProductAccuracyRow,
        filters={
            "product_id": item.c.product_id == bindparam("product_id", type_=Uuid()),
            "product_line_id": item.c.product_line_id == bindparam("product_line_id", type_=Uuid()),
        },
        keys={name: SortKey(cast(item.c[of], Numeric)) for name, of in keys},
        identifier=cast(item.c.id, Text),
        default="-error",
    )


_GRAINS = {actuals: grains(actuals) for actuals in Actuals}
LISTS = {
    Actuals.WON: _listing(_items(_GRAINS[Actuals.WON]), ("error", "forecast", "actual")),
    Actuals.ORDERS: _listing(
        _items(_GRAINS[Actuals.ORDERS]), ("error_quantity", "forecast_quantity", "actual_quantity")
    ),
}
_won, _ordered = _GRAINS[Actuals.WON], _GRAINS[Actuals.ORDERS]
WHOLE = prepared(
    select(
        func.coalesce(func.sum(_won.c.forecast), 0),
        func.coalesce(func.sum(_won.c.actual), 0),
        func.coalesce(func.sum(_error(_won)), 0),
        cast(func.count(), Integer),
    )
)
BY_UNIT = prepared(
    select(
        _ordered.c.unit,
        func.sum(_ordered.c.forecast_quantity),
        func.sum(_ordered.c.actual_quantity),
        func.sum(_error_quantity(_ordered)),
        cast(func.count(), Integer),
    )
    .group_by(_ordered.c.unit)
    .order_by(_ordered.c.unit)
)


@dataclass(frozen=True, slots=True)
class ProductPart:
    """The highest seats of a part that handed in in time; what others won is in no figure, as theirs is not."""

    basis: Basis
    tops: tuple[SeatResult, ...]

    @classmethod
    def of(cls, basis: Basis, results: list[SeatResult]) -> "ProductPart":
        """Return the part that some seats make."""
        return cls(basis, tuple(highest(results)))

    @property
    def seats(self) -> list[SeatResult]:
        """Those of the tops that handed in in time."""
        return [seat for seat in self.tops if seat.forecast_id is not None]

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


async def by_unit(tx: Questions, part: ProductPart) -> dict[str, Sums]:
    """Return the sums of quantities against orders by unit: pieces and kilos make no sum."""
    return {row[0]: Sums(*row[1:]) for row in await tx.all(BY_UNIT, viewer=part)}


async def list_products(
    tx: Questions, part: ProductPart, actuals: Actuals, window: Window, filters: Mapping[str, Any]
) -> Slice[ProductAccuracyRow]:
    """Return a page of the items, set against what was won or ordered."""
    return await LISTS[actuals].page(tx, window, filters, viewer=part)


@dataclass(frozen=True, slots=True)
class ItemMonth:
    """What was forecast and won of an item in a month."""

    month: date
    forecast_quantity: Decimal
    forecast: Decimal
    actual_quantity: Decimal
    actual: Decimal | None


def months_of(row: ProductAccuracyRow) -> list[ItemMonth]:
    """Return the months of an item, the earliest first."""
    months = [
        ItemMonth(
            month=date.fromisoformat(each["month"]),
            forecast_quantity=Decimal(each["forecast_quantity"]),
            forecast=Decimal(each["forecast"]),
            actual_quantity=Decimal(each["actual_quantity"]),
            actual=None if each["actual"] is None else Decimal(each["actual"]),
        )
        for each in row.months
    ]
    return sorted(months, key=lambda each: each.month)
