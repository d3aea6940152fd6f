"""Questions about exchange rates, which everybody may read."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, fields
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Numeric,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.rates import Quote, Rate, rates_of
from services.opportunity.currencies.tables import exchange_rate


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """How much of `to_currency` one unit of `from_currency` is worth from a date on."""

    id: UUID
    from_currency: str
    to_currency: str
    date: dt.date
    rate: Decimal
    recorded_at: dt.datetime


_given = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("from_currencies", type_=ARRAY(Text())),
        bindparam("to_currencies", type_=ARRAY(Text())),
        bindparam("dates", type_=ARRAY(Date())),
        bindparam("rates", type_=ARRAY(Numeric())),
    )
    .table_valued(
        column("id", Uuid()),
        column("from_currency", Text()),
        column("to_currency", Text()),
        column("date", Date()),
        column("rate", Numeric()),
    )
    .render_derived(name="given")
)
_upsert = insert(exchange_rate).from_select(
    ["id", "from_currency", "to_currency", "date", "rate", "recorded_at"],
    select(*_given.c, bindparam("now", type_=DateTime(timezone=True))),
)
UPSERT = prepared(
    _upsert.on_conflict_do_update(
        index_elements=["from_currency", "to_currency", "date"],
        set_={"rate": _upsert.excluded.rate, "recorded_at": _upsert.excluded.recorded_at},
        where=exchange_rate.c.rate != _upsert.excluded.rate,
    ).returning(exchange_rate.c.id)
)
PRESENT = prepared(
    select(exchange_rate).join(
        _given,
        and_(
            exchange_rate.c.from_currency == _given.c.from_currency,
            exchange_rate.c.to_currency == _given.c.to_currency,
            exchange_rate.c.date == _given.c.date,
        ),
    ),
    into=ExchangeRate,
)
LATEST_OF = """
(SELECT from_currency, to_currency, date, rate FROM exchange_rate
 WHERE from_currency = wanted.code AND to_currency = :into_currency AND date <= :on ORDER BY date DESC LIMIT 1)
UNION ALL
(SELECT from_currency, to_currency, date, rate FROM exchange_rate
 WHERE from_currency = :into_currency AND to_currency = wanted.code AND date <= :on ORDER BY date DESC LIMIT 1)
"""
"""The latest rates between one currency, `wanted.code`, and another, either way, as a part of a query."""
LATEST = prepared(
    text(f"SELECT latest.* FROM unnest(:currencies) AS wanted(code) CROSS JOIN LATERAL ({LATEST_OF}) AS latest")  # noqa: S608 (constants)
    .bindparams(
        bindparam("currencies", type_=ARRAY(Text())),
        bindparam("into_currency", type_=Text()),
        bindparam("on", type_=Date()),
    )
    .columns(*(exchange_rate.c[field.name] for field in fields(Quote))),
    into=Quote,
)

RATES = Listing(
    select(exchange_rate),
    into=ExchangeRate,
    filters={
        "from_currency": exchange_rate.c.from_currency == bindparam("from_currency"),
        "to_currency": exchange_rate.c.to_currency == bindparam("to_currency"),
        "currency": or_(
            exchange_rate.c.from_currency == bindparam("currency"), exchange_rate.c.to_currency == bindparam("currency")
        ),
        "date_gte": exchange_rate.c.date >= bindparam("date_gte"),
        "date_lt": exchange_rate.c.date < bindparam("date_lt"),
    },
    keys={"date": SortKey(exchange_rate.c.date)},
    identifier=exchange_rate.c.id,
    default="-date",
)


async def rates_into(tx: Questions, into: str, currencies: Collection[str], on: dt.date) -> dict[str, Rate]:
    """Return the rates in force on a date from each of the currencies that has one."""
    foreign = sorted(set(currencies) - {into})
    quotes = await tx.all(LATEST, currencies=foreign, into_currency=into, on=on) if foreign else []
    return rates_of(quotes, into, [into, *foreign], on)


async def upsert_rates(tx: Writing, rates: Collection[ExchangeRate]) -> tuple[set[UUID], list[ExchangeRate]]:
    """Insert rates, or correct those of the same currencies and date.

    Returns the ids of the rows that were inserted or corrected, and every row as it is now.
    """
    arrays: dict[str, object] = {
        "ids": [rate.id for rate in rates],
        "from_currencies": [rate.from_currency for rate in rates],
        "to_currencies": [rate.to_currency for rate in rates],
        "dates": [rate.date for rate in rates],
        "rates": [rate.rate for rate in rates],
    }
    touched = {row[0] for row in await tx.all(UPSERT, viewer=None, **arrays, now=tx.now)}
    return touched, await tx.all(PRESENT, viewer=None, **arrays)
