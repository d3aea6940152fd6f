"""Portfolio plans over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input, Line, MoneyAnswer, Output, Prose
from services.customer.customers.rules.values import Tier
from services.customer.portfolio_plans.rules import Basis, PortfolioState, TierTarget

NotNegative = Annotated[DecimalString, Field(ge=0)]
Times = Annotated[int, Field(ge=0, le=60)]


class PortfolioTargetInput(Input):
    """What a tier is to bring, and how often each of its customers is to be visited."""

    tier: Tier
    territory_id: None = Field(default=None, description="Null until customers have territories.")
    amount: NotNegative
    coverage: Times = Field(default=0, description="Visits of each customer in the plan's time.")
    basis: Basis = Field(default=Basis.POTENTIAL, description="In proportion to what it is shared out.")

    def target(self) -> TierTarget:
        """Return the plain value."""
        return TierTarget(self.tier.value, self.amount, self.coverage, self.basis)


class PortfolioPlanInput(Input):
    """A plan for all customers of oneself and one's people, from a day and until (not including) another."""

    name: Line = Field(examples=["Region North 2027"])
    from_date: date
    until_date: date
    currency: Currency
    targets: list[PortfolioTargetInput] = Field(min_length=1, max_length=4)

    def plain_targets(self) -> list[TierTarget]:
        """Return the plain values."""
        return [one.target() for one in self.targets]


class FixedShareInput(Input):
    """What a customer's part is to be, whatever the others get."""

    customer_id: UUID
    amount: NotNegative


class PortfolioAllocationRequest(Input):
    """Share the targets out anew, around what is fixed by hand."""

    fixed: list[FixedShareInput] = Field(default_factory=list, max_length=500)

    def amounts(self) -> dict[UUID, Decimal]:
        """Return what is fixed, by customer."""
        return {one.customer_id: one.amount for one in self.fixed}


class PortfolioApprovalRequest(Input):
    """From which day on the plan is in force."""

    in_force_from: date


class PortfolioRevisionRequest(Input):
    """Why the plan is said anew."""

    reason: Prose


class PortfolioPlanQuery(ListQuery):
    """Filters of the list of plans; `sort` takes `created_at`."""

    owner_id: UUID | None = None
    state: PortfolioState | None = None


class PortfolioTargetAnswer(Output):
    """What a tier is to bring, in the plan's currency."""

    tier: Tier
    territory_id: UUID | None
    amount: DecimalString
    coverage: int
    basis: Basis


class PortfolioPlanAnswer(Output):
    """A plan; an approved one is in force from `in_force_from` until (not including) `ends_on`."""

    id: UUID
    version: int
    name: str
    owner_id: UUID
    from_date: date
    until_date: date
    currency: str
    targets: list[PortfolioTargetAnswer]
    state: PortfolioState
    allocation: int | None = Field(description="The number of the sharing out; null where it is to be done anew.")
    revises_id: UUID | None
    reason: str | None = Field(description="Of the revision.")
    in_force_from: date | None
    ends_on: date | None
    approved_at: datetime | None
    approved_by: UUID | None
    approved_for: UUID | None
    created_at: datetime
    updated_at: datetime


class PortfolioAllocationQuery(ListQuery):
    """Filters of a plan's parts; `sort` takes `amount`, the largest first unless asked otherwise."""

    tier: Tier | None = None
    account_manager_id: UUID | None = None


class PortfolioAllocationAnswer(Output):
    """A customer's part of a plan, in the plan's currency."""

    customer_id: UUID
    legal_name: str
    tier: Tier
    account_manager_id: UUID
    amount: MoneyAnswer = Field(validation_alias="money")
    coverage: int
    fixed: bool


class PortfolioPartQuery(ListQuery):
    """Parts of plans in force; `sort` takes `amount`."""

    customer_id: UUID | None = None


class PortfolioPartAnswer(PortfolioAllocationAnswer):
    """A customer's part of a plan in force, for those who look after the customer."""

    plan_id: UUID
    in_force_from: date
    ends_on: date


class PortfolioTierProgressAnswer(Output):
    """How far a tier has come."""

    tier: Tier
    customers: int
    target: MoneyAnswer
    won: MoneyAnswer = Field(description="In the plan's time so far, by today's rates.")
    coverage: int = Field(description="Visits meant for the plan's time.")
    done: int = Field(description="Activities done with these customers in the plan's time so far.")


class PortfolioProgressAnswer(Output):
    """What a plan has brought; the tiers make the whole."""

    id: UUID
    version: int
    as_of: date
    target: MoneyAnswer
    won: MoneyAnswer
    unconverted: list[str] = Field(description="Currencies in which something was won, and which have no rate.")
    activities_planned: int = Field(description="Visits that the plan has become.")
    customers_to_plan: int = Field(description="Customers whose visits are still to be planned: it is under way.")
    tiers: list[PortfolioTierProgressAnswer]
