"""What may be confirmed, by whom, and what becomes of it when the opportunity changes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.dates import Period
from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.forecast.confirmation.rules.lines import OfferedLine
from services.forecast.cycles.rules.definition import AmountBasis, Category

CONFIRMABLE = (Category.COMMIT, Category.BEST_CASE, Category.PIPELINE, Category.OMITTED)


class OpportunityState(StrEnum):
    """Whether an opportunity is decided."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity as its own service last told of it; `version` counts its changes."""

    id: UUID
    version: int
    name: str
    principal_id: UUID
    customer_id: UUID | None
    stage: str
    state: OpportunityState
    amount: Decimal | None
    currency: str
    expected_close: date | None
    decided_on: date | None
    probability: Decimal | None
    is_simulated: bool
    lines: tuple[OfferedLine, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LiveLine:
    """An opportunity's one place in the live forecasts of a cycle."""

    cycle_id: UUID
    opportunity_id: UUID
    seat_id: UUID
    principal_id: UUID
    category: Category
    confirmation_id: UUID
    stated_amount: Decimal


class NotPrincipal(NotAllowed):
    """Only the principal owner confirms an opportunity."""

    code = "not_principal"


class OpportunityOutdated(Conflict):
    """The opportunity changed after the version that the confirmation rests on; `current_version` is the one seen."""

    code = "opportunity_outdated"
    members: ClassVar[tuple[str, ...]] = ("current_version",)

    def __init__(self, current_version: int) -> None:
        super().__init__(
            "The opportunity has changed since the version you looked at: read it again and confirm what it says now.",
            field="/opportunity_version",
        )
        self.current_version = current_version


class OpportunityUnknownVersion(Conflict):
    """The version named is newer than any that the opportunity has."""

    code = "opportunity_version_unknown"


class OpportunityDecided(Conflict):
    """What is won enters by itself, and what is lost enters not at all."""

    code = "opportunity_decided"


class StageNotConfirmable(RuleViolated):
    """The cycle does not take opportunities of this stage; `stages` are those it takes."""

    code = "stage_not_confirmable"
    members: ClassVar[tuple[str, ...]] = ("stages",)

    def __init__(self, stage: str, stages: Collection[str]) -> None:
        super().__init__(
            f"The opportunity stands in {stage}; this cycle takes {', '.join(stages)}.", field="/opportunity_id"
        )
        self.stages = list(stages)


class CloseOutsidePeriod(RuleViolated):
    """The sale is expected outside the period of the cycle."""

    code = "close_outside_period"


class CategoryNotConfirmable(RuleViolated):
    """`closed` is what was won; nobody says it by hand."""

    code = "category_not_confirmable"


class AmountUnknown(RuleViolated):
    """The opportunity has no amount, and the confirmation names none; an unknown amount is not 0."""

    code = "amount_unknown"


class CloseUnknown(RuleViolated):
    """The opportunity has no expected close, and the confirmation names none."""

    code = "close_unknown"


class ProductUnknown(RuleViolated):
    """The catalogue has no such product."""

    code = "product_unknown"


class ForecastHandedIn(Conflict):
    """The seat's forecast is submitted; what is confirmed now would not be in it."""

    code = "forecast_handed_in"

    def __init__(self) -> None:
        super().__init__("Your forecast is submitted: begin a new revision first (POST …/forecasts), then confirm.")


class Effect(StrEnum):
    """What a change of an opportunity does to its place in a cycle."""

    KEEP = "keep"
    RELEASE = "release"
    CLOSE = "close"


def check_principal(opportunity: Opportunity, person_id: UUID) -> None:
    """Refuse whoever is not the principal owner, before anything is said of what the confirmation lacks."""
    if opportunity.principal_id != person_id:
        raise NotPrincipal("Only the principal owner of an opportunity confirms it.")


def check_confirmation(
    opportunity: Opportunity,
    *,
    version: int,
    person_id: UUID,
    category: Category,
    closes_on: date,
    period: Period,
    stages: Collection[str],
) -> None:
    """Refuse to confirm what is another's, has changed since, is decided, or does not belong to the cycle.

    `stages` empty takes every stage. What is omitted may close whenever, in whatever stage.
    """
    check_principal(opportunity, person_id)
    if version < opportunity.version:
        raise OpportunityOutdated(opportunity.version)
    if version > opportunity.version:
        raise OpportunityUnknownVersion(f"The opportunity has no version {version} yet.", field="/opportunity_version")
    if category not in CONFIRMABLE:
        raise CategoryNotConfirmable("What is won enters as closed by itself.", field="/category")
    if opportunity.state is not OpportunityState.OPEN:
        raise OpportunityDecided(f"The opportunity is {opportunity.state}: it is not confirmed by hand.")
    if category is Category.OMITTED:
        return
    if stages and opportunity.stage not in stages:
        raise StageNotConfirmable(opportunity.stage, stages)
    if closes_on not in period:
        raise CloseOutsidePeriod(
            f"{closes_on} is not from {period.start} up to (not including) {period.end}.", field="/expected_close"
        )


def check_unsubmitted(*, has_draft: bool, is_handed_in: bool) -> None:
    """Refuse to change what counts for a seat while its forecast is submitted and no revision is begun."""
    if is_handed_in and not has_draft:
        raise ForecastHandedIn


def is_won_in(opportunity: Opportunity, period: Period) -> bool:
    """Tell whether an opportunity was won in the period, for an amount that is known."""
    return (
        opportunity.state is OpportunityState.WON
        and opportunity.amount is not None
        and opportunity.decided_on is not None
        and opportunity.decided_on in period
    )


def effect_of(opportunity: Opportunity, period: Period, live: LiveLine | None) -> Effect:
    """Return what the opportunity's present state does to its place (or its absence) in a cycle.

    Won in the period closes, whoever confirmed before. What is lost, won elsewhere, reopened or has another
    principal leaves; anything else stays as its principal confirmed it.
    """
    if is_won_in(opportunity, period):
        return Effect.KEEP if live is not None and _is_closed_as(live, opportunity) else Effect.CLOSE
    if live is None:
        return Effect.KEEP
    leaves = (
        opportunity.state is not OpportunityState.OPEN
        or live.category == Category.CLOSED
        or live.principal_id != opportunity.principal_id
    )
    return Effect.RELEASE if leaves else Effect.KEEP


def _is_closed_as(live: LiveLine, opportunity: Opportunity) -> bool:
    return (
        live.category == Category.CLOSED
        and live.principal_id == opportunity.principal_id
        and live.stated_amount == opportunity.amount
    )


def counted_probability(basis: AmountBasis, probability: Decimal | None, category: Category) -> Decimal:
    """Return by what a confirmed amount is multiplied: 1, or the probability where the cycle is weighted."""
    if basis is AmountBasis.FULL or category is Category.CLOSED or probability is None:
        return Decimal(1)
    return probability
