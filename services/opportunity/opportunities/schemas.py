"""Opportunities over the wire."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.values.money import Money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input
from servicekit.web.schemas import Line as TextLine
from services.opportunity.opportunities.rules import Terms, agreed_line, check_amount, search_pattern
from services.opportunity.opportunities.store import Opportunity, terms_of
from services.opportunity.vocabulary import Origin, State, Value
from services.opportunity.wire import Amount, OpportunityLineInput, money_of


class OpportunityPatch(Input):
    """A merge patch of an opportunity's terms; null says that it is not known, or takes it away."""

    name: TextLine | None = None
    customer_id: UUID | None = None
    currency: Currency | None = None
    amount: Amount | None = None
    amount_is_estimate: bool | None = None
    expected_close: date | None = None
    lines: list[OpportunityLineInput] | None = Field(default=None, max_length=200)

    def applied_to(self, present: Opportunity) -> Terms:
        """Return the terms that the patch asks for, refused where they cannot be."""
        given, before = self.model_fields_set, terms_of(present)
        currency = self.currency or before.currency
        amount = before.amount
        if "amount" in given:
            amount = check_amount(money_of(self.amount, currency), currency)
        elif currency != before.currency and amount is not None:
            amount = check_amount(Money(amount, before.currency), currency)
        lines = before.lines
        if "lines" in given:
            lines = [agreed_line(**line.as_values(currency), currency=currency) for line in self.lines or []]
        return Terms(
            self.name or before.name,
            self.customer_id if "customer_id" in given else before.customer_id,
            currency,
            amount,
            before.amount_is_estimate if self.amount_is_estimate is None else self.amount_is_estimate,
            self.expected_close if "expected_close" in given else before.expected_close,
            lines,
        )


MOST_SCORE = 200
"""No assessment model has more questions."""
Score = Annotated[int, Field(ge=0, le=MOST_SCORE)]


class OpportunityQuery(ListQuery):
    """Filters of the list of opportunities; amounts compare each in its own currency."""

    stage: list[str] | None = Field(default=None, max_length=10)
    state: list[State] | None = Field(default=None, max_length=3)
    principal_id: UUID | None = None
    customer_id: UUID | None = None
    product_line_id: UUID | None = Field(default=None, description="A product line, with every line below it.")
    amount_gte: DecimalString | None = None
    amount_lte: DecimalString | None = None
    expected_close_gte: date | None = None
    expected_close_lt: date | None = None
    currency: Currency | None = None
    origin: Origin | None = None
    external_system: Annotated[str, StringConstraints(max_length=60)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=200)] | None = None
    without_customer: bool | None = Field(default=None, description="Those that wait for their customer.")
    assessed_value: list[Value] | None = Field(default=None, max_length=3)
    score_gte: Score | None = None
    score_lte: Score | None = None
    opportunity_exists_gte: Score | None = None
    we_can_compete_gte: Score | None = None
    we_can_win_gte: Score | None = None
    worth_winning_gte: Score | None = None
    outdated: bool | None = Field(default=None, description="Whose assessment is outdated, or is not.")
    without_assessment: bool | None = Field(default=None, description="Those that nobody has assessed, or the others.")
    ageing: bool | None = Field(default=None, description="Longer in their stage than `GET /v1/funnel/ageing` allows.")
    stalled: bool | None = Field(default=None, description="Open ones about which nothing was done lately, or others.")
    search: str | None = Field(default=None, min_length=1, max_length=100, description="Part of the name.")

    def binds(self) -> dict[str, Any]:
        """Return the filters as the store takes them."""
        given = self.filters()
        if "search" in given:
            given["search"] = search_pattern(given["search"])
        return given
