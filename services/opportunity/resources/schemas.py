"""Requests for resources over the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, MoneyAnswer, MoneyField, Output, Prose
from services.opportunity.resources.rules import RequestState, RequestStep, Wanted
from services.opportunity.resources.store import ResourceRequest, Step
from services.opportunity.wire import Quantity, shown_money


class ResourceRequestInput(Input):
    """What is asked for: money, a quantity with its unit, or both; by when, and why."""

    what: Line = Field(examples=["Two days of a mould designer at the customer's"])
    amount: MoneyField | None = None
    quantity: Quantity | None = None
    unit: Line | None = Field(default=None, examples=["days"])
    needed_on: date
    why: Prose

    def as_wanted(self) -> Wanted:
        """Return the plain value."""
        money = self.amount.as_money() if self.amount else None
        return Wanted(
            self.what,
            money.amount if money else None,
            money.currency if money else None,
            self.quantity,
            self.unit,
            self.needed_on,
            self.why,
        )


class CommentedDecision(Input):
    """Why it is returned or rejected."""

    comment: Prose


class ResourceApproval(Input):
    """An approval, perhaps with a comment."""

    comment: Prose | None = None


class ResourceWithdrawal(Input):
    """Taking a request back, perhaps saying why."""

    comment: Prose | None = None


class ResourceRequestAnswer(Output):
    """A request as it is now; while it waits, the superior of `waits_below_id` decides."""

    id: UUID
    version: int
    opportunity_id: UUID
    opportunity_name: str
    what: str
    amount: MoneyAnswer | None
    quantity: DecimalString | None
    unit: str | None
    needed_on: date
    why: str
    state: RequestState
    requested_by: UUID
    requested_at: datetime
    filed_by: UUID
    waits_below_id: UUID | None
    decided_at: datetime | None


class ResourceRequestStepAnswer(Output):
    """What was done with a request; `told` is what was asked for, where it was asked."""

    at: datetime
    step: RequestStep
    actor_id: UUID
    on_behalf_of: UUID | None
    comment: str | None
    chart_version: int | None
    told: dict[str, str | None] | None


class ResourceRequestHistoryAnswer(ResourceRequestAnswer):
    """A request with everything that was done with it, in order."""

    steps: list[ResourceRequestStepAnswer]


class RequestRelation(StrEnum):
    """Which requests: those that wait for you, or those that you made."""

    WAITING = "waiting"
    MINE = "mine"


class ResourceRequestQuery(ListQuery):
    """Requests for resources, the oldest first."""

    relation: RequestRelation = RequestRelation.WAITING


class OpportunityResourceQuery(ListQuery):
    """The requests of one opportunity, the oldest first."""


def request_answer(request: ResourceRequest) -> ResourceRequestAnswer:
    """Return the answer that tells of a request."""
    return ResourceRequestAnswer.model_validate(_fields(request))


def history_answer(request: ResourceRequest, steps: list[Step]) -> ResourceRequestHistoryAnswer:
    """Return the answer that tells of a request and what was done with it."""
    told = [ResourceRequestStepAnswer.model_validate(step) for step in steps]
    return ResourceRequestHistoryAnswer.model_validate(_fields(request) | {"steps": told})


def _fields(request: ResourceRequest) -> dict[str, Any]:
    money = None
    if request.amount is not None and request.currency is not None:
        money = shown_money(request.amount, request.currency)
    return {name: getattr(request, name, None) for name in ResourceRequestAnswer.model_fields} | {"amount": money}
