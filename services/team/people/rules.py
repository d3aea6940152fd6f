"""Who somebody is to the enterprise: roles, presence, and who may not decide about them."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, RecordedRefusal, RuleViolated


class PersonKind(StrEnum):
    """A human being, or a program that signs in by itself."""

    PERSON = "person"
    MACHINE = "machine"


class Role(StrEnum):
    """What somebody may do beyond their own scope."""

    ADMIN = "admin"
    SALES_OPERATIONS = "sales_operations"
    MARKETING = "marketing"
    FINANCE = "finance"
    PRODUCTION_PLANNER = "production_planner"
    AUDITOR = "auditor"


class RoleStep(StrEnum):
    """What happens to a role."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class PersonReferenceTaken(Conflict):
    """The other system's id stands for somebody else already."""

    code = "person_reference_taken"

    def __init__(self) -> None:
        super().__init__("This external reference stands for somebody else already.", field="/external_reference")


class UsernameTaken(Conflict):
    """Somebody else signs in by this name."""

    code = "username_taken"

    def __init__(self) -> None:
        super().__init__("Somebody else signs in by this name: choose another.", field="/username")


class UnknownBusinessUnit(RuleViolated):
    """There is no business unit of this id."""

    code = "unknown_business_unit"

    def __init__(self) -> None:
        super().__init__("There is no business unit of this id.", field="/business_unit_id")


class RoleUnchanged(Conflict):
    """The role is held already, or was not held."""

    code = "role_unchanged"

    def __init__(self, role: str, *, held: bool) -> None:
        super().__init__(f"They {'have' if held else 'do not have'} the role {role} already.", field="/role")


class LeftBeforeJoining(RuleViolated):
    """Nobody leaves before they have come."""

    code = "left_before_joining"

    def __init__(self) -> None:
        super().__init__("The day of leaving lies before the day of joining.", field="/on")


class LeftAlready(Conflict):
    """The departure is recorded already, for that day."""

    code = "left_already"

    def __init__(self) -> None:
        super().__init__("This departure is recorded already.")


class OwnMatter(RecordedRefusal):
    """Nobody decides on their own roles or departure; the attempt is remembered."""

    code = "own_matter"
    aggregate = "person"

    def __init__(self, person_id: UUID, attempted: dict[str, str | None]) -> None:
        super().__init__(
            "Nobody decides on their own matter: another administrator has to.",
            aggregate_id=person_id,
            attempted=attempted,
        )


def is_active(joined_on: date | None, left_on: date | None, on: date) -> bool:
    """Whether somebody is there on a day: from the day they join up to, and not including, the day they leave."""
    return (joined_on is None or joined_on <= on) and (left_on is None or on < left_on)


def check_not_own(person_id: UUID, deciders: Collection[UUID | None], attempted: dict[str, str | None]) -> None:
    """Refuse a decision on one's own matter; `deciders` are who acts and whom they stand in for."""
    if person_id in deciders:
        raise OwnMatter(person_id, attempted)


def roles_after(roles: Collection[str], role: Role, step: RoleStep) -> list[str]:
    """Return the roles after one was granted or withdrawn, in alphabetical order."""
    held = role in roles
    if held == (step is RoleStep.GRANTED):
        raise RoleUnchanged(role, held=held)
    return sorted({*roles, role} if step is RoleStep.GRANTED else {*roles} - {role})


def check_departure(joined_on: date | None, left_on: date | None, on: date) -> None:
    """Refuse a departure before the arrival, or one that is recorded already."""
    if joined_on is not None and on < joined_on:
        raise LeftBeforeJoining
    if left_on == on:
        raise LeftAlready
