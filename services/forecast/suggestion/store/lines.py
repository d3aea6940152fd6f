"""Seats by the chunk, what the figures below a seat sum up to, and what is confirmed on seats."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, any_, bindparam, cast, func, select, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.confirmation.store.customers import survivor, with_customer
from services.forecast.confirmation.tables import confirmation, confirmation_line, live_line
from services.forecast.cycles.tables import seat
from services.forecast.suggestion.rules.suggesting import Tried

FIRST = UUID(int=0)
_AFTER, _MOST = bindparam("after", type_=Uuid()), bindparam("most", type_=Integer())
_CYCLE = bindparam("cycle_id", type_=Uuid())
SEATS = prepared(
    select(seat.c.id, seat.c.person_id)
    .where(seat.c.cycle_id == _CYCLE, seat.c.id > _AFTER)
    .order_by(seat.c.id)
    .limit(_MOST)
)
SUPERIORS = prepared(
    select(seat.c.superior_seat_id)
    .where(seat.c.cycle_id == _CYCLE, seat.c.superior_seat_id > _AFTER)
    .distinct()
    .order_by(seat.c.superior_seat_id)
    .limit(_MOST)
)
COUNT = prepared(
    select(func.count().label("seats"), func.count(seat.c.superior_seat_id.distinct()).label("superiors")).where(
        seat.c.cycle_id == _CYCLE
    )
)
_BELOW = """
FROM unnest(:seat_ids) AS above (id)
JOIN seat ON seat.line @> ARRAY[above.id]
JOIN suggested_figure AS one ON one.seat_id = seat.id AND one.suggestion_id = :suggestion_id AND one.scope = 'own'
"""
KEYS = 5
_KEYS = "above.id, one.month, one.is_total, one.customer_group, one.product_line_id"
_BINDS = (bindparam("seat_ids", type_=ARRAY(Uuid())), bindparam("suggestion_id", type_=Uuid()))
SUMS = prepared(
    text(
        f"""
SELECT {_KEYS}, sum(one.amount) AS amount, bool_and(one.lacking IS NOT DISTINCT FROM 'nothing_won') AS nothing_won
{_BELOW} GROUP BY {_KEYS} ORDER BY {_KEYS}
"""  # noqa: S608 (constants)
    ).bindparams(*_BINDS)
)
TRIED = prepared(
    text(
        f"""
SELECT {_KEYS}, (tried.value ->> 0)::int AS months_before,
    sum((tried.value ->> 1)::float8) AS suggested, sum((tried.value ->> 2)::float8) AS won
{_BELOW} CROSS JOIN LATERAL jsonb_array_elements(one.tried) AS tried (value)
GROUP BY {_KEYS}, months_before ORDER BY {_KEYS}, months_before
"""
    ).bindparams(*_BINDS)
)
_month = cast(func.date_trunc("month", confirmation.c.closes_on), Date)
CONFIRMED = prepared(
    select(
        live_line.c.seat_id,
        _month.label("month"),
        survivor.c.tier,
        confirmation_line.c.product_line_id,
        func.sum(confirmation_line.c.amount).label("amount"),
    )
    .select_from(
        with_customer(
            live_line.join(confirmation, confirmation.c.id == live_line.c.confirmation_id).join(
                confirmation_line, confirmation_line.c.confirmation_id == confirmation.c.id
            ),
            confirmation.c.customer_id,
        )
    )
    .where(
        live_line.c.seat_id == any_(bindparam("seat_ids", type_=ARRAY(Uuid()))),
        confirmation.c.category == any_(bindparam("categories", type_=ARRAY(Text()))),
    )
    .group_by(live_line.c.seat_id, _month, survivor.c.tier, confirmation_line.c.product_line_id)
)


@dataclass(frozen=True, slots=True)
class Below:
    """What the figures of a seat and of those below it sum up to, for a month, in total or of a part."""

    seat_id: UUID
    month: date
    is_total: bool
    customer_group: str | None
    product_line_id: UUID | None
    amount: Decimal | None
    nothing_won: bool
    tried: list[Tried]


async def next_seats(tx: Questions, cycle_id: UUID, after: UUID, most: int) -> list[tuple[UUID, UUID]]:
    """Return the next seats of a cycle in the order of their ids, each with its person."""
    return [(row[0], row[1]) for row in await tx.all(SEATS, cycle_id=cycle_id, after=after, most=most)]


async def next_superiors(tx: Questions, cycle_id: UUID, after: UUID, most: int) -> list[UUID]:
    """Return the next seats with somebody below, in the order of their ids."""
    return [row[0] for row in await tx.all(SUPERIORS, cycle_id=cycle_id, after=after, most=most)]


async def count(tx: Questions, cycle_id: UUID) -> int:
    """Return how many figures of people and of lines there are to make."""
    row = await tx.one(COUNT, cycle_id=cycle_id)
    return int(row["seats"] + row["superiors"])


async def sums_below(tx: Questions, suggestion_id: UUID, seat_ids: Sequence[UUID]) -> list[Below]:
    """Return what the figures of seats and of those below them sum up to."""
    binds: dict[str, Any] = {"suggestion_id": suggestion_id, "seat_ids": list(seat_ids)}
    tried: dict[tuple[Any, ...], list[Tried]] = defaultdict(list)
    for row in await tx.all(TRIED, **binds):
        tried[tuple(row)[:KEYS]].append(Tried(row[5], row[6], row[7]))
    return [
        Below(row[0], row[1], row[2], row[3], row[4], row[5], row[6], tried[tuple(row)[:KEYS]])
        for row in await tx.all(SUMS, **binds)
    ]


async def confirmed_on(
    tx: Questions, seat_ids: Sequence[UUID], categories: Sequence[str]
) -> dict[tuple[Any, ...], Decimal]:
    """Return what is confirmed on seats, by seat and month, and by these, customer group and product line."""
    sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for seat_id, month, tier, line, amount in await tx.all(
        CONFIRMED, seat_ids=list(seat_ids), categories=list(categories)
    ):
        sums[seat_id, month] += amount
        sums[seat_id, month, tier, line] += amount
    return sums
