"""Records and what stands in them while they are drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.definition import Category
from services.forecast.cycles.store.seats import SeatScope, visible_seats
from services.forecast.rollup.rules.adjustments import Adjustment, Mode, NamedLine
from services.forecast.rollup.rules.states import Record
from services.forecast.rollup.tables import adjustment, adjustment_in_force, decision, forecast, gathered

c = forecast.c


@dataclass(frozen=True, slots=True)
class MadeAdjustment:
    """An adjustment in force in a record, as it was made."""

    id: UUID
    mode: str
    value: Decimal
    category: str | None
    report_seat_id: UUID | None
    product_id: UUID | None
    product_line_id: UUID | None
    unit: str | None
    unit_is_whole: bool
    month: date | None
    place: str | None
    is_by_week: bool
    quantity: Decimal | None
    amount: Decimal | None
    reason: str
    made_by: UUID
    at: datetime
    base: Decimal

    def as_rule(self) -> Adjustment:
        """Return what the rules need to know of it."""
        line = None
        if self.month is not None and self.place is not None:
            item = Item(self.product_id, self.product_line_id, self.unit, self.unit_is_whole)
            quantity, amount = self.quantity or Decimal(0), self.amount or Decimal(0)
            line = NamedLine(item, self.month, self.place, quantity, amount, self.is_by_week)
        category = None if self.category is None else Category(self.category)
        return Adjustment(self.id, Mode(self.mode), self.value, category, self.report_seat_id, self.base, line)


@dataclass(frozen=True, slots=True)
class Decision:
    """A superior's word on a submitted record."""

    kind: str
    comment: str | None
    decided_by: UUID
    on_behalf_of: UUID | None
    at: datetime


_ID = bindparam("forecast_id", type_=Uuid())
_visible = visible_seats().subquery("seen")
_records = select(*[c[name] for name in Record.__dataclass_fields__])
_rank = case({"submitted": 0, "approved": 0, "draft": 1, "returned": 2}, value=c.state, else_=3)
FIND = prepared(_records.where(c.id == _ID), into=Record)
LATEST = prepared(_records.where(c.seat_id == bindparam("seat_id")).order_by(c.revision.desc()).limit(1), into=Record)
OF_SEATS = prepared(
    _records.where(c.seat_id == any_(bindparam("seat_ids", type_=ARRAY(Uuid()))))
    .ext(distinct_on(c.seat_id))
    .order_by(c.seat_id, _rank, c.revision.desc()),
    into=Record,
)
FORECASTS = Listing(
    _records.join(_visible, _visible.c.id == c.seat_id),
    into=Record,
    filters={
        "person_id": _visible.c.holder_id == bindparam("person_id"),
        "seat_id": c.seat_id == bindparam("seat_id"),
        "state": c.state == bindparam("state"),
    },
    keys={"gathered_at": SortKey(c.gathered_at), "revision": SortKey(c.revision)},
    identifier=c.id,
    default="-gathered_at",
)
INSERT = prepared(insert(forecast))
SET_STATE = prepared(
    update(forecast)
    .where(c.id == _ID)
    .values(
        state=bindparam("to_state"),
        submitted_at=func.coalesce(bindparam("handed_in", type_=DateTime(timezone=True)), c.submitted_at),
    )
)
SET_GATHERED_AT = prepared(update(forecast).where(c.id == _ID).values(gathered_at=bindparam("now")))
GATHERED = prepared(
    select(gathered.c.from_seat_id, gathered.c.from_forecast_id)
    .where(gathered.c.forecast_id == _ID)
    .order_by(gathered.c.from_seat_id)
)
FORGET_GATHERED = prepared(
    delete(gathered).where(
        gathered.c.forecast_id == _ID, gathered.c.from_forecast_id == any_(bindparam("parts", type_=ARRAY(Uuid())))
    )
)
GATHER = prepared(insert(gathered))
IN_FORCE = prepared(
    select(
        *[adjustment.c[name] for name in MadeAdjustment.__dataclass_fields__ if name != "base"],
        adjustment_in_force.c.base,
    )
    .join(adjustment_in_force, adjustment_in_force.c.adjustment_id == adjustment.c.id)
    .where(adjustment_in_force.c.forecast_id == _ID)
    .order_by(adjustment.c.at, adjustment.c.id),
    into=MadeAdjustment,
)
INSERT_ADJUSTMENT = prepared(insert(adjustment))
PUT_IN_FORCE = prepared(insert(adjustment_in_force))
JUDGE = prepared(
    update(adjustment_in_force)
    .where(adjustment_in_force.c.forecast_id == _ID, adjustment_in_force.c.adjustment_id == bindparam("the_adjustment"))
    .values(base=bindparam("new_base"))
)
WITHDRAW = prepared(
    delete(adjustment_in_force).where(
        adjustment_in_force.c.forecast_id == _ID, adjustment_in_force.c.adjustment_id == bindparam("the_adjustment")
    )
)
DECISIONS = prepared(
    select(*[decision.c[name] for name in Decision.__dataclass_fields__])
    .where(decision.c.forecast_id == _ID)
    .order_by(decision.c.at, decision.c.id),
    into=Decision,
)
INSERT_DECISION = prepared(insert(decision))


async def get(tx: Questions, forecast_id: UUID) -> Record:
    """Return a record, or raise `NotVisible`; who may see it is asked of its seat."""
    return await tx.visible(FIND, "forecast", forecast_id, forecast_id=forecast_id)


async def find_latest(tx: Questions, seat_id: UUID) -> Record | None:
    """Return the latest revision of a seat's forecast, or None."""
    return await tx.first(LATEST, seat_id=seat_id)


async def standing_on(tx: Questions, seat_ids: Sequence[UUID]) -> dict[UUID, Record]:
    """Return for each of some seats the record that counts: handed in, else a draft, else what was returned."""
    return {record.seat_id: record for record in await tx.all(OF_SEATS, seat_ids=list(seat_ids))}


async def list_records(tx: Questions, scope: SeatScope, window: Window, filters: Mapping[str, Any]) -> Slice[Record]:
    """Return a page of the records of the seats that the viewer may see."""
    return await FORECASTS.page(tx, window, filters, viewer=scope)


async def append(tx: Writing, record: Record) -> None:
    """Write a new record."""
    values = {name: getattr(record, name) for name in Record.__dataclass_fields__}
    await tx.execute(INSERT, **values | {"state": record.state})


async def set_state(tx: Writing, forecast_id: UUID, state: str, *, submitted_at: datetime | None = None) -> None:
    """Change where a record stands; what it holds is never changed."""
    await tx.execute(SET_STATE, forecast_id=forecast_id, to_state=state, handed_in=submitted_at)


async def gathered_by(tx: Questions, forecast_id: UUID) -> dict[UUID, UUID]:
    """Return the records that a record has gathered, by the seat they are of."""
    return {row[0]: row[1] for row in await tx.all(GATHERED, forecast_id=forecast_id)}


async def gather(tx: Writing, forecast_id: UUID, parts: Mapping[UUID, UUID]) -> None:
    """Let a draft hold these records (by seat) in place of what it gathered before; what it still holds stays."""
    before = await gathered_by(tx, forecast_id)
    gone = sorted(set(before.values()) - set(parts.values()))
    if gone:
        await tx.execute(FORGET_GATHERED, forecast_id=forecast_id, parts=gone)
    await tx.execute(SET_GATHERED_AT, forecast_id=forecast_id, now=tx.now)
    rows: list[dict[str, object]] = [
        {"forecast_id": forecast_id, "from_seat_id": seat_id, "from_forecast_id": part}
        for seat_id, part in parts.items()
        if before.get(seat_id) != part
    ]
    await tx.execute_many(GATHER, rows)


async def adjustments_in(tx: Questions, forecast_id: UUID) -> list[MadeAdjustment]:
    """Return the adjustments in force in a record, in the order they were made."""
    return await tx.all(IN_FORCE, forecast_id=forecast_id)


async def carry_over(tx: Writing, forecast_id: UUID, before: Sequence[MadeAdjustment]) -> None:
    """Let the adjustments of an earlier revision be in force in a new one, with the figures they last judged."""
    rows: list[dict[str, object]] = [
        {"forecast_id": forecast_id, "adjustment_id": each.id, "base": each.base} for each in before
    ]
    await tx.execute_many(PUT_IN_FORCE, rows)


async def adjust(tx: Writing, values: Mapping[str, Any], base: Decimal) -> None:
    """Write an adjustment and put it in force in its record."""
    await tx.execute(INSERT_ADJUSTMENT, **values)
    await tx.execute(PUT_IN_FORCE, forecast_id=values["forecast_id"], adjustment_id=values["id"], base=base)


async def judge(tx: Writing, forecast_id: UUID, adjustment_id: UUID, base: Decimal) -> None:
    """Keep that an adjustment was looked at again, with the figure as it is now."""
    await tx.execute(JUDGE, forecast_id=forecast_id, the_adjustment=adjustment_id, new_base=base)


async def withdraw(tx: Writing, forecast_id: UUID, adjustment_id: UUID) -> bool:
    """Take an adjustment out of force; return whether it was."""
    return bool(await tx.execute(WITHDRAW, forecast_id=forecast_id, the_adjustment=adjustment_id))


async def decisions_on(tx: Questions, forecast_id: UUID) -> list[Decision]:
    """Return what superiors said of a record."""
    return await tx.all(DECISIONS, forecast_id=forecast_id)


async def decide(tx: Writing, values: Mapping[str, Any]) -> None:
    """Write a superior's word."""
    await tx.execute(INSERT_DECISION, **values)
