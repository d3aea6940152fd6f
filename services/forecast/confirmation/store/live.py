"""Confirmations as they were made, and the live line of each opportunity in a cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, insert, select, update

from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.confirmation.rules.confirming import LiveLine
from services.forecast.confirmation.rules.lines import Item, Line
from services.forecast.confirmation.store.customers import survivor, with_customer
from services.forecast.confirmation.tables import confirmation, confirmation_line, live_line
from services.forecast.cycles.rules.definition import Category


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was said of an opportunity in a cycle, and what it counts for in the cycle's currency."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    opportunity_id: UUID
    opportunity_version: int
    opportunity_name: str
    customer_id: UUID | None
    is_simulated: bool
    principal_id: UUID
    category: str
    stated_amount: Decimal
    stated_currency: str
    rate: Decimal
    probability: Decimal
    amount: Decimal
    closes_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A live line's part as it counts for a seat: which confirmation, category, line, and where the customer is."""

    confirmation_id: UUID
    category: Category
    line: Line
    delivered_to: str | None


_line_columns = [confirmation_line.c[name] for name in ("product_id", "product_line_id", "unit", "unit_is_whole")] + [
    confirmation_line.c[name] for name in ("month", "place", "quantity", "amount", "week")
]
_OF = bindparam("opportunity_id", type_=Uuid())
LIVE_OF = prepared(
    select(
        live_line.c.cycle_id,
        live_line.c.opportunity_id,
        live_line.c.seat_id,
        confirmation.c.principal_id,
        confirmation.c.category,
        live_line.c.confirmation_id,
        confirmation.c.stated_amount,
    )
    .join(confirmation, confirmation.c.id == live_line.c.confirmation_id)
    .where(live_line.c.opportunity_id == _OF)
    .order_by(live_line.c.cycle_id),
    into=LiveLine,
)
OWN = prepared(
    select(live_line.c.confirmation_id, confirmation.c.category, survivor.c.place.label("to"), *_line_columns)
    .select_from(
        with_customer(
            live_line.join(confirmation, confirmation.c.id == live_line.c.confirmation_id).join(
                confirmation_line, confirmation_line.c.confirmation_id == confirmation.c.id
            ),
            confirmation.c.customer_id,
        )
    )
    .where(live_line.c.seat_id == any_(bindparam("seat_ids", type_=ARRAY(Uuid()))))
    .order_by(live_line.c.opportunity_id, confirmation_line.c.place_in_list)
)
OWN_SUMS = prepared(
    select(confirmation.c.category, func.sum(confirmation.c.amount))
    .select_from(live_line.join(confirmation, confirmation.c.id == live_line.c.confirmation_id))
    .where(live_line.c.seat_id == bindparam("seat_id", type_=Uuid()))
    .group_by(confirmation.c.category)
    .order_by(confirmation.c.category)
)
INSERT = prepared(insert(confirmation))
INSERT_LINE = prepared(insert(confirmation_line))
PLACE = prepared(insert(live_line))
REPLACE = prepared(
    update(live_line)
    .where(
        live_line.c.cycle_id == bindparam("in_cycle"),
        live_line.c.opportunity_id == _OF,
        live_line.c.seat_id == bindparam("at_seat"),
    )
    .values(confirmation_id=bindparam("by_confirmation"))
)
RELEASE = prepared(
    delete(live_line).where(
        live_line.c.cycle_id == bindparam("in_cycle"),
        live_line.c.opportunity_id == _OF,
        live_line.c.confirmation_id == bindparam("by_confirmation"),
    )
)


async def live_of(tx: Questions, opportunity_id: UUID) -> dict[UUID, LiveLine]:
    """Return the live lines of an opportunity by cycle."""
    found = await tx.all(LIVE_OF, opportunity_id=opportunity_id)
    return {line.cycle_id: line for line in found}


async def own_lines(tx: Questions, seat_id: UUID) -> list[OwnLine]:
    """Return every part of what counts for a seat as its own."""
    rows = await tx.all(OWN, seat_ids=[seat_id])
    return [OwnLine(row["confirmation_id"], Category(row["category"]), _line(row), row["to"]) for row in rows]


async def own_sums(tx: Questions, seat_id: UUID) -> list[tuple[Category, Decimal]]:
    """Return what counts for a seat as its own, by category; the lines of each confirmation add up to its amount."""
    return [(Category(row[0]), row[1]) for row in await tx.all(OWN_SUMS, seat_id=seat_id)]


async def append(tx: Writing, made: Sequence[tuple[Confirmation, Sequence[Line]]]) -> None:
    """Write confirmations and their lines."""
    names = Confirmation.__dataclass_fields__
    await tx.execute_many(INSERT, [{name: getattr(each, name) for name in names} for each, _ in made])
    rows = [_row(each.id, place, line) for each, parts in made for place, line in enumerate(parts)]
    await tx.execute_many(INSERT_LINE, rows)


async def place_new(tx: Writing, made: Sequence[Confirmation]) -> None:
    """Make confirmations the live lines of opportunities that have none in their cycle."""
    names = ("cycle_id", "opportunity_id", "seat_id")
    rows = [{name: getattr(each, name) for name in names} | {"confirmation_id": each.id} for each in made]
    await tx.execute_many(PLACE, rows)


async def place(tx: Writing, made: Confirmation) -> None:
    """Make a confirmation the live line of its opportunity; the database refuses it where another seat has one."""
    replaced = await tx.execute(
        REPLACE,
        in_cycle=made.cycle_id,
        opportunity_id=made.opportunity_id,
        at_seat=made.seat_id,
        by_confirmation=made.id,
    )
    if not replaced:
        await place_new(tx, [made])


async def release(tx: Writing, line: LiveLine) -> None:
    """Take a line out of the live forecasts."""
    await tx.execute(
        RELEASE, in_cycle=line.cycle_id, opportunity_id=line.opportunity_id, by_confirmation=line.confirmation_id
    )


def _line(row: Row) -> Line:
    item = Item(row["product_id"], row["product_line_id"], row["unit"], row["unit_is_whole"])
    return Line(item, row["month"], row["place"], row["quantity"], row["amount"], row["week"])


def _row(confirmation_id: UUID, number: int, line: Line) -> dict[str, Any]:
    return {
        "confirmation_id": confirmation_id,
        "place_in_list": number,
        "product_id": line.item.product_id,
        "product_line_id": line.item.product_line_id,
        "unit": line.item.unit,
        "unit_is_whole": line.item.unit_is_whole,
        "month": line.month,
        "place": line.place,
        "quantity": line.quantity,
        "amount": line.amount,
        "week": line.week,
    }
