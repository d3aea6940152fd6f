"""Portfolio plans: what they say, how a tier's target is shared out, and on which days customers are covered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.money import exact_money, scale_of, spread
from services.customer.customers.rules.deciding import Decider

MOST_CUSTOMERS = 20_000
"""Of one plan: more belong to several people's plans."""

LONGEST = timedelta(days=3 * 366)


class PortfolioState(StrEnum):
    """Where a plan stands; an approved one is in force from a day until it ends or a revision takes its place."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Basis(StrEnum):
    """In proportion to what a tier's target is shared out."""

    EQUAL = "equal"
    POTENTIAL = "potential"
    WON = "won"


class PortfolioNotAllowed(NotAllowed):
    """A portfolio plan is worked at by whoever owns it, and those above."""

    code = "portfolio_not_allowed"

    def __init__(self) -> None:
        super().__init__("Only the plan's owner, and those above, can do this.")


class PortfolioNotDraft(Conflict):
    """What is approved does not change: it is revised, with a reason."""

    code = "portfolio_not_draft"

    def __init__(self) -> None:
        super().__init__("The plan is approved: revise it, with a reason.")


class PortfolioNotApproved(Conflict):
    """Only an approved plan that no revision has replaced is revised."""

    code = "portfolio_not_approved"

    def __init__(self) -> None:
        super().__init__("Only an approved plan is revised: change the draft itself, or the revision that replaced it.")


class PortfolioNotAllocated(RuleViolated):
    """A plan is approved with its targets shared out to customers."""

    code = "portfolio_not_allocated"

    def __init__(self) -> None:
        super().__init__("Share the targets out to customers first; they have changed since, or were not yet.")


class PortfolioOverlaps(Conflict):
    """Somebody has one plan in force at a time."""

    code = "portfolio_overlaps"

    def __init__(self) -> None:
        super().__init__("Another plan of the same owner is in force then: revise that one, or begin after its end.")


class PortfolioDays(RuleViolated):
    """A plan lasts from a day to a later one, at most three years, and comes into force within."""

    code = "portfolio_days"


class PortfolioTargetsDisagree(RuleViolated):
    """Each tier has one target, in the plan's currency."""

    code = "portfolio_targets_disagree"


class TierWithoutCustomers(RuleViolated):
    """A target is for customers that there are."""

    code = "tier_without_customers"

    def __init__(self, tier: str) -> None:
        super().__init__(f"No customer of the tier {tier} is looked after by the plan's people.", field="/targets")


class FixedDisagrees(RuleViolated):
    """What is fixed by hand is for a customer of the plan, and leaves the rest of its tier something or nothing."""

    code = "fixed_disagrees"


class TooManyCustomers(RuleViolated):
    """There are more customers than one plan holds."""

    code = "too_many_customers"

    def __init__(self) -> None:
        super().__init__(f"A plan is for at most {MOST_CUSTOMERS:,} customers: let people below you plan for theirs.")


@dataclass(frozen=True, slots=True)
class TierTarget:
    """What a tier is to bring in the plan's time, and how often each of its customers is to be visited in it.

    `territory_id` is empty until customers have territories.
    """

    tier: str
    amount: Decimal
    coverage: int
    basis: Basis
    territory_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that a target is shared out to, with its weight."""

    customer_id: UUID
    tier: str
    account_manager_id: UUID
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """A customer's part of its tier's target."""

    customer_id: UUID
    tier: str
    account_manager_id: UUID
    amount: Decimal
    coverage: int
    fixed: bool


def check_days(from_date: date, until_date: date) -> None:
    """Refuse a plan without a day in it, or one that nobody can foresee."""
    if until_date <= from_date:
        raise PortfolioDays("The end lies after the beginning.", field="/until_date")
    if until_date - from_date > LONGEST:
        raise PortfolioDays("A plan lasts three years at most.", field="/until_date")


def check_in_force_from(day: date, from_date: date, until_date: date) -> None:
    """Refuse a day outside the plan's time."""
    if not from_date <= day < until_date:
        raise PortfolioDays(f"It comes into force within {from_date} and {until_date}.", field="/in_force_from")


def check_targets(targets: Sequence[TierTarget], currency: str) -> None:
    """Refuse targets that are said twice, or cannot be in the currency."""
    seen: set[tuple[str, UUID | None]] = set()
    for place, target in enumerate(targets):
        if (target.tier, target.territory_id) in seen:
            raise PortfolioTargetsDisagree("This tier has a target already.", field=f"/targets/{place}/tier")
        seen.add((target.tier, target.territory_id))
        exact_money(target.amount, currency, field=f"/targets/{place}/amount")


def share_out(
    targets: Sequence[TierTarget], candidates: Sequence[Candidate], fixed: Mapping[UUID, Decimal], currency: str
) -> list[Share]:
    """Return each customer's part: in every tier the parts make its target to the last unit.

    What is fixed by hand stays; the rest goes to the others in proportion, by largest remainder in the order of ids.

    Raises:
        TierWithoutCustomers: a target above 0 has nobody to go to.
        FixedDisagrees: what is fixed is more than the target, less with nobody left, or for none of its customers.
    """
    known = {one.customer_id for one in candidates}
    if unknown := [one for one in fixed if one not in known]:
        raise FixedDisagrees(f"{unknown[0]} is no customer of this plan.", field="/fixed")
    shares: list[Share] = []
    for target in targets:
        mine = sorted((one for one in candidates if one.tier == target.tier), key=lambda one: one.customer_id)
        if not mine and target.amount > 0:
            raise TierWithoutCustomers(target.tier)
        shares += _shares_of(target, mine, fixed, currency)
    return shares


def _shares_of(
    target: TierTarget, mine: Sequence[Candidate], fixed: Mapping[UUID, Decimal], currency: str
) -> list[Share]:
    rest = target.amount - sum((fixed[one.customer_id] for one in mine if one.customer_id in fixed), Decimal(0))
    free = [one for one in mine if one.customer_id not in fixed]
    if rest < 0 or (rest > 0 and mine and not free):
        raise FixedDisagrees(f"What is fixed in the tier {target.tier} leaves {rest} of its target.", field="/fixed")
    parts = iter(spread(rest, [one.weight for one in free], scale_of(currency)))
    return [
        Share(
            one.customer_id,
            one.tier,
            one.account_manager_id,
            fixed[one.customer_id] if one.customer_id in fixed else next(parts),
            target.coverage,
            one.customer_id in fixed,
        )
        for one in mine
    ]


def days_of_coverage(from_date: date, until_date: date, times: int) -> list[date]:
    """Return so many days, evenly apart, each in the middle of its part of the time."""
    days = (until_date - from_date).days
    return [from_date + timedelta(days=days * (2 * one + 1) // (2 * times)) for one in range(times)]


def check_may_work(decider: Decider, owner: UUID, superiors_of_owner: Collection[UUID]) -> None:
    """Refuse a change by anybody but the owner and those above."""
    if decider.authority != owner and decider.authority not in superiors_of_owner:
        raise PortfolioNotAllowed
