"""Keeping what is told of opportunities and the catalogue, and asking which exchange rates are in force."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Text, Uuid, any_, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.rates import Quote, Rate, rates_of
from services.customer.opportunity_facts.tables import (
    exchange_rate_copy,
    fact_recall,
    opportunity_fact,
    product_copy,
    product_line_copy,
)

_f = opportunity_fact.c
_DERIVED = frozenset({"opened_at", "product_line_ids"})


@dataclass(frozen=True, slots=True)
class ToldOpportunity:
    """What an event tells of an opportunity; `opened_at` is None in events from before it was told."""

    opportunity_id: UUID
    version: int
    name: str
    customer_id: UUID | None
    principal_id: UUID
    state: str
    stage: str
    stage_since: datetime | None
    amount: Decimal | None
    currency: str
    probability: Decimal
    opened_at: datetime | None
    expected_close: date | None
    decided_on: date | None
    contract_until: date | None
    is_simulated: bool
    product_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class Recall:
    """How far the feed has been read again for facts that are younger than the base."""

    position: int
    finished: bool


def _lines_of(products: Any) -> Any:
    lines = select(product_copy.c.product_line_id).where(product_copy.c.id == any_(products)).distinct()
    return func.array(lines.order_by(product_copy.c.product_line_id).scalar_subquery(), type_=ARRAY(Uuid))


_told_opened = bindparam("opened_at", type_=DateTime(timezone=True))
_told_products = bindparam("product_ids", type_=ARRAY(Uuid))
_telling = insert(opportunity_fact).values(
    {column.name: bindparam(column.name, type_=column.type) for column in _f if column.name not in _DERIVED}
    | {
        "opened_at": func.coalesce(_told_opened, bindparam("told_at", type_=DateTime(timezone=True))),
        "product_line_ids": _lines_of(_told_products),
    }
)
KEEP_OPPORTUNITY = prepared(
    _telling.on_conflict_do_update(
        index_elements=["opportunity_id"],
        set_={column.name: _telling.excluded[column.name] for column in _f if column.name != "opportunity_id"}
        | {"opened_at": func.coalesce(_told_opened, _f.opened_at)},
        where=_f.version < _telling.excluded.version,
    )
)
_product = insert(product_copy)
KEEP_PRODUCT = prepared(
    _product.on_conflict_do_update(
        index_elements=["id"],
        set_={name: _product.excluded[name] for name in ("version", "product_line_id")},
        where=product_copy.c.version < _product.excluded.version,
    ).returning(product_copy.c.id)
)
MOVE_PRODUCT = prepared(
    update(opportunity_fact)
    .where(_f.product_ids.contains(bindparam("moved", type_=ARRAY(Uuid))))
    .values(product_line_ids=_lines_of(_f.product_ids))
)
_line = insert(product_line_copy)
KEEP_LINE = prepared(
    _line.on_conflict_do_update(
        index_elements=["id"],
        set_={name: _line.excluded[name] for name in ("version", "name", "parent_id")},
        where=product_line_copy.c.version < _line.excluded.version,
    )
)
_rate = insert(exchange_rate_copy)
KEEP_RATE = prepared(
    _rate.on_conflict_do_update(
        index_elements=["from_currency", "to_currency", "date"],
        set_={name: _rate.excluded[name] for name in ("id", "rate", "recorded_at")},
        where=exchange_rate_copy.c.recorded_at < _rate.excluded.recorded_at,
    )
)
_LATEST_OF = """
(SELECT from_currency, to_currency, date, rate FROM exchange_rate_copy
 WHERE from_currency = wanted.code AND to_currency = :into_currency AND date <= :on ORDER BY date DESC LIMIT 1)
UNION ALL
(SELECT from_currency, to_currency, date, rate FROM exchange_rate_copy
 WHERE from_currency = :into_currency AND to_currency = wanted.code AND date <= :on ORDER BY date DESC LIMIT 1)
"""
LATEST_RATES = prepared(
    text(f"""
    WITH quoted AS (
        SELECT from_currency AS code FROM exchange_rate_copy WHERE to_currency = :into_currency
        UNION SELECT to_currency FROM exchange_rate_copy WHERE from_currency = :into_currency)
    SELECT latest.* FROM quoted AS wanted CROSS JOIN LATERAL ({_LATEST_OF}) AS latest
    """)  # noqa: S608 (constants)
    .bindparams(bindparam("into_currency", type_=Text()), bindparam("on", type_=Date()))
    .columns(*(exchange_rate_copy.c[name] for name in ("from_currency", "to_currency", "date", "rate"))),
    into=Quote,
)
RECALL = prepared(select(fact_recall.c.position, fact_recall.c.finished), into=Recall)
LOCK_RECALL = prepared(select(fact_recall.c.position, fact_recall.c.finished).with_for_update(), into=Recall)
MOVE_RECALL = prepared(update(fact_recall).values(position=bindparam("to"), finished=bindparam("ended")))


async def keep_opportunity(tx: Writing, told: ToldOpportunity, told_at: datetime) -> None:
    """Keep what was told of an opportunity at an instant, unless that or something newer is known.

    Where no event told since when it is open, it is since the first that was heard of.
    """
    values = {name: getattr(told, name) for name in ToldOpportunity.__dataclass_fields__}
    await tx.execute(KEEP_OPPORTUNITY, **values, told_at=told_at)


async def keep_product(tx: Writing, told: Mapping[str, object]) -> None:
    """Keep to which line a product belongs; the opportunities that are about it follow."""
    if await tx.value(KEEP_PRODUCT, viewer=None, **told) is not None:
        await tx.execute(MOVE_PRODUCT, moved=[told["id"]])


async def keep_product_lines(tx: Writing, told: Sequence[Mapping[str, object]]) -> None:
    """Keep what was told of product lines, unless something newer is known."""
    await tx.execute_many(KEEP_LINE, [dict(each) for each in told])


async def keep_rates(tx: Writing, told: Sequence[Mapping[str, object]]) -> None:
    """Keep what was told of exchange rates, unless it was corrected since."""
    await tx.execute_many(KEEP_RATE, [dict(each) for each in told])


async def rates_into(tx: Questions, into: str, on: date) -> dict[str, Rate]:
    """Return the rates in force on a date from each currency that has one, the wanted one included."""
    quotes = await tx.all(LATEST_RATES, into_currency=into, on=on)
    return rates_of(quotes, into, _currencies(quotes, into), on)


def _currencies(quotes: Collection[Quote], into: str) -> list[str]:
    return sorted({into, *(quote.from_currency for quote in quotes), *(quote.to_currency for quote in quotes)})


async def find_recall(tx: Questions) -> Recall | None:
    """Return how far the feed has been read again, or None where that was never needed."""
    return await tx.first(RECALL)


async def lock_recall(tx: Writing) -> Recall:
    """Return how far the feed has been read again, locked until commit."""
    return await tx.one(LOCK_RECALL)


async def move_recall(tx: Writing, to: int, *, finished: bool) -> None:
    """Say how far the feed has been read again, and whether to its end."""
    await tx.execute(MOVE_RECALL, to=to, ended=finished)
