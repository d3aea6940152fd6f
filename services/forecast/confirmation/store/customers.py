"""Whom the customer of an opportunity or a confirmation stands for: itself, or into whom it was merged."""

from typing import Any

from sqlalchemy import FromClause, func

from services.forecast.confirmation.tables import known_customer

named = known_customer.alias("named")
survivor = known_customer.alias("survivor")


def with_customer(rows: FromClause, customer_id: Any) -> FromClause:
    """Return rows joined with the customer that an id stands for, as `survivor`, where it is known."""
    return rows.outerjoin(named, named.c.customer_id == customer_id).outerjoin(
        survivor, survivor.c.customer_id == func.coalesce(named.c.merged_into_id, named.c.customer_id)
    )
