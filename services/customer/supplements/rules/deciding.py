"""Who decides on a proposed change, and why a supplement or a decision is refused."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.customer.customers.rules.deciding import ASSIGNING_ROLES, Decider


class SupplementSource(StrEnum):
    """From what something was learned."""

    INTAKE = "intake"
    VISIT = "visit"
    OPPORTUNITY = "opportunity"
    PROJECT = "project"
    CONTACT = "contact"
    MARKET_RESEARCH = "market_research"
    OTHER = "other"


class ChangeState(StrEnum):
    """Where a proposed change stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ChangeDecision(StrEnum):
    """What is decided on a proposed change."""

    ACCEPT = "accept"
    REJECT = "reject"


class ProposalNotAllowed(NotAllowed):
    """A proposed change is decided by the account manager or their superiors; of nobody's customer by operations."""

    code = "proposal_not_allowed"

    def __init__(self) -> None:
        super().__init__("The account manager, or a superior of theirs, decides on proposed changes.")


class ProposalDecided(Conflict):
    """The proposed change was decided already."""

    code = "proposed_change_decided"
    members = ("state",)

    def __init__(self, state: str) -> None:
        super().__init__(f"It is {state} already.")
        self.state = state


class ProposalOutdated(Conflict):
    """The value has changed since the change was proposed."""

    code = "proposal_outdated"

    def __init__(self) -> None:
        super().__init__("The value is another by now than when this was proposed: reject it, or enter what is right.")


class NothingTold(RuleViolated):
    """A supplement says something of the customer."""

    code = "nothing_told"

    def __init__(self) -> None:
        super().__init__("Say at least one thing of the customer.", field="")


class FieldUnknown(RuleViolated):
    """There is nothing in that field that could be confirmed."""

    code = "field_empty"

    def __init__(self, name: str) -> None:
        super().__init__(f"The customer has no {name} to confirm.", field="/fields")


def check_proposal(decider: Decider, manager: UUID | None, superiors: Collection[UUID]) -> None:
    """Refuse a decision by anybody but the account manager and their superiors; without one, operations decides."""
    is_theirs = manager is not None and (decider.authority == manager or decider.authority in superiors)
    is_nobodys = manager is None and decider.has_any(ASSIGNING_ROLES)
    if not is_theirs and not is_nobodys:
        raise ProposalNotAllowed
