"""Suggested figures over the wire."""

from datetime import date, datetime
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output
from services.forecast.suggestion.rules.suggesting import Lacking
from services.forecast.suggestion.store.showing import Shown, TriedMonth
from services.forecast.wire import InCurrency


class SuggestionRequest(Input):
    """From what to suggest figures."""

    as_of: date | None = Field(
        default=None,
        description="What was won before the month of this day counts. At the latest, and if not given: today, or the "
        "first day of the period where that is earlier.",
        examples=["2026-10-01"],
    )


class SuggestionAnswer(Output):
    """A suggestion of a cycle; its id is that of the job that makes it."""

    id: UUID
    cycle_id: UUID
    as_of: date
    asked_at: datetime
    asked_by: UUID | None
    on_behalf_of: UUID | None
    without_rate: int = Field(
        description="Opportunities won in currencies that the cycle has no frozen rate for: they count nowhere."
    )
    finished_at: datetime | None = Field(description="Null while the job is under way, and where it failed.")


class SuggestionQuery(ListQuery):
    """The suggestions of a cycle, the latest first; `sort` takes `asked_at`."""


class SuggestedFigureQuery(ListQuery):
    """Which suggested figures; `sort` takes `month`."""

    suggestion_id: UUID | None = Field(default=None, description="Of which suggestion; the latest finished one.")
    seat_id: UUID | None = None
    scope: Literal["own", "line"] | None = Field(
        default=None, description="Of a person alone, or with everybody below them."
    )
    month: date | None = Field(default=None, description="The first day of a month of the period.")
    is_total: bool | None = Field(default=None, description="Totals only, or parts only.")
    customer_group: str | None = Field(default=None, max_length=60, description="A tier.")
    product_line_id: UUID | None = None


class TriedMonthAnswer(InCurrency):
    """A past month: what would have been suggested from what was known before it, and what was won."""

    amounts: ClassVar[tuple[str, ...]] = ("suggested", "won")
    month: date
    suggested: DecimalString
    won: DecimalString

    @classmethod
    def of_month(cls, tried: TriedMonth, currency: str) -> Self:
        """Return the answer."""
        return cls(currency=currency, month=tried.month, suggested=tried.suggested, won=tried.won)


class SuggestedFigureAnswer(InCurrency):
    """A suggested figure beside what is confirmed: it is in no total, and takes the place of nothing.

    The parts of a seat's month add up to its total; a line's figures are the sums of its people's.
    """

    amounts: ClassVar[tuple[str, ...]] = ("amount", "lower", "upper", "confirmed")
    id: UUID
    suggestion_id: UUID
    as_of: date
    seat_id: UUID
    person_id: UUID
    name: str = Field(description="Who holds the seat now.")
    scope: Literal["own", "line"]
    month: date
    is_total: bool
    customer_group: str | None = Field(description="The tier of the customers; null in a total, and for none.")
    product_line_id: UUID | None = Field(description="Null in a total, and where no line is known.")
    amount: DecimalString | None = Field(description="Null where there is too little history: see `lacking`.")
    lower: DecimalString | None
    upper: DecimalString | None
    coverage: DecimalString | None = Field(description="The share of past months that the interval would have held.")
    wape: DecimalString | None = Field(description="Of such figures in past months; null where nothing was won.")
    bias: DecimalString | None = Field(description="Positive where they were too high.")
    periods: int = Field(description="On how many past months these rest.")
    lacking: Lacking | None
    tried: list[TriedMonthAnswer]
    confirmed: DecimalString | None = Field(
        description="What is confirmed now, of the figure that counts, by the month of the expected close; null for a "
        "line, whose roll-up tells it."
    )

    @classmethod
    def of_shown(cls, shown: Shown) -> Self:
        """Return the answer."""
        figure = shown.figure
        same = (set(cls.model_fields) & set(type(figure).__dataclass_fields__)) - {"tried"}
        return cls(
            currency=shown.currency,
            as_of=shown.as_of,
            confirmed=shown.confirmed,
            tried=[TriedMonthAnswer.of_month(each, shown.currency) for each in shown.tried],
            **{name: getattr(figure, name) for name in same},
        )
