"""The potential of each customer, as it was last reckoned."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Numeric, Table, TypedColumns
from sqlalchemy.dialects.postgresql import JSONB

from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata


class PotentialColumns(TypedColumns):
    """What can be reckoned anew from the facts at any time; so it has no history, and is not audited."""

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    score: Column[Decimal] = Column(Numeric(4, 1), nullable=False)
    parts: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    model_version: Column[int] = Column(Integer, nullable=False)
    reckoned_on: Column[date] = Column(Date, nullable=False)


customer_potential = Table(
    "customer_potential",
    metadata,
    PotentialColumns,
    Index("ix_customer_potential_score", "score", "customer_id"),
    Index("ix_customer_potential_reckoned_on", "reckoned_on", "customer_id"),
)
