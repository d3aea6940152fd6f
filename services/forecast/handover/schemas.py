"""Hand-overs and answers of ERPs over the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, Output, Prose
from services.forecast.handover.rules import MOST_ANSWERS, HandoverEnding, HandoverState, RejectionReason, Said, Verdict
from services.forecast.handover.store.answers import OPEN
from services.forecast.handover.store.handovers import Handover, Taken
from services.forecast.wire import QuantityString

Reference = Annotated[
    Line | None,
    Field(description="What the ERP calls what it made of it, such as the name of a document.", examples=["SF-00042"]),
]


class LineVerdict(StrEnum):
    """What was said of a line last, if anything."""

    OPEN = OPEN
    ACKNOWLEDGED = Verdict.ACKNOWLEDGED.value
    REJECTED = Verdict.REJECTED.value


class AcknowledgementInput(Input):
    """That the ERP has taken a whole version in."""

    reference: Reference = None


class LineAnswerInput(Input):
    """What the ERP says of a line; a rejection has a `reason_code` and a `reason`, an acknowledgement neither."""

    line_id: UUID
    verdict: Verdict
    reason_code: RejectionReason | None = None
    reason: Prose | None = None
    reference: Reference = None

    def as_said(self) -> tuple[UUID, Said]:
        """Return the line and what is said of it."""
        return self.line_id, Said(self.verdict, self.reason_code, self.reason, self.reference)


class LineAnswersInput(Input):
    """What the ERP says of some lines."""

    answers: list[LineAnswerInput] = Field(min_length=1, max_length=MOST_ANSWERS)


class PlanHandoverAnswer(Output):
    """A version of a plan on its way into an ERP: how far it is answered, since when it waits, how often it was told.

    `is_waiting` says that an answer is waited for, and `tell_at` when the ERP is told again; `ending` why that is over
    although lines may be open. `superseded_by` is the number of the latest version after this one.
    """

    id: UUID
    plan_id: UUID
    cycle_id: UUID
    cycle_name: str
    plan_version: int
    receiver_id: UUID
    receiver_name: str | None
    state: HandoverState
    is_waiting: bool
    lines: int
    open_lines: int
    acknowledged_lines: int
    rejected_lines: int
    opened_at: datetime
    told: int = Field(description="How often the ERP was told, publication counted.")
    told_at: datetime
    tell_at: datetime | None
    answered_at: datetime | None
    ending: HandoverEnding | None
    ended_at: datetime | None
    superseded_by: int | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return _fields(value) if isinstance(value, Handover) else value


class PlanAnswersTaken(Output):
    """What became of answers: `recorded` were new, `unchanged` said already; `is_late` if a newer version is there."""

    recorded: int
    unchanged: int
    is_late: bool
    handover: PlanHandoverAnswer

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """Return the answer that tells of it."""
        return cls(
            recorded=taken.recorded,
            unchanged=taken.unchanged,
            is_late=taken.handover.superseded_by is not None,
            handover=PlanHandoverAnswer.model_validate(taken.handover),
        )


class PlanHandoverLineAnswer(Output):
    """A line of the plan, and what the ERP has said of it last."""

    id: UUID
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    unit: str | None
    month: date
    place: str
    quantity: QuantityString
    verdict: LineVerdict
    reason_code: RejectionReason | None
    reason: str | None
    reference: str | None
    answered_at: datetime | None


class PlanLineAnswerItem(Output):
    """What the ERP has said of a line at some time; the highest `number` of a line counts."""

    id: UUID
    number: int
    line_id: UUID
    verdict: Verdict
    reason_code: RejectionReason | None
    reason: str | None
    reference: str | None
    at: datetime


class PlanHandoverQuery(ListQuery):
    """Which hand-overs; `is_waiting` for those whose answer is waited for."""

    plan_id: UUID | None = None
    cycle_id: UUID | None = None
    receiver_id: UUID | None = None
    state: HandoverState | None = None
    is_waiting: bool | None = None


class PlanHandoverLineQuery(ListQuery):
    """Which lines of a hand-over."""

    verdict: LineVerdict | None = None


class PlanLineAnswerQuery(ListQuery):
    """Which answers of a hand-over."""

    line_id: UUID | None = None


def _fields(handover: Handover) -> dict[str, Any]:
    fields = {name: getattr(handover, name) for name in Handover.__dataclass_fields__}
    return fields | {
        "plan_version": handover.number,
        "is_waiting": handover.tell_at is not None,
        "open_lines": handover.tally.open,
        "acknowledged_lines": handover.acknowledged,
        "rejected_lines": handover.rejected,
    }
