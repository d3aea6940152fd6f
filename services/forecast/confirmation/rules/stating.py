"""What a principal states, before it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from servicekit.values.money import Money
from services.forecast.cycles.rules.definition import Category


@dataclass(frozen=True, slots=True)
class StatedLine:
    """A line as the principal states it, in the currency of the confirmation."""

    product_id: UUID | None
    product_line_id: UUID | None
    month: date
    place: str | None
    quantity: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """What a principal says of an opportunity; what is None is as the opportunity has it."""

    opportunity_id: UUID
    opportunity_version: int
    category: Category
    amount: Money | None
    closes_on: date | None
    lines: Sequence[StatedLine] | None
