"""What a customer may be, and who may decide about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotAllowed, RuleViolated

MOST_ATTRIBUTES = 50
"""Free attributes of one customer; more belongs into a field of its own."""

ASSIGNING_ROLES = frozenset({"sales_operations"})
WRITING_ROLES = frozenset({"sales_operations", "admin"})


class CustomerKind(StrEnum):
    """What the company is to us; one base and one rule of uniqueness for all."""

    CUSTOMER = "customer"
    CHANNEL = "channel"
    COMPETITOR = "competitor"


class Tier(StrEnum):
    """How important a customer is; none means not yet classified."""

    STRATEGIC = "strategic"
    KEY = "key"
    GROWTH = "growth"
    STANDARD = "standard"


class NameKind(StrEnum):
    """What a name is used for; the present legal name is the customer's own."""

    SHORT = "short"
    ENGLISH = "english"
    FORMER = "former"
    BRAND = "brand"
    OTHER = "other"


class AddressKind(StrEnum):
    """What an address is used for."""

    HEADQUARTERS = "headquarters"
    DELIVERY = "delivery"
    BILLING = "billing"
    OTHER = "other"


class Origin(StrEnum):
    """Where a record came from; what is simulated says so wherever it is shown."""

    ENTERED = "entered"
    IMPORTED = "imported"
    SIMULATED = "simulated"


class CustomerExists(Conflict):
    """The base has this company already. The id is told only to those who may see it."""

    code = "customer_exists"
    members = ("customer_id", "agreed_on")

    def __init__(self, customer_id: UUID | None, agreed_on: str) -> None:
        super().__init__(f"A customer with this {agreed_on.replace('_', ' ')} exists already.")
        self.customer_id = customer_id
        self.agreed_on = agreed_on


class AssignmentNotAllowed(NotAllowed):
    """Account managers are set by a superior of the person concerned, or by sales operations."""

    code = "assignment_not_allowed"


class OwnMatter(NotAllowed):
    """Nobody decides on their own matter, also not as a stand-in."""

    code = "own_matter"


class ClassificationNotAllowed(NotAllowed):
    """A tier is set by a superior of the account manager, or by sales operations."""

    code = "classification_not_allowed"


class ChangeNotAllowed(NotAllowed):
    """A customer is kept up by its account manager, their superiors and sales operations."""

    code = "change_not_allowed"


class OnlyForImports(NotAllowed):
    """What only an import may say."""

    code = "only_for_imports"


class AlreadySo(Conflict):
    """The change would change nothing."""

    code = "already_so"


class TooManyAttributes(RuleViolated):
    """There are more free attributes than one customer may have."""

    code = "too_many_attributes"


class SpanEmpty(RuleViolated):
    """It would end before, or on the day, it begins: spans are half-open."""

    code = "span_empty"


class FieldNotEmptied(Malformed):
    """A merge patch with null would empty a field that must have a value."""

    code = "field_not_emptied"


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

    From the `unassigned` list a superior may take a customer for anybody below them, never for themselves.
    """
    if present == new:
        raise AlreadySo("That person looks after the customer already." if new else "Nobody looks after the customer.")
    if new is not None and new in decider.persons:
        raise OwnMatter("Somebody else has to assign a customer to you.")
    if decider.has_any(ASSIGNING_ROLES):
        return
    if present is not None and decider.authority not in superiors_of_present:
        raise AssignmentNotAllowed("Only a superior of the account manager, or sales operations, can reassign it.")
    if new is not None and decider.authority not in superiors_of_new:
        raise AssignmentNotAllowed("You can assign customers to people below you only; ask sales operations.")


def check_classification(
    decider: Decider,
    present: Tier | None,
    new: Tier | None,
    manager: UUID | None,
    superiors_of_manager: Collection[UUID],
) -> None:
    """Refuse a tier set by the account manager or by anybody who is not their superior."""
    if present == new:
        raise AlreadySo(f"The customer's tier is {new} already." if new else "The customer has no tier.")
    if decider.has_any(ASSIGNING_ROLES):
        return
    if manager is not None and manager in decider.persons:
        raise OwnMatter("Your superior, or sales operations, decides on the tier of your customer.")
    if decider.authority not in superiors_of_manager:
        raise ClassificationNotAllowed("Only a superior of the account manager, or sales operations, decides on it.")


def check_change(decider: Decider, responsible: UUID | None, superiors_of_responsible: Collection[UUID]) -> None:
    """Refuse a change by somebody who sees the customer without looking after it.

    `responsible` is the account manager, or who entered the customer as long as it has none.
    """
    if decider.has_any(WRITING_ROLES) or responsible == decider.authority:
        return
    if decider.authority not in superiors_of_responsible:
        raise ChangeNotAllowed("Only those who look after the customer can change it.")


def merged_attributes(present: Mapping[str, str], patch: Mapping[str, str | None] | None) -> dict[str, str]:
    """Apply a JSON merge patch (RFC 7396) to free attributes: null takes one away, null for all takes all away."""
    if patch is None:
        return {}
    merged = {**present, **patch}
    kept = {name: value for name, value in merged.items() if value is not None}
    if len(kept) > MOST_ATTRIBUTES:
        raise TooManyAttributes(f"A customer has at most {MOST_ATTRIBUTES} attributes.", field="/attributes")
    return kept


def check_not_emptied(patch: Mapping[str, object], required: Collection[str]) -> None:
    """Refuse null for a field that must have a value."""
    for name in patch:
        if name in required and patch[name] is None:
            raise FieldNotEmptied(f"{name} must have a value.", field=f"/{name}")


def check_span(start: date | None, end: date | None, field: str = "/until") -> None:
    """Refuse a half-open span without a day in it."""
    if start is not None and end is not None and end <= start:
        raise SpanEmpty("The end has to lie after the beginning.", field=field)
