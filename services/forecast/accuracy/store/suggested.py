"""How a suggested revision is looked at: a plain value, put together by `actions.suggesting`."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.forecast.accuracy.rules.suggesting import NoSuggestion


@dataclass(frozen=True, slots=True)
class SuggestedRevision:
    """A seat's figure, and beside it what past bias makes of it."""

    id: UUID
    currency: str
    person_id: UUID
    name: str
    superior_seat_id: UUID | None
    level: int
    forecast_id: UUID | None
    figure: Decimal | None
    closed: Decimal | None
    suggested: Decimal | None
    difference: Decimal | None
    periods: int
    wape: Decimal | None
    bias: Decimal | None
    reason: NoSuggestion | None
