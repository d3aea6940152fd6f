"""Where the opportunities of customers or products stood at the end of a day, reconstructed from their histories."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.opportunity.funnel.store.sums import Counts

_FIGURES = """
SELECT principal_id AS person_id, funnel_version, place, quarter, currency, count(*)::int AS count,
    coalesce(sum(amount), 0)::numeric(20,4) AS amount, (count(*) FILTER (WHERE amount IS NULL))::int AS unknown_amount,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated,
    coalesce(sum(amount) FILTER (WHERE chance IS NOT NULL), 0)::numeric(20,4) AS manual_amount,
    coalesce(sum(amount * chance), 0)::numeric(28,8) AS manual_weighted
"""
_STOOD = """
SELECT
    CASE WHEN one.principal_since < :until THEN one.principal_id ELSE owner.principal_id END AS principal_id,
    stood.funnel_version, CASE stood.state WHEN 'open' THEN stood.stage ELSE stood.state END AS place,
    coalesce(date_trunc('quarter', stood.decided)::date, '0001-01-01') AS quarter,
    stood.currency, {amount} AS amount, one.origin,
    CASE stood.state WHEN 'open' THEN said.probability END AS chance
FROM opportunity AS one
LEFT JOIN LATERAL (
    SELECT funnel_version, to_stage, to_state, decided_on FROM stage_change
    WHERE greatest(one.stage_since, one.funnel_since) >= :until AND opportunity_id = one.id AND at < :until
    ORDER BY at DESC, id DESC LIMIT 1
) AS moved ON true
LEFT JOIN LATERAL (
    SELECT amount, currency, customer_id, product_ids, lines FROM terms_change
    WHERE one.terms_since >= :until AND opportunity_id = one.id AND at < :until ORDER BY at DESC, id DESC LIMIT 1
) AS agreed ON true
LEFT JOIN LATERAL (
    SELECT principal_id FROM principal_history
    WHERE one.principal_since >= :until AND opportunity_id = one.id AND from_at < :until
        AND (until_at IS NULL OR until_at >= :until)
    ORDER BY from_at DESC LIMIT 1
) AS owner ON true
LEFT JOIN LATERAL (
    SELECT probability FROM probability_change
    WHERE opportunity_id = one.id AND at < :until ORDER BY at DESC, id DESC LIMIT 1
) AS said ON true
CROSS JOIN LATERAL (SELECT
    CASE WHEN greatest(one.stage_since, one.funnel_since) < :until
        THEN one.funnel_version ELSE moved.funnel_version END AS funnel_version,
    CASE WHEN greatest(one.stage_since, one.funnel_since) < :until
        THEN one.stage ELSE moved.to_stage END AS stage,
    CASE WHEN greatest(one.stage_since, one.funnel_since) < :until
        THEN one.state ELSE moved.to_state END AS state,
    CASE WHEN greatest(one.stage_since, one.funnel_since) < :until
        THEN one.decided_on ELSE moved.decided_on END AS decided,
    CASE WHEN one.terms_since < :until THEN one.currency ELSE agreed.currency END AS currency,
    CASE WHEN one.terms_since < :until THEN one.amount ELSE agreed.amount END AS amount,
    CASE WHEN one.terms_since < :until THEN one.customer_id ELSE agreed.customer_id END AS customer_id,
    CASE WHEN one.terms_since < :until THEN one.product_ids ELSE agreed.product_ids END AS product_ids,
    CASE WHEN one.terms_since < :until THEN one.lines ELSE agreed.lines END AS lines
) AS stood
WHERE one.opened_at < :until AND one.id IN (SELECT opportunity_id FROM terms_change WHERE {ever})
"""
"""Whatever ever was about them is looked at, by the terms of the day."""
_OF_PRODUCTS = """CASE WHEN stood.product_ids <@ :product_ids THEN stood.amount ELSE (
    SELECT CASE WHEN bool_and(line ->> 'amount' IS NOT NULL) THEN sum((line ->> 'amount')::numeric) END
    FROM jsonb_array_elements(stood.lines) AS line WHERE line ->> 'product_id' = ANY(:product_texts)
) END"""
_UNTIL = bindparam("until", type_=DateTime(timezone=True))


def _asked(ever: str, then: str, amount: str, *binds: Any) -> Any:
    inner = _STOOD.format(ever=ever, amount=amount) + f"AND {then}"
    key = "principal_id, funnel_version, place, quarter, currency"
    query = f"WITH standing AS MATERIALIZED ({inner}) {_FIGURES} FROM standing GROUP BY {key}"
    return prepared(text(query).bindparams(_UNTIL, *binds))


OF_CUSTOMERS = _asked(
    "customer_id = ANY(:customer_ids)",
    "stood.customer_id = ANY(:customer_ids)",
    "stood.amount",
    bindparam("customer_ids", type_=ARRAY(Uuid())),
)
OF_PRODUCTS = _asked(
    "product_ids && :product_ids",
    "stood.product_ids && :product_ids",
    _OF_PRODUCTS,
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
