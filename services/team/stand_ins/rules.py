"""Who may act for whom is agreed by whom it concerns."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class StandInNotAllowed(NotAllowed):
    """A stand-in is named by whom it concerns: the person, a superior of theirs, or an administrator."""

    code = "stand_in_not_allowed"


class StandInOverlaps(Conflict):
    """They stand in for that person in these days already."""

    code = "stand_in_overlaps"

    def __init__(self) -> None:
        super().__init__("They stand in for that person during these days already.")


class StandInMalformed(RuleViolated):
    """A stand-in is another person, for at least one day that is still to come."""

    code = "stand_in_malformed"


class StandInEnded(Conflict):
    """It has ended already, or ends by then anyway."""

    code = "stand_in_ended"

    def __init__(self) -> None:
        super().__init__("It ends by that day already.")


class UnknownStandIn(RuleViolated):
    """Nobody of this id can stand in, or be stood in for."""

    code = "unknown_person"

    def __init__(self, field: str) -> None:
        super().__init__("There is no person of this id who is there today.", field=field)


def check_stand_in(person_id: UUID, stand_in_id: UUID, span: tuple[date, date], today: date) -> None:
    """Refuse a stand-in for oneself, and one in no day that is still to come."""
    from_date, until_date = span
    if person_id == stand_in_id:
        raise StandInMalformed("Somebody else has to stand in.", field="/stand_in_id")
    if until_date <= from_date:
        raise StandInMalformed("It ends before it begins: until_date is the first day without.", field="/until_date")
    if until_date <= today:
        raise StandInMalformed(
            "It lies in the past: what was not agreed then cannot be agreed now.", field="/until_date"
        )


def check_names_stand_in(
    decider: UUID | None, person_id: UUID, stand_in_id: UUID, superiors: Collection[UUID], *, is_admin: bool
) -> None:
    """Refuse a stand-in named by somebody whom it does not concern, or by whoever would stand in.

    `decider` is None where a service asks, or somebody who stands in themselves: standing in is not passed on.
    """
    if decider is None or decider == stand_in_id:
        raise StandInNotAllowed("Nobody makes themselves a stand-in, and a stand-in names no other.")
    if decider != person_id and decider not in superiors and not is_admin:
        raise StandInNotAllowed("The person, a superior of theirs, or an administrator names a stand-in.")


def check_ends_stand_in(
    decider: UUID | None, person_id: UUID, stand_in_id: UUID, superiors: Collection[UUID], *, is_admin: bool
) -> None:
    """Refuse an end by somebody whom it does not concern; whoever stands in may give it up."""
    if decider is None or (decider not in {person_id, stand_in_id, *superiors} and not is_admin):
        raise StandInNotAllowed("The person, the stand-in, a superior or an administrator ends it.")


def end_of(from_date: date, until_date: date, on: date, today: date) -> date:
    """Return the first day without the stand-in when it is to end on a day; what has been done stays done.

    Raises:
        StandInEnded: it ends by that day anyway.
        StandInMalformed: the day lies in the past.
    """
    if on < today:
        raise StandInMalformed("What was done in the past stays done: name today or a day to come.", field="/on")
    if until_date <= on:
        raise StandInEnded
    return max(from_date, on)
