"""What was submitted: the cells, totals and sources of a record, written once."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    collate,
    func,
    insert,
    literal_column,
    select,
    union_all,
)

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import InTransaction, Questions, Writing
from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.definition import COUNTED, Category
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.rollup.rules.adjustments import Applied
from services.forecast.rollup.rules.cells import NOTHING, Cell, Figures, Part, Total, summed
from services.forecast.rollup.tables import (
    forecast,
    submission,
    submission_adjustment,
    submission_cell,
    submission_confirmation,
    submission_part,
    submission_share,
    submission_total,
)

c = submission_cell.c


@dataclass(frozen=True, slots=True)
class CellRow:
    """A submitted cell as it is listed."""

    id: UUID
    currency: str
    category: str
    product_id: UUID | None
    product_line_id: UUID | None
    unit: str | None
    month: date
    week: date | None
    place: str
    own_quantity: Decimal
    own_amount: Decimal
    gathered_quantity: Decimal
    gathered_amount: Decimal
    adjustment_quantity: Decimal
    adjustment_amount: Decimal


_IDS = any_(bindparam("ids", type_=ARRAY(Uuid())))
_ID = bindparam("forecast_id", type_=Uuid())
_quantity = (c.own_quantity + c.gathered_quantity + c.adjustment_quantity).label("quantity")
_amount = (c.own_amount + c.gathered_amount + c.adjustment_amount).label("amount")
_results = select(
    *(c[name] for name in ("forecast_id", "category", "product_id", "product_line_id", "unit", "unit_is_whole")),
    *(c[name] for name in ("month", "week", "place")),
    _quantity,
    _amount,
).where(c.forecast_id == _IDS, c.category == any_(bindparam("categories", type_=ARRAY(Text()))))
RESULTS = prepared(_results.order_by(c.forecast_id, c.id))
RESULTS_BY_LINE = prepared(_results.order_by(c.product_line_id.nulls_first(), c.month, c.forecast_id, c.id))
TOTALS = prepared(select(submission_total).where(submission_total.c.forecast_id == _IDS))
APPLIED = prepared(
    select(submission_adjustment.c.adjustment_id, submission_adjustment.c.base, submission_adjustment.c.delta).where(
        submission_adjustment.c.forecast_id == _ID
    )
)
CELLS = Listing(
    select(*[c[name] for name in CellRow.__dataclass_fields__ if name != "currency"], forecast_cycle.c.currency)
    .join(forecast, forecast.c.id == c.forecast_id)
    .join(forecast_cycle, forecast_cycle.c.id == forecast.c.cycle_id)
    .where(c.forecast_id == _ID),
    into=CellRow,
    filters={
        "category": c.category == bindparam("category"),
        "product_id": c.product_id == bindparam("product_id"),
        "month": c.month == bindparam("month"),
        "week": c.week == bindparam("week"),
        "place": c.place == bindparam("place"),
    },
    keys={"month": SortKey(c.month), "place": SortKey(c.place)},
    identifier=c.id,
    default="month",
)
INSERT = prepared(insert(submission))
INSERT_PART = prepared(insert(submission_part))
INSERT_CONFIRMATION = prepared(insert(submission_confirmation))
INSERT_ADJUSTMENT = prepared(insert(submission_adjustment))
INSERT_SHARE = prepared(insert(submission_share))
PLACE = ("category", "product_id", "product_line_id", "unit", "unit_is_whole", "month", "week", "place")
"""The columns that say where a figure belongs."""
ORDER = ("product_id", "month", "week", "category", "place", "product_line_id", "unit", "unit_is_whole")
"""The order in which cells are kept: what tells most apart comes first."""
SIDES = ("own", "gathered", "adjustment")
FIGURES = tuple(f"{side}_{figure}" for side in SIDES for figure in ("quantity", "amount"))


def _own_rows() -> Any:
    """Return one's own figures, told in columns, as rows."""
    names = (*PLACE, "quantity", "amount")
    types = {name: (c[name] if name in PLACE else submission_share.c[name]).type for name in names}
    columns = [func.unnest(bindparam(f"own_{name}", type_=ARRAY(types[name]))) for name in names]
    return select(*[each.label(name) for name, each in zip(names, columns, strict=True)]).subquery("own")


def _side(rows: Any, side: str, quantity: Any, amount: Any) -> Select[Any]:
    """Return rows as the figures of one side of a cell, with nothing on the others."""
    given = {f"{side}_quantity": quantity, f"{side}_amount": amount}
    figures = [given.get(name, literal_column("0::numeric")).label(name) for name in FIGURES]
    return select(*[rows[name] for name in PLACE], *figures)


def _added_up() -> Select[Any]:
    """Return the cells of a record: its own, those of the records below, and its shares of adjustments, by place.

    They are in a settled order, which spreading goes by; texts are compared by their bytes, which is quick.
    """
    own, share = _own_rows().c, submission_share.c
    sides = union_all(
        _side(own, "own", own.quantity, own.amount),
        _side(c, "gathered", _quantity, _amount).where(c.forecast_id == any_(bindparam("parts", type_=ARRAY(Uuid())))),
        _side(share, "adjustment", share.quantity, share.amount).where(share.forecast_id == _ID),
    ).subquery("side")
    places = {name: collate(sides.c[name], "C") if isinstance(c[name].type, Text) else sides.c[name] for name in PLACE}
    columns = [place.label(name) for name, place in places.items()]
    sums = [func.sum(sides.c[name]).label(name) for name in FIGURES]
    by = [places[name] for name in ORDER]
    cells = select(*columns, *sums).group_by(*by).order_by(*by).subquery("added_up")
    return select(func.uuidv7(), _ID, *[cells.c[name] for name in (*PLACE, *FIGURES)])


ADD_UP_CELLS = prepared(insert(submission_cell).from_select(["id", "forecast_id", *PLACE, *FIGURES], _added_up()))
ADD_UP_TOTALS = prepared(
    insert(submission_total).from_select(
        ["forecast_id", "category", "own", "gathered", "adjustment"],
        select(
            c.forecast_id,
            c.category,
            func.sum(c.own_amount),
            func.sum(c.gathered_amount),
            func.sum(c.adjustment_amount),
        )
        .where(c.forecast_id == _ID)
        .group_by(c.forecast_id, c.category),
    )
)


@dataclass(frozen=True, slots=True)
class Submission:
    """All that a record holds when it is handed in; `delivered_to`: where the customer of each confirmation is."""

    forecast_id: UUID
    parts: Mapping[UUID, UUID]
    delivered_to: Mapping[UUID, str | None]
    adjustments: Sequence[Applied]
    own: Mapping[Cell, Figures]


@dataclass(frozen=True, slots=True)
class _OfRecord:
    forecast_id: UUID

    @property
    def binds(self) -> dict[str, object]:
        return {"forecast_id": self.forecast_id}


async def results_of(
    tx: Questions, forecasts: Mapping[UUID, UUID], categories: Collection[Category] = COUNTED
) -> list[Part]:
    """Return the cells that submitted records say, each in the name of its seat (`forecasts`: record by seat)."""
    seats = {forecast_id: seat_id for seat_id, forecast_id in forecasts.items()}
    names = [category.value for category in categories]
    rows = await tx.all(RESULTS, ids=list(seats), categories=names) if seats and names else []
    items: dict[Any, Item] = {}
    return [_part(row, seats[row["forecast_id"]], items) for row in rows]


async def each_result(
    tx: InTransaction, forecasts: Mapping[UUID, UUID], categories: Collection[Category]
) -> AsyncIterator[Part]:
    """Yield the same cells by product line and month, none at hand but the one."""
    seats = {forecast_id: seat_id for seat_id, forecast_id in forecasts.items()}
    names = [category.value for category in categories]
    async for row in tx.each(RESULTS_BY_LINE, ids=list(seats), categories=names):
        yield _part(row, seats[row["forecast_id"]], {})


def _part(row: Row, seat_id: UUID, items: dict[Any, Item]) -> Part:
    _, category, product_id, product_line_id, unit, unit_is_whole, month, week, place, quantity, amount = row
    key = (product_id, product_line_id, unit, unit_is_whole)
    item = items.setdefault(key, Item(*key))
    return Part(seat_id, Cell(Category(category), item, month, place, week), Figures(quantity, amount))


async def totals_of(tx: Questions, forecast_ids: Collection[UUID]) -> dict[UUID, dict[Category, Total]]:
    """Return the totals of submitted records by category."""
    totals: dict[UUID, dict[Category, Total]] = {forecast_id: {} for forecast_id in forecast_ids}
    for row in await tx.all(TOTALS, ids=list(forecast_ids)) if forecast_ids else []:
        figures = Total(row["own"], row["gathered"], row["adjustment"])
        totals[row["forecast_id"]][Category(row["category"])] = figures
    return totals


async def applied_in(tx: Questions, forecast_id: UUID) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return what each adjustment judged and added in a submitted record."""
    return {row[0]: (row[1], row[2]) for row in await tx.all(APPLIED, forecast_id=forecast_id)}


async def list_cells(tx: Questions, forecast_id: UUID, window: Window, filters: Mapping[str, Any]) -> Slice[CellRow]:
    """Return a page of a submitted record's cells."""
    return await CELLS.page(tx, window, filters, viewer=_OfRecord(forecast_id))


async def append(tx: Writing, handed_in: Submission, submitted_by: UUID | None, on_behalf_of: UUID | None) -> None:
    """Write what is handed in."""
    record: dict[str, Any] = {"forecast_id": handed_in.forecast_id}
    await tx.execute(INSERT, **record, submitted_by=submitted_by, on_behalf_of=on_behalf_of, at=tx.now)
    parts = [{**record, "from_seat_id": seat_id, "from_forecast_id": part} for seat_id, part in handed_in.parts.items()]
    await tx.execute_many(INSERT_PART, parts)
    own = [
        {**record, "confirmation_id": confirmation_id, "delivered_to": place}
        for confirmation_id, place in handed_in.delivered_to.items()
    ]
    await tx.execute_many(INSERT_CONFIRMATION, own)
    adjusted = [
        {**record, "adjustment_id": each.adjustment.id, "base": each.base, "delta": each.delta}
        for each in handed_in.adjustments
    ]
    await tx.execute_many(INSERT_ADJUSTMENT, adjusted)
    await tx.execute_many(INSERT_SHARE, list(_share_rows(handed_in)))
    await tx.execute(ADD_UP_CELLS, **record, parts=sorted(handed_in.parts.values()), **_own_columns(handed_in.own))
    await tx.execute(ADD_UP_TOTALS, **record)


def _share_rows(handed_in: Submission) -> Iterable[dict[str, object]]:
    for each in handed_in.adjustments:
        shares = [(cell, figures) for cell, figures in summed(each.parts).items() if figures != NOTHING]
        for number, (cell, figures) in enumerate(shares):
            yield {
                "forecast_id": handed_in.forecast_id,
                "adjustment_id": each.adjustment.id,
                "place_in_list": number,
                **_place_of(cell),
                "quantity": figures.quantity,
                "amount": figures.amount,
            }


def _place_of(cell: Cell) -> dict[str, object]:
    return {
        "category": cell.category.value,
        "product_id": cell.item.product_id,
        "product_line_id": cell.item.product_line_id,
        "unit": cell.item.unit,
        "unit_is_whole": cell.item.unit_is_whole,
        "month": cell.month,
        "week": cell.week,
        "place": cell.place,
    }


def _own_columns(own: Mapping[Cell, Figures]) -> dict[str, Any]:
    """Return one's own figures as columns, by the names of their binds."""
    places = [_place_of(cell) for cell in own]
    columns: dict[str, Any] = {f"own_{name}": [place[name] for place in places] for name in PLACE}
    quantities = [figures.quantity for figures in own.values()]
    return columns | {"own_quantity": quantities, "own_amount": [figures.amount for figures in own.values()]}
