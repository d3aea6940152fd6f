"""What a target is, what an assessed need says, and when it proposes a key customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from servicekit.values.errors import Conflict, RuleViolated

LEAST_FIT = 4
"""Of 5: what fits less proposes nothing."""

SOON = timedelta(days=548)
"""A need within a year and a half."""

ALREADY = frozenset({"key", "strategic"})


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class AlreadyTarget(Conflict):
    """The customer is a target of this period already."""

    code = "already_target"

    def __init__(self) -> None:
        super().__init__("The customer is a target of this period already.")


class TargetEnded(Conflict):
    """The customer was taken out of the target set before."""

    code = "target_ended"

    def __init__(self) -> None:
        super().__init__("The customer was taken out of the target set before.")


class NotACustomer(RuleViolated):
    """Channels and competitors are no targets."""

    code = "not_a_customer"

    def __init__(self) -> None:
        super().__init__("Only a company of kind `customer` can be a target or have its need assessed.")


class AssessedAhead(RuleViolated):
    """What was assessed was so today or before."""

    code = "assessed_ahead"

    def __init__(self) -> None:
        super().__init__("A need is assessed today, or was before.", field="/assessed_on")


class NegativeWorth(RuleViolated):
    """A need is worth nothing or more."""

    code = "negative_worth"

    def __init__(self) -> None:
        super().__init__("What a need is worth is not below 0; leave it out where it is unknown.", field="/worth")


class ProposalDecided(Conflict):
    """The proposal was decided on before."""

    code = "proposal_decided"
    members = ("state",)

    def __init__(self, state: str) -> None:
        super().__init__(f"This proposal was {state} before.")
        self.state = state


@dataclass(frozen=True, slots=True)
class Need:
    """What a customer needs, as it was assessed; `fit` is from 1 to 5, how well what we have serves it."""

    assessed_on: date
    what: str
    quantity: Decimal | None
    unit: str | None
    worth: Decimal | None
    currency: str | None
    needed_by: date | None
    fit: int
    fit_reason: str


def check_kind(kind: str) -> None:
    """Refuse to choose or assess what buys nothing of us."""
    if kind != "customer":
        raise NotACustomer


def check_need(need: Need, today: date) -> None:
    """Refuse a need that was assessed in the future or is worth less than nothing."""
    if need.assessed_on > today:
        raise AssessedAhead
    if need.worth is not None and need.worth < 0:
        raise NegativeWorth


def reasons_to_propose(need: Need, tier: str | None, *, is_target: bool) -> Sequence[str]:
    """Return why the customer ought to be a key customer; nothing where one of the conditions is not met.

    It is a target, not yet `key` or `strategic`, its need fits what we have, is known in volume or worth, and lies
    within a year and a half.
    """
    if not is_target or tier in ALREADY or need.fit < LEAST_FIT:
        return ()
    if need.quantity is None and need.worth is None:
        return ()
    if need.needed_by is None or not need.assessed_on <= need.needed_by <= need.assessed_on + SOON:
        return ()
    volume = [
        f"{need.quantity:f} {need.unit or ''}".strip() if need.quantity is not None else "",
        f"{need.worth:f} {need.currency}" if need.worth is not None else "",
    ]
    return (
        "The customer is a target.",
        f"It needs {need.what}: {', '.join(filter(None, volume))}.",
        f"It needs it by {need.needed_by.isoformat()}.",
        f"What we have fits with {need.fit} of 5: {need.fit_reason}",
    )


def check_open(state: str) -> None:
    """Refuse a second decision."""
    if state != ProposalState.PROPOSED:
        raise ProposalDecided(state)
