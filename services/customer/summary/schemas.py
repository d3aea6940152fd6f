"""The summary of a customer over the wire."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from servicekit.values.money import round_money
from servicekit.values.rates import oldest_date
from servicekit.web.schemas import DecimalString, MoneyAnswer, Output
from services.customer.base.rules import Basis, Group
from services.customer.classification.rules.deciding import Gap
from services.customer.customers.rules.values import CustomerKind, Origin, Tier
from services.customer.summary.rules import SummaryGap
from services.customer.summary.store import Deal
from services.customer.wire import ConversionAnswer, OpportunitiesAnswer


class IdentityAnswer(Output):
    """Who the customer is, and where it stands in the base; `GET /v1/customers/{id}` tells the rest."""

    id: UUID
    version: int
    kind: CustomerKind
    legal_name: str
    country: str
    city: str | None
    phone: str | None
    website: str | None
    industry: str | None
    employees: int | None
    parent_id: UUID | None
    tier: Tier | None
    origin: Origin
    updated_at: datetime


class PeopleAnswer(Output):
    """Who has to do with the customer: of ours, and how many contacts of theirs there are."""

    account_manager_id: UUID | None
    team: list[UUID]
    contacts: int


class DealAnswer(Output):
    """An open opportunity; `amount` is null where it is not known."""

    id: UUID
    name: str
    principal_id: UUID
    stage: str
    amount: MoneyAnswer | None
    expected_close: date | None


class SalesAnswer(Output):
    """The opportunities that you see, in `currency` at the rates of `as_of`; `next` are those to close first."""

    as_of: date
    currency: str
    rate_date: date | None
    rates: list[ConversionAnswer]
    unconverted: dict[str, DecimalString]
    open: OpportunitiesAnswer
    won: OpportunitiesAnswer
    lost: OpportunitiesAnswer
    next: list[DealAnswer]


class ForecastStandingAnswer(Output):
    """What of the customer is confirmed in a category of an open forecast cycle, on the seats that you see."""

    cycle_id: UUID
    cycle_name: str
    period_start: date
    period_end: date
    category: str
    count: int
    amount: MoneyAnswer
    simulated_count: int


class ActivitiesAnswer(Output):
    """What was and will be done with the customer, if you look after it."""

    last_done_on: date | None
    next_planned_on: date | None
    planned: int
    overdue: int


class SummaryGapsAnswer(Output):
    """What is missing of the customer, or out of date."""

    gaps: list[SummaryGap]
    missing_fields: list[str]
    classification: list[Gap]


class SummaryAnswer(Output):
    """All that is known of a customer, as far as you see it; what could not be asked is in `unavailable`.

    `forecast` is null where the service could not be reached, and empty where nothing is confirmed.
    """

    customer: IdentityAnswer
    people: PeopleAnswer
    opportunities: SalesAnswer
    forecast: list[ForecastStandingAnswer] | None
    activities: ActivitiesAnswer
    gaps: SummaryGapsAnswer
    unavailable: list[Literal["forecast"]]


def deal_answer(deal: Deal) -> dict[str, Any]:
    """Return the answer that tells of an open opportunity."""
    amount = None
    if deal.amount is not None:
        amount = {"amount": round_money(deal.amount, deal.currency), "currency": deal.currency}
    return {name: getattr(deal, name) for name in DealAnswer.model_fields} | {"amount": amount}


def sales_answer(
    groups: dict[str | None, Group], basis: Basis, deals: list[Deal], as_of: date, currency: str
) -> dict[str, Any]:
    """Return the answer that tells of opportunities, from a group for each state."""
    nothing = Group(None)
    nothing.won.amount = round_money(nothing.won.amount, currency)
    return {
        "as_of": as_of,
        "currency": currency,
        "rate_date": oldest_date(basis.rates),
        "rates": basis.rates,
        "unconverted": basis.unconverted,
        "open": groups["open"].open if "open" in groups else nothing.won,
        "won": groups.get("won", nothing).won,
        "lost": groups.get("lost", nothing).won,
        "next": [deal_answer(deal) for deal in deals],
    }
