"""Merging: who may, what has to be decided, until when it is undone, and whom an id stands for then."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.customer.customers.rules.deciding import WRITING_ROLES, Decider
from services.customer.customers.rules.refusals import OwnMatter

UNDONE_WITHIN = timedelta(days=30)
DECIDED = ("account_manager_id", "tier", "parent_id")
"""What a customer has one of, and which is a decision: where the two differ, whoever merges says which one holds."""


class MergeNotAllowed(NotAllowed):
    """Customers are merged by a superior of both account managers, sales operations or an admin."""

    code = "merge_not_allowed"

    def __init__(self) -> None:
        super().__init__("Only a superior of both account managers, sales operations or an admin can decide on this.")


class UnknownDuplicate(RuleViolated):
    """There is no such customer that the caller can see."""

    code = "unknown_duplicate"

    def __init__(self) -> None:
        super().__init__("There is no customer of this id that you can see.", field="/merged_id")


class SameCustomer(Conflict):
    """Both ids mean one customer already."""

    code = "same_customer"

    def __init__(self) -> None:
        super().__init__("Both ids mean one customer already.")


class KindsDiffer(RuleViolated):
    """A customer, a channel partner and a competitor are not one record."""

    code = "kinds_differ"

    def __init__(self) -> None:
        super().__init__("They are of different kinds: give both the same kind first.", field="/merged_id")


class SurvivorBelow(RuleViolated):
    """The survivor belongs to the one to be merged."""

    code = "survivor_below"

    def __init__(self) -> None:
        super().__init__(
            "The survivor stands below the other one in its group: merge the other way round, or move it first.",
            field="/merged_id",
        )


class MergeUndecided(RuleViolated):
    """The two differ in what a customer has one of; `undecided` names it."""

    code = "merge_undecided"
    members = ("undecided",)

    def __init__(self, undecided: Collection[str]) -> None:
        names = ", ".join(undecided)
        super().__init__(f"The two differ, say which one holds: {names}.", field=f"/{next(iter(undecided))}")
        self.undecided = list(undecided)


class DecisionUnknown(RuleViolated):
    """A decision may only be for what one of the two has."""

    code = "decision_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            "Choose what one of the two has; change it afterwards if it is to be another.", field=f"/{name}"
        )


class UndoTooLate(RuleViolated):
    """A merge is undone within 30 days."""

    code = "undo_too_late"

    def __init__(self) -> None:
        super().__init__(f"A merge can be undone within {UNDONE_WITHIN.days} days: that time is over.")


class MergeUndone(Conflict):
    """The merge has been undone already."""

    code = "merge_undone"

    def __init__(self) -> None:
        super().__init__("This merge has been undone already.")


@dataclass(frozen=True, slots=True)
class Responsible:
    """A customer's account manager, else who entered it, and who stands above that person; nobody where nobody is."""

    manager: UUID | None
    person: UUID | None
    superiors: Collection[UUID]


def check_may_merge(decider: Decider, both: Collection[Responsible]) -> None:
    """Refuse whoever looks after one of the two, whatever their roles, and whoever does not stand above both."""
    if any(one.manager in decider.persons for one in both if one.manager is not None):
        raise OwnMatter("Your superior, sales operations or an admin decides on merging your customers.")
    if decider.has_any(WRITING_ROLES):
        return
    if any(one.person is None or decider.authority not in one.superiors for one in both):
        raise MergeNotAllowed


def differing(survivor: Mapping[str, Any], merged: Mapping[str, Any]) -> list[str]:
    """Return what has to be decided: where both have something, and not the same."""
    return [name for name in DECIDED if None not in (survivor[name], merged[name]) and survivor[name] != merged[name]]


def settle(survivor: Mapping[str, Any], merged: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what holds after the merge: what was chosen, else what the survivor has, else what the other one has.

    Raises:
        MergeUndecided: the two differ and nothing was chosen.
        DecisionUnknown: something else was chosen than one of the two has.
    """
    for name, value in chosen.items():
        if value not in (survivor[name], merged[name]):
            raise DecisionUnknown(name)
    undecided = [name for name in differing(survivor, merged) if name not in chosen]
    if undecided:
        raise MergeUndecided(undecided)
    return {
        name: chosen[name] if name in chosen else merged[name] if survivor[name] is None else survivor[name]
        for name in DECIDED
    }


def check_may_be_undone(at: datetime, undone_at: datetime | None, now: datetime) -> None:
    """Refuse to undo what has been undone, or was merged too long ago."""
    if undone_at is not None:
        raise MergeUndone
    if now - at > UNDONE_WITHIN:
        raise UndoTooLate


def survivors(ids: Collection[UUID], steps: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Return whom each id stands for at the end of its steps; without one it stands for itself. No step leads back."""
    found = {}
    for each in ids:
        last = each
        while last in steps:
            last = steps[last]
        found[each] = last
    return found
