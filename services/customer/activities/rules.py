"""When an activity is planned, overdue, done; who may plan it and for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotAllowed, RuleViolated
from services.customer.customers.rules.deciding import WRITING_ROLES, Decider


class ActivityKind(StrEnum):
    """What is done."""

    VISIT = "visit"
    CALL = "call"
    MEETING = "meeting"
    MAIL = "mail"
    EVENT = "event"
    SAMPLE = "sample"
    OTHER = "other"


class ActivityStatus(StrEnum):
    """Where an activity stands on a day."""

    PLANNED = "planned"
    OVERDUE = "overdue"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TypedActivity:
    """An activity as somebody enters it; without an owner it is theirs."""

    customer_id: UUID
    kind: ActivityKind
    subject: str
    planned_on: date | None
    done_on: date | None
    outcome: str | None
    owner_id: UUID | None
    opportunity_id: UUID | None
    contact_ids: tuple[UUID, ...]


class ActivityClosed(Conflict):
    """It was done or cancelled: a new one is planned instead."""

    code = "activity_closed"

    def __init__(self) -> None:
        super().__init__("It is done or cancelled already: plan a new one.")


class ActivityNotAllowed(NotAllowed):
    """Activities are planned for oneself and those below, and changed by who does them or looks after the customer."""

    code = "activity_not_allowed"


class ActivityWithoutDay(Malformed):
    """An activity is planned for a day, or was done on one."""

    code = "activity_without_day"

    def __init__(self) -> None:
        super().__init__("Say when it is planned (planned_on) or when it was done (done_on).", field="/planned_on")


class DoneInFuture(RuleViolated):
    """What lies ahead is planned, not done."""

    code = "done_in_future"

    def __init__(self) -> None:
        super().__init__("It cannot be done before its day has come: plan it.", field="/done_on")


class UnknownOpportunity(RuleViolated):
    """There is no such opportunity of this customer that the caller can see."""

    code = "unknown_opportunity"

    def __init__(self) -> None:
        super().__init__("There is no opportunity of this id, of this customer, that you see.", field="/opportunity_id")


class UnknownContact(RuleViolated):
    """Somebody named is no contact of the customer."""

    code = "unknown_contact"

    def __init__(self, field: str = "/contact_ids") -> None:
        super().__init__("Every contact has to be one of this customer's.", field=field)


class OwnerSeesNot(RuleViolated):
    """Whoever is to do it sees neither the customer nor, if one is named, the opportunity."""

    code = "owner_sees_not"

    def __init__(self) -> None:
        super().__init__(
            "This person does not see what it is about: assign the customer to them, or take them into a sales team.",
            field="/owner_id",
        )


class PeriodEmpty(RuleViolated):
    """The period would end before, or on the day, it begins."""

    code = "period_empty"

    def __init__(self) -> None:
        super().__init__("The end has to lie after the beginning.", field="query:until_date")


def check_period(from_date: date, until_date: date) -> None:
    """Refuse a period of no day."""
    if until_date <= from_date:
        raise PeriodEmpty


def status_on(today: date, planned_on: date | None, done_on: date | None, cancelled_on: date | None) -> ActivityStatus:
    """Return where an activity stands; on its planned day it is not overdue yet."""
    if done_on is not None:
        return ActivityStatus.DONE
    if cancelled_on is not None:
        return ActivityStatus.CANCELLED
    is_late = planned_on is not None and planned_on < today
    return ActivityStatus.OVERDUE if is_late else ActivityStatus.PLANNED


def check_days(planned_on: date | None, done_on: date | None, today: date) -> None:
    """Refuse an activity of no day, and one that was done tomorrow."""
    if planned_on is None and done_on is None:
        raise ActivityWithoutDay
    if done_on is not None and done_on > today:
        raise DoneInFuture


def check_owner(decider: Decider, owner: UUID, superiors_of_owner: Collection[UUID]) -> None:
    """Refuse an activity that is planned for somebody who is neither the decider nor below them."""
    if owner == decider.authority or decider.has_any(WRITING_ROLES) or decider.authority in superiors_of_owner:
        return
    raise ActivityNotAllowed("You can plan for yourself and for people below you only.")


def check_may_work(
    decider: Decider,
    owner: UUID,
    responsible: UUID | None,
    superiors_of_owner: Collection[UUID],
    superiors_of_responsible: Collection[UUID],
) -> None:
    """Refuse a change by somebody who neither does it nor looks after the customer, nor stands above who does."""
    if decider.authority in {owner, responsible} or decider.has_any(WRITING_ROLES):
        return
    if decider.authority in superiors_of_owner or decider.authority in superiors_of_responsible:
        return
    raise ActivityNotAllowed("It is for whoever does it, looks after the customer, or stands above them.")
