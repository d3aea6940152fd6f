"""The finest grain of products: what was forecast of each item in each month, and what came of it.

The forecast is what the highest seats of the part had handed in in time. What was won is that of these and below, item
by item as a confirmation counts it: in the month a line is sold, by product line where the cycle is. What was ordered
is what ERP systems have confirmed and not cancelled, in the month it is due; only months of the period, and only what
is forecast in quantities, are set against it. Its amount is null where an order says none in the cycle's currency.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    Column,
    Date,
    Numeric,
    Subquery,
    Text,
    Uuid,
    bindparam,
    column,
    text,
)
from sqlalchemy.types import TypeEngine

from services.forecast.accuracy.rules.actuals import Actuals
from services.forecast.cycles.store.seats import CYCLE_ID

KEY: tuple[Column[Any], ...] = (
    Column("product_id", Uuid()),
    Column("product_line_id", Uuid()),
    Column("unit", Text()),
)
FIGURES = ("forecast_quantity", "forecast", "actual_quantity", "actual")
LACKING = ("order_without_amount", "order_in_other_currency")

_FORECAST = """
    SELECT product_id, product_line_id, unit, month,
        own_quantity + gathered_quantity + adjustment_quantity AS forecast_quantity,
        own_amount + gathered_amount + adjustment_amount AS forecast,
        0 AS actual_quantity, 0 AS actual, false AS order_without_amount, false AS order_in_other_currency
    FROM submission_cell WHERE forecast_id = ANY(:forecast_ids) AND category = ANY(:plan)
"""
_WON = """
    SELECT CASE WHEN :by_line AND line.product_line_id IS NOT NULL THEN NULL ELSE line.product_id END,
        line.product_line_id, line.unit, line.month, 0, 0, coalesce(line.quantity, 0), line.amount, false, false
    FROM live_line
    JOIN confirmation ON confirmation.id = live_line.confirmation_id
    JOIN confirmation_line AS line ON line.confirmation_id = confirmation.id
    JOIN seat ON seat.id = live_line.seat_id
    WHERE live_line.cycle_id = :cycle_id AND confirmation.category = 'closed' AND seat.line && :seat_ids
"""
_ORDERED = """
    SELECT CASE WHEN :by_line AND product.product_line_id IS NOT NULL THEN NULL ELSE product.id END,
        product.product_line_id, ordered.unit, date_trunc('month', ordered.due_on)::date, 0, 0, ordered.quantity,
        coalesce(ordered.amount, 0), ordered.amount IS NULL, coalesce(ordered.currency <> :currency, false)
    FROM confirmed_order AS ordered
    JOIN known_product AS product ON product.id = ordered.product_id
    WHERE ordered.state <> 'cancelled' AND ordered.due_on >= :months_start AND ordered.due_on < :months_end
"""
_WITHIN = {
    Actuals.WON: "month >= :months_start AND month < :months_end OR :all_months",
    Actuals.ORDERS: "month >= :months_start AND month < :months_end AND unit IS NOT NULL",
}
_TYPES: dict[str, TypeEngine[Any]] = {
    "forecast_ids": ARRAY(Uuid()),
    "seat_ids": ARRAY(Uuid()),
    "plan": ARRAY(Text()),
    "by_line": Boolean(),
    "currency": Text(),
    "all_months": Boolean(),
    "months_start": Date(),
    "months_end": Date(),
}


def grains(actuals: Actuals) -> Subquery:
    """Return the grains of a part, set against what was won or ordered."""
    came = _WON if actuals == Actuals.WON else _ORDERED
    statement = f"""
SELECT product_id, product_line_id, unit, month,
    sum(forecast_quantity) AS forecast_quantity, sum(forecast) AS forecast, sum(actual_quantity) AS actual_quantity,
    CASE WHEN bool_or(order_without_amount OR order_in_other_currency) THEN NULL ELSE sum(actual) END AS actual,
    bool_or(order_without_amount) AS order_without_amount, bool_or(order_in_other_currency) AS order_in_other_currency
FROM ({_FORECAST} UNION ALL {came}) AS either
WHERE {_WITHIN[actuals]}
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (of constants)
    used: list[BindParameter[Any]] = [
        bindparam(name, type_=kind) for name, kind in _TYPES.items() if f":{name}" in statement
    ]
    if ":cycle_id" in statement:
        used.append(CYCLE_ID)
    return (
        text(statement)
        .bindparams(*used)
        .columns(
            *[Column(each.name, each.type) for each in KEY],
            column("month", Date()),
            *[column(name, Numeric()) for name in FIGURES],
            *[column(name, Boolean()) for name in LACKING],
        )
        .subquery("grain")
    )
