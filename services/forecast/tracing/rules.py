"""Of what parts a figure of a plan consists: they always add up to it, to the cent and to the unit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import RuleViolated
from services.forecast.rollup.rules.cells import NOTHING, Figures


class PartKind(StrEnum):
    """What a part is: a confirmed line, a share of an adjustment, what a decision changed, or what was not kept."""

    OPPORTUNITY = "opportunity"
    ADJUSTMENT = "adjustment"
    DECISION = "decision"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class TracedOpportunity:
    """What the principal confirmed of an opportunity, as it was then."""

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    principal_id: UUID
    confirmation_id: UUID
    confirmed_at: datetime
    expected_close: date
    stated_amount: Decimal
    stated_currency: str
    rate: Decimal
    probability: Decimal
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class TracedAdjustment:
    """A judgement of which the part is a share: `base` is the figure that it judged, `delta` what it added in all."""

    id: UUID
    mode: str
    value: Decimal
    category: str | None
    report_seat_id: UUID | None
    base: Decimal
    delta: Decimal
    reason: str
    made_by: UUID
    made_at: datetime


@dataclass(frozen=True, slots=True)
class TracedDecision:
    """A unit's decision on a product line in a month, which the part is the difference of: what it came to in all."""

    id: UUID
    choice: str
    amount: Decimal
    quantity: Decimal | None
    unit: str | None
    reason: str
    decided_by: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class TracedPart:
    """A part of a figure, and the record in which it came in; the top's is at depth 0, as is what was decided."""

    kind: PartKind
    category: str | None
    figures: Figures
    depth: int
    forecast_id: UUID | None = None
    opportunity: TracedOpportunity | None = None
    adjustment: TracedAdjustment | None = None
    decision: TracedDecision | None = None


@dataclass(frozen=True, slots=True)
class TracedRecord:
    """What a submitted record says of the figure's place, and which record gathered it (None: the plan)."""

    forecast_id: UUID
    gathered_by: UUID | None
    depth: int
    seat_id: UUID
    person_id: UUID
    person_name: str
    revision: int
    submitted_at: datetime
    own: Figures
    gathered: Figures
    adjustment: Figures

    @property
    def result(self) -> Figures:
        """What it hands on."""
        return self.own + self.gathered + self.adjustment


class TraceTooLong(RuleViolated):
    """The figure has more parts than one answer takes: read them in pages."""

    code = "trace_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(f"This figure has more than {most} parts: read them in pages at …/parts.")


def with_remainder(figures: Figures, parts: list[TracedPart]) -> list[TracedPart]:
    """Return the parts of a figure with what they leave open, should anything have been submitted without them."""
    left = figures + -summed(parts)
    return parts if left == NOTHING else [*parts, TracedPart(PartKind.UNATTRIBUTED, None, left, 0)]


def summed(parts: Iterable[TracedPart]) -> Figures:
    """Return the sum of parts."""
    return sum((part.figures for part in parts), NOTHING)
