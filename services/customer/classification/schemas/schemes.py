"""Classification schemes over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, Output, Prose
from services.customer.classification.rules.previewing import Place
from services.customer.classification.rules.schemes import (
    FULL_SCORE,
    MOST_CRITERIA,
    MOST_LEVELS,
    Band,
    Criterion,
    Scheme,
)
from services.customer.customers.rules.values import Tier

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Weight = Annotated[DecimalString, Field(gt=0, max_digits=8, decimal_places=4, examples=["25"])]
Score = Annotated[DecimalString, Field(ge=0, le=FULL_SCORE, max_digits=5, decimal_places=2, examples=["60"])]
LARGEST_NUMBER = 2_147_483_647
SchemeNumber = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class CriterionInput(Input):
    """A criterion; only its weight's share of all weights counts."""

    key: Key = Field(examples=["purchase_volume"])
    name: Line
    weight: Weight
    levels: list[Line] = Field(
        min_length=2, max_length=MOST_LEVELS, description="What the values 1, 2, … mean, the lowest first."
    )


class BandInput(Input):
    """The tier of a score from `from_score` up to the next band."""

    tier: Tier
    from_score: Score


class SchemeRequest(Input):
    """A draft of a scheme; it comes into force by a start."""

    name: Line = Field(examples=["2027: growth counts more"])
    criteria: list[CriterionInput] = Field(min_length=1, max_length=MOST_CRITERIA)
    bands: list[BandInput] = Field(min_length=1, max_length=len(Tier))
    outdated_after_days: int = Field(default=365, ge=1, le=3650, description="Then a customer is to be evaluated anew.")

    def as_scheme(self) -> Scheme:
        """Return the plain value."""
        return Scheme(
            tuple(Criterion(one.key, one.name, one.weight, tuple(one.levels)) for one in self.criteria),
            tuple(Band(one.tier, one.from_score) for one in self.bands),
            self.outdated_after_days,
        )


class StartRequest(Input):
    """From when a scheme is in force, and why."""

    from_date: date
    reason: Prose


class CriterionAnswer(Output):
    """A criterion; `share` is its part of all weights."""

    key: str
    name: str
    weight: DecimalString
    share: DecimalString
    levels: list[str]


class BandAnswer(Output):
    """The tier of a score from `from_score` up to the next band."""

    tier: Tier
    from_score: DecimalString


class SchemeAnswer(Output):
    """A scheme; a draft has no `from_date`, and the latest that is not in the future is in force."""

    number: int
    name: str
    criteria: list[CriterionAnswer]
    bands: list[BandAnswer]
    outdated_after_days: int
    state: Literal["draft", "started"]
    from_date: date | None
    created_by: UUID | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        weights = sum(Decimal(one["weight"]) for one in row.criteria)
        shares = [one | {"share": round(Decimal(one["weight"]) / weights, 4)} for one in row.criteria]
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return same | {"criteria": shares, "state": "draft" if row.from_date is None else "started"}


class SchemeInForceAnswer(Output):
    """The scheme that customers are evaluated by today."""

    as_of: date
    scheme: SchemeAnswer


class SchemeQuery(ListQuery):
    """Schemes, the latest first; `sort` takes `number`."""


class MovementAnswer(Output):
    """How many customers would move from one tier (null: from none) to another, or to none."""

    from_tier: Tier | None
    to: Place
    count: int


class PreviewAnswer(Output):
    """What a scheme would do to the base by the latest evaluations; the counts add up to all customers.

    `undecided` is who lacks values that the scheme asks for. Nobody's tier changes by it.
    """

    scheme_number: int
    customers: int
    unchanged: int
    movements: list[MovementAnswer]


class PreviewQuery(ListQuery):
    """Who would move: from which tier (left out: who has none) to where; `sort` takes `name`."""

    from_tier: Tier | None = None
    to: Place


class MovingAnswer(Output):
    """A customer that a scheme would move."""

    id: UUID
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    evaluation_id: UUID | None
