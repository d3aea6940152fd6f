"""What a forecast cycle is: a period, what counts in it, and by when each level submits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar
from uuid import UUID

from servicekit.values.dates import Period, month_of, quarter_of
from servicekit.values.errors import Conflict, RuleViolated
from servicekit.values.money import scale_of


class PeriodKind(StrEnum):
    """How long the period of a cycle is."""

    MONTH = "month"
    QUARTER = "quarter"


class AmountBasis(StrEnum):
    """Whether a confirmed amount counts in full or times the opportunity's probability."""

    FULL = "full"
    WEIGHTED = "weighted"


class Granularity(StrEnum):
    """What a line of the forecast is about, by month and place: a product, or a whole product line."""

    PRODUCT = "product"
    PRODUCT_LINE = "product_line"


class PlanPeriod(StrEnum):
    """How finely the plan tells when something is needed: by months, or by the weeks of each month."""

    MONTH = "month"
    WEEK = "week"


class Category(StrEnum):
    """How sure a sale is; `omitted` was looked at and counts nowhere, `closed` is won."""

    CLOSED = "closed"
    COMMIT = "commit"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"
    OMITTED = "omitted"


COUNTED = (Category.CLOSED, Category.COMMIT, Category.BEST_CASE, Category.PIPELINE)
"""The categories that have a total, in the order in which they are shown."""

DEFAULT_PLAN = (Category.CLOSED, Category.COMMIT)
"""The figure that counts and becomes the plan, unless the cycle says otherwise (SPEC 4.2)."""

DEFAULT_BEFORE, DEFAULT_AFTER = (2, 1), (0, 2, 5)
"""How many days before and after its deadline a level is reminded, unless the cycle says otherwise."""


class CycleState(StrEnum):
    """A cycle is defined as a draft; when it opens, seats and rates are frozen."""

    DRAFT = "draft"
    OPEN = "open"


class PeriodStartWrong(RuleViolated):
    """The period does not begin where a month or quarter begins; `expected_start` says where it would."""

    code = "period_start_wrong"
    members: ClassVar[tuple[str, ...]] = ("expected_start",)

    def __init__(self, kind: PeriodKind, start: date, expected: date) -> None:
        super().__init__(
            f"{start} is not the first day of a {kind}; the {kind} it lies in begins on {expected}.",
            field="/period/start",
        )
        self.expected_start = expected


class DeadlinesOutOfOrder(RuleViolated):
    """A level would have to submit after the level above it, or has two deadlines."""

    code = "deadlines_out_of_order"


class PlanCategoriesWrong(RuleViolated):
    """The plan figure must hold `closed` and no category that is in no total."""

    code = "plan_categories_wrong"


class ConfirmableStageUnknown(RuleViolated):
    """No published version of the funnel has a stage of that key; `stages` are those that there are."""

    code = "confirmable_stage_unknown"
    members: ClassVar[tuple[str, ...]] = ("stages",)

    def __init__(self, key: str, place: int, stages: Sequence[str]) -> None:
        super().__init__(
            f"No version of the funnel has a stage '{key}': name some of {', '.join(stages)}.",
            field=f"/confirmable_stages/{place}",
        )
        self.stages = list(stages)


class CycleNotOpen(Conflict):
    """Nothing can be confirmed, gathered or published before the cycle is opened."""

    code = "cycle_not_open"


class CycleOpenAlready(Conflict):
    """Seats and rates are frozen: what the cycle is about cannot be changed any more."""

    code = "cycle_open_already"


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when the records of a level are to be submitted; level 1 is lowest."""

    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Cycle:
    """A forecast cycle; `confirmable_stages` empty takes every stage, `head_ids` empty takes everybody."""

    id: UUID
    name: str
    period_kind: str
    period_start: date
    period_end: date
    currency: str
    amount_basis: str
    granularity: str
    confirmable_stages: list[str]
    plan_categories: list[str]
    head_ids: list[UUID]
    deadlines: list[dict[str, Any]]
    remind_before_days: list[int]
    remind_after_days: list[int]
    state: str
    opened_at: datetime | None
    rates_on: date | None
    created_at: datetime
    version: int
    plan_period: str = PlanPeriod.MONTH

    @property
    def is_by_week(self) -> bool:
        """Whether figures are told apart by the weeks of a month."""
        return self.plan_period == PlanPeriod.WEEK

    @property
    def period(self) -> Period:
        """The days it is about."""
        return Period(self.period_start, self.period_end)

    @property
    def plan(self) -> tuple[Category, ...]:
        """The categories of the figure that counts."""
        return tuple(Category(category) for category in self.plan_categories)

    @property
    def scale(self) -> int:
        """The decimals of its currency."""
        return scale_of(self.currency)

    @property
    def levels_due(self) -> list[Deadline]:
        """By when each level is to submit that has a deadline."""
        return [Deadline(each["level"], datetime.fromisoformat(each["at"])) for each in self.deadlines]

    def due_at(self, level: int) -> datetime | None:
        """Return by when a level is to submit."""
        return deadline_of(self.levels_due, level)

    def late_levels(self, now: datetime) -> list[int]:
        """Return the levels whose deadline has passed."""
        return [deadline.level for deadline in self.levels_due if is_late(deadline.at, None, now)]


def period_of(kind: PeriodKind, start: date) -> Period:
    """Return the month or quarter that begins on a day.

    Raises:
        PeriodStartWrong: none begins on that day.
    """
    period = month_of(start) if kind is PeriodKind.MONTH else quarter_of(start)
    if period.start != start:
        raise PeriodStartWrong(kind, start, period.start)
    return period


def check_deadlines(deadlines: Sequence[Deadline]) -> None:
    """Refuse two deadlines for one level, and a level that is due after the one above it."""
    ordered = sorted(deadlines, key=lambda deadline: deadline.level)
    for lower, upper in pairwise(ordered):
        if lower.level == upper.level:
            raise DeadlinesOutOfOrder(f"Level {lower.level} has two deadlines.", field="/deadlines")
        if lower.at > upper.at:
            raise DeadlinesOutOfOrder(
                f"Level {lower.level} is due after level {upper.level}, which gathers it.", field="/deadlines"
            )


def check_plan_categories(categories: Collection[Category]) -> None:
    """Refuse a plan figure without what is won, or with what is in no total."""
    if Category.CLOSED not in categories or Category.OMITTED in categories:
        raise PlanCategoriesWrong(
            "The plan figure holds `closed` and any of `commit`, `best_case`, `pipeline`.", field="/plan_categories"
        )


def deadline_of(deadlines: Collection[Deadline], level: int) -> datetime | None:
    """Return by when a level is to submit, or None where none is set."""
    return next((deadline.at for deadline in deadlines if deadline.level == level), None)


def is_late(due_at: datetime | None, submitted_at: datetime | None, now: datetime) -> bool:
    """Tell whether a record came, or still is missing, after its deadline."""
    return due_at is not None and (submitted_at or now) > due_at


def check_open(state: CycleState) -> None:
    """Refuse what needs frozen seats and rates before there are any."""
    if state is not CycleState.OPEN:
        raise CycleNotOpen("This forecast cycle is not open yet: open it with POST …/openings.")


def check_draft(state: CycleState) -> None:
    """Refuse to change or open a cycle that is open."""
    if state is not CycleState.DRAFT:
        raise CycleOpenAlready("This forecast cycle is open: its seats and rates are frozen.")


def check_confirmable_stages(wanted: Sequence[str], published: Sequence[str]) -> None:
    """Refuse a stage that no published version of the funnel has.

    Versions run beside each other: a cycle may name stages of several, and each opportunity is judged by the key that
    its stage has in its own version.
    """
    for place, key in enumerate(wanted):
        if key not in published:
            raise ConfirmableStageUnknown(key, place, published)
