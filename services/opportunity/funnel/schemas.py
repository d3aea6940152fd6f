"""Stage changes, outcomes and criteria over the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, MoneyField, Output, Prose
from services.opportunity.funnel.rules.moves import Decision, LossReason, Move, Outcome
from services.opportunity.funnel.store import StageChange
from services.opportunity.opportunities.rules import State
from services.opportunity.opportunities.schemas import shown_money


class StageChangeRequest(Input):
    """A move to another stage; backward it needs a reason."""

    to_stage: str = Field(max_length=100, examples=["confirm_need"])
    reason: Prose | None = None
    override_reason: Prose | None = Field(default=None, description="A superior passes over unmet exit criteria.")
    at: AwareDatetime | None = Field(default=None, description="When it happened; sales operations only.")

    def as_move(self) -> Move:
        """Return the plain value."""
        return Move(self.to_stage, self.reason, self.override_reason, self.at)


class OutcomeRequest(Input):
    """How the opportunity ended; a loss needs its reason."""

    outcome: Outcome
    loss_reason: LossReason | None = None
    win_reason: Prose | None = None
    reason: Prose | None = None
    override_reason: Prose | None = Field(default=None, description="A superior passes over unmet exit criteria.")
    competitor_id: UUID | None = Field(default=None, description="To whom it was lost.")
    decided_at: AwareDatetime | None = Field(default=None, description="When it was decided; sales operations only.")

    def as_decision(self) -> Decision:
        """Return the plain value."""
        return Decision(**{name: getattr(self, name) for name in Decision.__dataclass_fields__})


class ReopeningRequest(Input):
    """Taking up again what was won or lost."""

    to_stage: str = Field(max_length=100, examples=["negotiate"])
    reason: Prose


class CriterionRequest(Input):
    """A duty that is done."""

    done_on: date | None = Field(default=None, description="Today unless given.")
    note: Prose | None = None


class CriterionAnswer(Output):
    """A duty of the checklist: of which stage, whether it must be done before leaving, and whether it is."""

    criterion: str
    stage: str
    required: bool
    done: bool
    done_on: date | None
    done_by: UUID | None
    note: str | None


class CriteriaAnswer(Output):
    """The whole checklist, in the order of the funnel."""

    items: list[CriterionAnswer]


class StageChangeAnswer(Output):
    """A change of stage or state; `recorded_at` is when it was told, `at` when it happened."""

    at: datetime
    recorded_at: datetime
    from_stage: str | None
    to_stage: str
    from_state: State | None
    to_state: State
    decided_on: date | None
    amount: MoneyField | None
    reason: str | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    override_reason: str | None
    actor_id: UUID | None
    on_behalf_of: UUID | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not isinstance(value, StageChange):
            return value
        fields = {name: getattr(value, name) for name in cls.model_fields}
        return fields | {"amount": None if value.amount is None else shown_money(value.amount, value.currency)}


class HistoryQuery(ListQuery):
    """The stage history, the oldest first unless sorted otherwise."""
