"""When a customer counts as neglected, and what follows on which day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import NotAllowed, RuleViolated

DECIDING_ROLES = frozenset({"admin", "sales_operations"})


class ReclaimWhy(StrEnum):
    """Why a customer counts as neglected."""

    NEVER_WON = "never_won"
    CONTRACT_ENDED = "contract_ended"


class NoticeState(StrEnum):
    """What became of a notice."""

    ANNOUNCED = "announced"
    WITHDRAWN = "withdrawn"
    RECLAIMED = "reclaimed"


class Step(StrEnum):
    """What is to be done about a customer today."""

    NOTHING = "nothing"
    ANNOUNCE = "announce"
    WITHDRAW = "withdraw"
    RECLAIM = "reclaim"


class ReclaimRulesNotAllowed(NotAllowed):
    """How long a customer may be neglected is decided by sales operations and administrators."""

    code = "reclaim_rules_not_allowed"

    def __init__(self) -> None:
        super().__init__("How long a customer may be neglected is decided by sales_operations and admin.")


class NoticeTooLong(RuleViolated):
    """A notice is given within the time after which it is about."""

    code = "notice_too_long"

    def __init__(self) -> None:
        super().__init__("The notice has to be shorter than the days that it announces.", field="/notice_days")


class ReclaimRulesInPast(RuleViolated):
    """Rules come into force today or later."""

    code = "reclaim_rules_in_past"

    def __init__(self) -> None:
        super().__init__("Rules come into force today or later.", field="/from_date")


@dataclass(frozen=True, slots=True)
class ReclaimRules:
    """After how many days of neglect a customer is reclaimed, and how many days before that is announced."""

    number: int
    is_on: bool
    never_won_days: int
    after_contract_days: int
    notice_days: int


DEFAULT = ReclaimRules(0, is_on=True, never_won_days=180, after_contract_days=365, notice_days=14)
"""In force until others are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer that somebody looks after.

    `last_day` is when something last happened: an activity was done, an opportunity opened, it was assigned or made.
    `contract_end` is the last end of what was won (the day it was won where no end is known), None if nothing was.
    """

    id: UUID
    version: int
    account_manager_id: UUID
    last_day: date
    contract_end: date | None


@dataclass(frozen=True, slots=True)
class Notice:
    """An open notice: whom it was given to, and when the customer is reclaimed."""

    id: UUID
    customer_id: UUID
    account_manager_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True)
class Due:
    """Why and from which day on a customer is reclaimed if nothing happens."""

    why: ReclaimWhy
    last_day: date
    on: date


def due_of(facts: Facts, rules: ReclaimRules) -> Due:
    """Return when a customer is to be reclaimed; whatever happens after a contract's end begins the days anew."""
    if facts.contract_end is None:
        after = timedelta(days=rules.never_won_days)
        return Due(ReclaimWhy.NEVER_WON, facts.last_day, facts.last_day + after)
    last_day = max(facts.last_day, facts.contract_end)
    return Due(ReclaimWhy.CONTRACT_ENDED, last_day, last_day + timedelta(days=rules.after_contract_days))


def step_of(facts: Facts, notice: Notice | None, rules: ReclaimRules, today: date) -> Step:
    """Return what is to be done today about a customer, and the open notice about it if there is one.

    A notice falls away when something has happened, the customer is somebody else's, or the rules allow longer.
    """
    due = due_of(facts, rules)
    if notice is None:
        is_near = rules.is_on and today >= due.on - timedelta(days=rules.notice_days)
        return Step.ANNOUNCE if is_near else Step.NOTHING
    if not rules.is_on or notice.account_manager_id != facts.account_manager_id or due.on > notice.due_on:
        return Step.WITHDRAW
    return Step.RECLAIM if today >= notice.due_on else Step.NOTHING


def announced_for(due: Due, rules: ReclaimRules, today: date) -> date:
    """Return the day that a notice of today names: never sooner than the notice is long."""
    return max(due.on, today + timedelta(days=rules.notice_days))


def reason_of(due: Due) -> str:
    """Return what the customer's history says of why it was reclaimed."""
    if due.why is ReclaimWhy.NEVER_WON:
        return f"reclaimed: never won, and nothing has happened since {due.last_day.isoformat()}"
    return f"reclaimed: the last contract has ended, and nothing has happened since {due.last_day.isoformat()}"


def check_may_decide(roles: Collection[str]) -> None:
    """Refuse whoever does not decide on how long a customer may be neglected."""
    if DECIDING_ROLES.isdisjoint(roles):
        raise ReclaimRulesNotAllowed


def check_reclaim_rules(rules: ReclaimRules, from_date: date, today: date) -> None:
    """Refuse rules of yesterday, and such as announce before there is anything to announce."""
    if from_date < today:
        raise ReclaimRulesInPast
    if rules.notice_days >= min(rules.never_won_days, rules.after_contract_days):
        raise NoticeTooLong
