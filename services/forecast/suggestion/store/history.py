"""What was won, by principal owner, customer group, product line and month, in the currency of a cycle.

An amount is divided over the opportunity's lines by price times quantity, as a confirmation divides it; it is counted
in the month it was won in. The group is the tier of the customer, or of whom that one was merged into.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Date, Numeric, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from servicekit.values.dates import Period
from services.forecast.suggestion.rules.periods import months_between
from services.forecast.suggestion.rules.wire import History

_PERIOD = (bindparam("start", type_=Date()), bindparam("end", type_=Date()))
_CURRENCIES = bindparam("currencies", type_=ARRAY(Text()))
WON = prepared(
    text(
        """
SELECT principal_id, tier, product_line_id, month, sum(part)::float8 AS amount
FROM (
    SELECT one.principal_id, survivor.tier, product.product_line_id,
        date_trunc('month', one.decided_on)::date AS month,
        one.amount * rate.rate * CASE
            WHEN line.value IS NULL THEN 1
            WHEN sum(line.weight) OVER same > 0 THEN line.weight / sum(line.weight) OVER same
            ELSE 1.0 / count(*) OVER same END AS part
    FROM known_opportunity AS one
    JOIN unnest(:currencies, :rates) AS rate (currency, rate) ON rate.currency = one.currency
    LEFT JOIN known_customer AS named ON named.customer_id = one.customer_id
    LEFT JOIN known_customer AS survivor
        ON survivor.customer_id = coalesce(named.merged_into_id, named.customer_id)
    LEFT JOIN LATERAL (
        SELECT value, coalesce((value ->> 'quantity')::numeric * (value ->> 'unit_price')::numeric, 0) AS weight
        FROM jsonb_array_elements(one.lines) AS each (value)
    ) AS line ON true
    LEFT JOIN known_product AS product ON product.id = (line.value ->> 'product_id')::uuid
    WHERE one.state = 'won' AND one.amount > 0 AND one.principal_id = ANY(:people)
        AND one.decided_on >= :start AND one.decided_on < :end
    WINDOW same AS (PARTITION BY one.id)
) AS sold
GROUP BY 1, 2, 3, 4
"""
    ).bindparams(
        *_PERIOD,
        _CURRENCIES,
        bindparam("rates", type_=ARRAY(Numeric(30, 15))),
        bindparam("people", type_=ARRAY(Uuid())),
    )
)
WITHOUT_RATE = prepared(
    text(
        """
SELECT count(*)::int AS count FROM known_opportunity
WHERE state = 'won' AND amount > 0 AND decided_on >= :start AND decided_on < :end AND currency <> ALL(:currencies)
"""
    ).bindparams(*_PERIOD, _CURRENCIES)
)


async def histories(
    tx: Questions, people: Sequence[UUID], months: Period, rates: Mapping[str, Decimal]
) -> list[History]:
    """Return what people have won in each of some months, in their order; `rates` are into the currency that counts."""
    length = months_between(months.start, months.end)
    won: dict[UUID, dict[tuple[str | None, str | None], list[float]]] = {each: {} for each in people}
    for person, tier, line, month, amount in await tx.all(
        WON, people=list(won), start=months.start, end=months.end, currencies=list(rates), rates=list(rates.values())
    ):
        part = (tier, str(line) if line else None)
        amounts = won[person].setdefault(part, [0.0] * length)
        amounts[months_between(months.start, month)] += amount
    return [History(str(person), parts) for person, parts in won.items()]


async def count_without_rate(tx: Questions, months: Period, rates: Mapping[str, Decimal]) -> int:
    """Return how many opportunities were won in currencies that there is no rate for."""
    count: int = await tx.value(WITHOUT_RATE, start=months.start, end=months.end, currencies=list(rates))
    return count
