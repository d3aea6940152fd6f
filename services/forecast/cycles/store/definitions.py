"""Cycles and their frozen rates: everybody who is signed in may see what is forecast for when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.cycles.rules.definition import Cycle, CycleState
from services.forecast.cycles.tables import forecast_cycle, frozen_rate

c = forecast_cycle.c


@dataclass(frozen=True, slots=True)
class FrozenRate:
    """What one unit of a currency was worth in the cycle's when it opened."""

    currency: str
    rate: Decimal
    rate_date: date


GET = prepared(select(forecast_cycle).where(c.id == bindparam("id")), into=Cycle)
LOCK = prepared(select(forecast_cycle).where(c.id == bindparam("id")).with_for_update(), into=Cycle)
INSERT = prepared(insert(forecast_cycle))
OPEN = prepared(
    update(forecast_cycle)
    .where(c.id == bindparam("the_id"))
    .values(state="open", opened_at=bindparam("at"), rates_on=bindparam("on"), version=c.version + 1)
)
SHARE = prepared(select(forecast_cycle).order_by(c.id).with_for_update(read=True), into=Cycle)
INSERT_RATE = prepared(insert(frozen_rate))
RATES = prepared(
    select(frozen_rate.c.currency, frozen_rate.c.rate, frozen_rate.c.rate_date)
    .where(frozen_rate.c.cycle_id == bindparam("cycle_id"))
    .order_by(frozen_rate.c.currency),
    into=FrozenRate,
)

CYCLES = Listing(
    select(forecast_cycle),
    into=Cycle,
    filters={
        "state": c.state == bindparam("state"),
        "period_kind": c.period_kind == bindparam("period_kind"),
        "period_start": c.period_start == bindparam("period_start"),
    },
    keys={"period_start": SortKey(c.period_start), "created_at": SortKey(c.created_at), "name": SortKey(c.name)},
    identifier=c.id,
    default="-period_start",
)


async def get(tx: Questions, cycle_id: UUID) -> Cycle:
    """Return the cycle, or raise `NotVisible`."""
    return await tx.visible(GET, "forecast cycle", cycle_id, id=cycle_id)


async def lock(tx: Writing, cycle_id: UUID) -> Cycle:
    """Return the cycle, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "forecast cycle", cycle_id, id=cycle_id)


async def share_open_cycles(tx: Writing) -> list[Cycle]:
    """Return every cycle that is open, and let none open until commit.

    Those not open yet are locked too: one that is just being opened is waited for, so that what is won meanwhile
    is entered either by its opening or by whoever hears of it.
    """
    return [cycle for cycle in await tx.all(SHARE) if cycle.state == CycleState.OPEN]


async def list_cycles(tx: Questions, window: Window, filters: Mapping[str, Any]) -> Slice[Cycle]:
    """Return a page of the cycles."""
    return await CYCLES.page(tx, window, filters)


async def append(tx: Writing, cycle_id: UUID, values: Mapping[str, Any]) -> Cycle:
    """Write a new cycle."""
    await tx.execute(INSERT, id=cycle_id, **values)
    return await get(tx, cycle_id)


async def freeze(tx: Writing, cycle_id: UUID, on: date, rates: Sequence[FrozenRate]) -> None:
    """Mark the cycle open and keep the rates of that day."""
    await tx.execute(OPEN, the_id=cycle_id, at=tx.now, on=on)
    await tx.execute_many(
        INSERT_RATE,
        [
            {"cycle_id": cycle_id, "currency": each.currency, "rate": each.rate, "rate_date": each.rate_date}
            for each in rates
        ],
    )


async def frozen_rates(tx: Questions, cycle_id: UUID) -> list[FrozenRate]:
    """Return the rates that were frozen when the cycle opened."""
    return await tx.all(RATES, cycle_id=cycle_id)


async def rates_by_currency(tx: Questions, cycle_id: UUID) -> dict[str, Decimal]:
    """Return the frozen rates into the cycle's currency."""
    return {each.currency: each.rate for each in await frozen_rates(tx, cycle_id)}
