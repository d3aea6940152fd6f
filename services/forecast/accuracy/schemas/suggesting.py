"""What past bias suggests beside a figure."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString
from services.forecast.accuracy.rules.suggesting import NoSuggestion
from services.forecast.accuracy.schemas.measured import Bias, Wape
from services.forecast.wire import InCurrency


class SuggestedRevisionQuery(ListQuery):
    """Which seats."""

    level: int | None = Field(default=None, ge=1)
    person_id: UUID | None = Field(default=None, description="Who holds the seat.")
    superior_seat_id: UUID | None = Field(default=None, description="The direct reports of a seat.")


class SuggestedRevisionAnswer(InCurrency):
    """A seat's figure, and beside it what its holder's past bias makes of it; nobody's figure is changed by that.

    A superior takes it as an adjustment: `absolute`, with `suggested` as value and `person_id` as report.
    """

    amounts: ClassVar[tuple[str, ...]] = ("figure", "closed", "suggested", "difference")
    id: UUID
    person_id: UUID
    name: str
    superior_seat_id: UUID | None
    level: int
    forecast_id: UUID | None = Field(description="The record handed in; to its holder, the draft.")
    figure: DecimalString | None = Field(description="The figure that counts; null where you see none.")
    closed: DecimalString | None = Field(description="Of it won already: nothing less is suggested.")
    suggested: DecimalString | None = Field(description="figure ÷ (1 + bias); null where `reason` says why.")
    difference: DecimalString | None = Field(description="suggested − figure.")
    periods: int = Field(description="Over how many of the latest 12 periods; below 3 nothing is suggested.")
    wape: Wape
    bias: Bias
    reason: NoSuggestion | None
