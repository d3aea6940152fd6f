"""Where the opportunities of customers or products stood at the end of a day, reconstructed from their histories."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.opportunity.funnel.store.sums import Counts
from services.opportunity.opportunities.store.stood import (
    EVER_OF_CUSTOMERS,
    EVER_OF_PRODUCTS,
    amount_of_products,
    asked_before,
    column_at,
    columns_at,
)

_FIGURES = """
SELECT principal_id AS person_id, funnel_version, place, quarter, currency, count(*)::int AS count,
    coalesce(sum(amount), 0)::numeric(20,4) AS amount, (count(*) FILTER (WHERE amount IS NULL))::int AS unknown_amount,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated,
    coalesce(sum(amount) FILTER (WHERE chance IS NOT NULL), 0)::numeric(20,4) AS manual_amount,
    coalesce(sum(amount * chance), 0)::numeric(28,8) AS manual_weighted
"""
_TERMS = ("currency", "amount", "customer_id", "product_ids", "lines")
_NAMES = ("funnel_version", "stage", "state", "decided_on", *_TERMS)
_STOOD = f"""
SELECT
    {column_at(":until", "principal_id")} AS principal_id,
    stood.funnel_version, CASE stood.state WHEN 'open' THEN stood.stage ELSE stood.state END AS place,
    coalesce(date_trunc('quarter', stood.decided_on)::date, '0001-01-01') AS quarter,
    stood.currency, {{amount}} AS amount, one.origin,
    CASE stood.state WHEN 'open' THEN said.probability END AS chance
FROM opportunity AS one{asked_before(":until", ("principal_id", *_NAMES))}
LEFT JOIN LATERAL (
    SELECT probability FROM probability_change
    WHERE opportunity_id = one.id AND at < :until ORDER BY at DESC, id DESC LIMIT 1
) AS said ON true
CROSS JOIN LATERAL (SELECT {columns_at(":until", _NAMES)}) AS stood
WHERE one.opened_at < :until AND {{ever}}
"""  # noqa: S608 (constants of this package)
_UNTIL = bindparam("until", type_=DateTime(timezone=True))


def _asked(ever: str, then: str, amount: str, *binds: Any) -> Any:
    inner = _STOOD.format(ever=ever, amount=amount) + f"AND {then}"
    key = "principal_id, funnel_version, place, quarter, currency"
    query = f"WITH standing AS MATERIALIZED ({inner}) {_FIGURES} FROM standing GROUP BY {key}"
    return prepared(text(query).bindparams(_UNTIL, *binds))


OF_CUSTOMERS = _asked(
    EVER_OF_CUSTOMERS,
    "stood.customer_id = ANY(:customer_ids)",
    "stood.amount",
    bindparam("customer_ids", type_=ARRAY(Uuid())),
)
OF_PRODUCTS = _asked(
    EVER_OF_PRODUCTS,
    "stood.product_ids && :product_ids",
    amount_of_products("stood."),
    bindparam("product_ids", type_=ARRAY(Uuid())),
    bindparam("product_texts", type_=ARRAY(Text())),
)
FIRST_SQL = "SELECT min(at) FROM stage_change"
FIRST = prepared(text(FIRST_SQL))


async def of_customers(tx: Questions, customer_ids: list[UUID], until: datetime) -> list[Counts]:
    """Return what stood where for some customers."""
    return [Counts(*row) for row in await tx.all(OF_CUSTOMERS, customer_ids=customer_ids, until=until)]


async def of_products(tx: Questions, product_ids: list[UUID], until: datetime) -> list[Counts]:
    """Return what stood where for some products.

    Of an opportunity that wants others too, only the amounts of these lines count, unknown where a price is missing.
    """
    texts = [str(product_id) for product_id in product_ids]
    rows = await tx.all(OF_PRODUCTS, product_ids=product_ids, product_texts=texts, until=until)
    return [Counts(*row) for row in rows]


async def first_recorded(tx: Questions) -> datetime | None:
    """Return the earliest instant of which anything is known."""
    found: datetime | None = await tx.value(FIRST)
    return found
