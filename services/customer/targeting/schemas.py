"""Targets, needs and proposals over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, MoneyAnswer, MoneyField, Output, Prose
from services.customer.targeting.rules import Need, ProposalState

TargetPeriod = Annotated[str, StringConstraints(pattern=r"^[2-9]\d{3}(-Q[1-4])?$")]
Quantity = Annotated[DecimalString, Field(gt=0, max_digits=18, decimal_places=4)]


class CustomerTargetRequest(Input):
    """For which period a customer is chosen, and why."""

    period: TargetPeriod = Field(description="A year, or a quarter of one.", examples=["2027-Q1"])
    why: Prose


class TargetEndingRequest(Input):
    """Why it is no target any longer."""

    reason: Prose


class CustomerTargetQuery(ListQuery):
    """Filters of the target set; `sort` takes `chosen_at`."""

    customer_id: UUID | None = None
    period: TargetPeriod | None = None
    account_manager_id: UUID | None = None
    ended: bool | None = Field(default=None, description="Only those taken out again, or only the others.")


class CustomerTargetAnswer(Output):
    """That a customer is, or was, in the target set of a period."""

    id: UUID
    customer_id: UUID
    period: str
    why: str
    potential: DecimalString | None = Field(description="The score when it was chosen, where one was reckoned.")
    chosen_at: datetime
    chosen_by: UUID | None
    on_behalf_of: UUID | None
    ended_at: datetime | None
    end_reason: str | None


class NeedInput(Input):
    """What a customer needs, as somebody assesses it."""

    assessed_on: date
    what: Line = Field(examples=["Outsoles of recycled rubber"])
    quantity: Quantity | None = None
    unit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None
    worth: MoneyField | None = None
    needed_by: date | None = None
    fit: Annotated[int, Field(ge=1, le=5)] = Field(description="How well what we have serves it, 5 the best.")
    fit_reason: Prose

    def need(self) -> Need:
        """Return the plain value."""
        return Need(
            assessed_on=self.assessed_on,
            what=self.what,
            quantity=self.quantity,
            unit=self.unit,
            worth=self.worth.amount if self.worth else None,
            currency=self.worth.currency if self.worth else None,
            needed_by=self.needed_by,
            fit=self.fit,
            fit_reason=self.fit_reason,
        )


class NeedSummary(Output):
    """What a customer needs, as it was assessed; it never changes, a later one stands beside it."""

    id: UUID
    customer_id: UUID
    assessed_on: date
    what: str
    quantity: DecimalString | None
    unit: str | None
    worth: MoneyAnswer | None
    needed_by: date | None
    fit: int
    fit_reason: str
    at: datetime
    assessed_by: UUID | None
    on_behalf_of: UUID | None


class NeedAnswer(NeedSummary):
    """An assessed need, and the proposal that it makes."""

    key_proposal_id: UUID | None = Field(description="Where it proposes the customer as a key customer.")


class NeedQuery(ListQuery):
    """A customer's needs, assessed last first; `sort` takes `at`."""


class KeyProposalQuery(ListQuery):
    """Filters of the proposals; `sort` takes `proposed_at`."""

    customer_id: UUID | None = None
    state: ProposalState | None = None


class KeyProposalDecisionRequest(Input):
    """What the superior makes of a proposal, and why."""

    accept: bool
    reason: Prose


class KeyProposalAnswer(Output):
    """That a need proposes its customer as a key customer, with the reasons, and what became of it."""

    id: UUID
    customer_id: UUID
    need_assessment_id: UUID
    reasons: list[str]
    state: ProposalState
    proposed_at: datetime
    proposed_by: UUID | None
    proposed_for: UUID | None
    reason: str | None = Field(description="Of the decision.")
    decided_at: datetime | None
    decided_by: UUID | None
    decided_for: UUID | None
