"""Leads: what states they go through, and who may say so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.money import exact_money
from services.customer.customers.rules.deciding import WRITING_ROLES, Decider


class LeadState(StrEnum):
    """Where a lead stands; `converting` is promised and waits for the service `opportunity`."""

    OPEN = "open"
    CONVERTING = "converting"
    CONVERTED = "converted"
    DROPPED = "dropped"


class LeadSource(StrEnum):
    """Where it was heard: the sources of intakes, and our own people's talks with the customer."""

    MARKETING_ACTIVITY = "marketing_activity"
    CHANNEL_PARTNER = "channel_partner"
    ONLINE_SALES = "online_sales"
    WEB_FORM = "web_form"
    SERVICE_REPAIR = "service_repair"
    PURCHASED_LIST = "purchased_list"
    REFERRAL = "referral"
    IMPORT = "import"
    CUSTOMER_TALK = "customer_talk"


class LeadNotAllowed(NotAllowed):
    """A lead is worked at by its owner, their superiors and sales operations."""

    code = "lead_not_allowed"


class LeadNotOpen(Conflict):
    """The lead is not open any more; a converted one names its opportunity."""

    code = "lead_not_open"
    members = ("state", "opportunity_id")

    def __init__(self, state: str, opportunity_id: UUID | None) -> None:
        super().__init__(f"This lead is {state}: only an open one can be changed, dropped or converted.")
        self.state = state
        self.opportunity_id = opportunity_id


class LeadWithoutCustomer(RuleViolated):
    """What is handed over is for a customer of the base."""

    code = "lead_without_customer"

    def __init__(self) -> None:
        super().__init__("Say which customer the lead is of first: enter the company, then change the lead.")


class LeadOfNobody(RuleViolated):
    """A lead names a customer, or the company that is not known yet."""

    code = "lead_of_nobody"

    def __init__(self) -> None:
        super().__init__("Name the customer, or the company that is not in the base yet.", field="/customer_id")


class NegativeAmount(RuleViolated):
    """An amount is not below 0."""

    code = "negative_amount"

    def __init__(self) -> None:
        super().__init__("An amount is not below 0; leave it out where it is unknown.", field="/amount")


class HandOverRefused(RuleViolated):
    """The service `opportunity` refuses what the lead was to become; the lead is open again."""

    code = "hand_over_refused"
    members = ("refused_with",)

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"No opportunity was made, and the lead is open: {detail}")
        self.refused_with = code


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a lead is to become."""

    name: str
    currency: str
    amount: Decimal | None
    expected_close: date | None
    principal_id: UUID | None

    def terms(self, customer_id: UUID, owner_id: UUID) -> dict[str, Any]:
        """Return what the service `opportunity` is told; the lead's owner sells it unless somebody else is named."""
        return {
            "name": self.name,
            "customer_id": str(customer_id),
            "currency": self.currency,
            "amount": None if self.amount is None else f"{self.amount:f}",
            "expected_close": self.expected_close.isoformat() if self.expected_close else None,
            "principal_id": str(self.principal_id or owner_id),
        }


def checked_amount(amount: Decimal | None, currency: str) -> Decimal | None:
    """Return an amount as its currency writes it, None where it is unknown (which is not 0).

    Raises:
        AmountNotExact: it has more decimals than the currency.
        NegativeAmount: it is below 0.
    """
    if amount is None:
        return None
    if amount < 0:
        raise NegativeAmount
    return exact_money(amount, currency, field="/amount").amount


def check_may_own(decider: Decider, owner: UUID, superiors_of_owner: Collection[UUID]) -> None:
    """Refuse a lead given to somebody who is neither the one who gives it nor below them; operations may."""
    if owner == decider.authority or decider.has_any(WRITING_ROLES) or decider.authority in superiors_of_owner:
        return
    raise LeadNotAllowed("You can give leads to people below you only; ask sales operations.")


def check_may_work(decider: Decider, owner: UUID, superiors_of_owner: Collection[UUID]) -> None:
    """Refuse a change by somebody who sees the lead without owning it or standing above its owner."""
    if owner == decider.authority or decider.has_any(WRITING_ROLES) or decider.authority in superiors_of_owner:
        return
    raise LeadNotAllowed("Only the lead's owner, their superiors and sales operations can do this.")


def check_open(state: str, opportunity_id: UUID | None) -> None:
    """Refuse to go on with a lead that is not open."""
    if state != LeadState.OPEN:
        raise LeadNotOpen(state, opportunity_id)


def check_named(customer_id: UUID | None, company_name: str | None) -> None:
    """Refuse a lead of nobody."""
    if customer_id is None and company_name is None:
        raise LeadOfNobody
