"""How somebody who sees an opportunity stands to it, and what that allows."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import RecordedRefusal
from services.opportunity.refusals import MayNotDo


class Standing(StrEnum):
    """How somebody who sees an opportunity stands to it."""

    PRINCIPAL = "principal"
    SUPERIOR = "superior"
    CO_SELLER = "co_seller"
    MEMBER = "member"
    CUSTOMER_SIDE = "customer_side"
    OPERATIONS = "operations"


class OverrideNotAllowed(RecordedRefusal):
    """Exit criteria are passed over by a superior of the principal owner, and by nobody else."""

    code = "override_not_allowed"
    aggregate: ClassVar[str] = "opportunity"


class OwnOverride(OverrideNotAllowed):
    """Nobody decides on their own matter."""

    code = "own_matter"


EDITORS = frozenset({Standing.PRINCIPAL, Standing.SUPERIOR, Standing.CO_SELLER, Standing.OPERATIONS})
CLOSERS = frozenset({Standing.PRINCIPAL, Standing.SUPERIOR, Standing.OPERATIONS})
TEAM_LEADERS = frozenset({Standing.PRINCIPAL, Standing.SUPERIOR})


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who asks: `person_id` acts, with the authority of `acts_as`."""

    person_id: UUID | None
    acts_as: UUID | None
    is_operations: bool


def stands_above(superior_id: UUID | None, path: str | None) -> bool:
    """Whether somebody stands above whom a reporting line (ids from the top down, with dots between) leads down to."""
    return superior_id is not None and path is not None and superior_id.hex in path.split(".")[:-1]


def standings_of(
    somebody: Somebody, principal_id: UUID, principal_path: str | None, team_roles: Collection[str]
) -> set[Standing]:
    """Return every way in which somebody stands to an opportunity of that principal.

    Whoever is the principal never stands above themselves, also not while standing in for a superior.
    """
    found: set[Standing] = set()
    if somebody.acts_as == principal_id:
        found.add(Standing.PRINCIPAL)
    elif stands_above(somebody.acts_as, principal_path) and somebody.person_id != principal_id:
        found.add(Standing.SUPERIOR)
    if somebody.person_id == principal_id:
        found.add(Standing.PRINCIPAL)
    if "co_seller" in team_roles:
        found.add(Standing.CO_SELLER)
    if team_roles:
        found.add(Standing.MEMBER)
    if somebody.is_operations:
        found.add(Standing.OPERATIONS)
    return found or {Standing.CUSTOMER_SIDE}


def check_may_edit(standings: Collection[Standing]) -> None:
    """Refuse whoever may only look on."""
    if not EDITORS & set(standings):
        raise MayNotDo(
            "You can see this opportunity, but its sellers change it: ask its principal owner, or to be taken on."
        )


def check_may_close(standings: Collection[Standing]) -> None:
    """Refuse whoever may not decide an opportunity: a co-seller works on it and does not close it."""
    if not CLOSERS & set(standings):
        raise MayNotDo("Only the principal owner and their superiors close or reopen an opportunity: ask one of them.")


def check_may_override(standings: Collection[Standing], opportunity_id: UUID, to_stage: str, reason: str) -> None:
    """Refuse an override of exit criteria by anyone but a superior, so that the attempt is remembered.

    Whoever is the principal is no superior of theirs, also not while standing in for one.
    """
    attempted: dict[str, str | None] = {"to_stage": to_stage, "override_reason": reason}
    if Standing.PRINCIPAL in standings:
        raise OwnOverride(
            "Nobody passes over the criteria of their own opportunity: a superior of yours decides on that.",
            aggregate_id=opportunity_id,
            attempted=attempted,
        )
    if Standing.SUPERIOR not in standings:
        raise OverrideNotAllowed(
            "Only a superior of the principal owner can override exit criteria: ask one, or do what is missing.",
            aggregate_id=opportunity_id,
            attempted=attempted,
        )


def check_may_lead_team(standings: Collection[Standing]) -> None:
    """Refuse whoever does not decide on the sales team and its shares."""
    if not TEAM_LEADERS & set(standings):
        raise MayNotDo("The principal owner and their superiors decide on the sales team: ask one of them.")
