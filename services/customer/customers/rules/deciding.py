"""Who may decide about a customer."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.customer.customers.rules.refusals import (
    AlreadySo,
    AssignmentNotAllowed,
    ChangeNotAllowed,
    ClassificationNotAllowed,
    OwnMatter,
)
from services.customer.customers.rules.values import Tier

ASSIGNING_ROLES = frozenset({"sales_operations"})
WRITING_ROLES = frozenset({"sales_operations", "admin"})


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: in whose authority, and which persons take part (the one who acts, and whom they stand in for)."""

    authority: UUID
    persons: frozenset[UUID]
    roles: frozenset[str]

    def has_any(self, roles: Collection[str]) -> bool:
        """Say whether one of the roles is theirs."""
        return not self.roles.isdisjoint(roles)


def check_assignment(
    decider: Decider,
    present: UUID | None,
    new: UUID | None,
    superiors_of_present: Collection[UUID],
    superiors_of_new: Collection[UUID],
) -> None:
    """Refuse an account manager set by somebody who is neither in sales operations nor superior of all concerned.

    From the `unassigned` list a superior may take a customer for anybody below them, never for themselves. Nobody gives
    their own away, whatever their roles, also not as a stand-in.
    """
    if present == new:
        raise AlreadySo("That person looks after the customer already." if new else "Nobody looks after the customer.")
    if new is not None and new in decider.persons:
        raise OwnMatter("Somebody else has to assign a customer to you.")
    if not decider.has_any(ASSIGNING_ROLES):
        if present is not None and decider.authority not in superiors_of_present:
            raise AssignmentNotAllowed("Only a superior of the account manager, or sales operations, can reassign it.")
        if new is not None and decider.authority not in superiors_of_new:
            raise AssignmentNotAllowed("You can assign customers to people below you only; ask sales operations.")
    if present is not None and present in decider.persons:
        raise OwnMatter("Your superior, or sales operations, decides who looks after your customer from now on.")


def check_first_assignment(decider: Decider, new: UUID | None, superiors_of_new: Collection[UUID]) -> None:
    """Refuse an account manager named for a new customer by somebody who is neither that person nor their superior."""
    if new is not None and new != decider.authority and not decider.has_any(ASSIGNING_ROLES):
        check_assignment(decider, None, new, (), superiors_of_new)


def first_manager(decider: Decider, *, given: bool, named: UUID | None, is_machine: bool) -> UUID | None:
    """Return who looks after a new customer: whoever is named, else who enters it, unless that is not a seller."""
    if given:
        return named
    return None if is_machine or decider.has_any(WRITING_ROLES) else decider.authority


def check_classification(
    decider: Decider,
    present: Tier | None,
    new: Tier | None,
    manager: UUID | None,
    superiors_of_manager: Collection[UUID],
) -> None:
    """Refuse a tier set by the account manager, whatever their roles, or by anybody who is not their superior."""
    if present == new:
        raise AlreadySo(f"The customer's tier is {new} already." if new else "The customer has no tier.")
    check_may_classify(decider, manager, superiors_of_manager)


def check_may_classify(decider: Decider, manager: UUID | None, superiors_of_manager: Collection[UUID]) -> None:
    """Refuse a decision on the tier by the account manager, or by anybody who is not their superior."""
    if manager is not None and manager in decider.persons:
        raise OwnMatter("Your superior, or sales operations, decides on the tier of your customer.")
    if not decider.has_any(ASSIGNING_ROLES) and decider.authority not in superiors_of_manager:
        raise ClassificationNotAllowed("Only a superior of the account manager, or sales operations, decides on it.")


def check_change(decider: Decider, responsible: UUID | None, superiors_of_responsible: Collection[UUID]) -> None:
    """Refuse a change by somebody who sees the customer without looking after it.

    `responsible` is the account manager, or who entered the customer as long as it has none.
    """
    if decider.has_any(WRITING_ROLES) or responsible == decider.authority:
        return
    if decider.authority not in superiors_of_responsible:
        raise ChangeNotAllowed("Only those who look after the customer can change it.")
