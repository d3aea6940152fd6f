"""What a stage is compared with where somebody has said so: from when on, by whom, and what counts on a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.money import Money
from services.opportunity.definitions.rules import Definitions, carried
from services.opportunity.scopes.rules import Scope, ScopeKind

DECIDING_ROLES = frozenset({"admin", "sales_operations"})
TAKES = {
    ScopeKind.PERSON: "person_id",
    ScopeKind.SUBTREE: "person_id",
    ScopeKind.CUSTOMER: "customer_id",
    ScopeKind.PRODUCT_LINE: "product_line_id",
}
"""The id that each kind of scope is named by; everything has none."""
NAMES = ("person_id", "customer_id", "product_line_id")
LARGEST_COUNT = Decimal(10) ** 9


class Basis(StrEnum):
    """What health compares."""

    COUNT = "count"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was said of a stage from a day on, until a later one; with no `value` its history counts again.

    `value` is a number of opportunities, or an amount in `currency`. `number` counts what was said of the same scope,
    stage and basis.
    """

    id: UUID
    number: int
    scope_kind: str
    scope_id: UUID
    funnel_version: int
    stage: str
    basis: str
    value: Decimal | None
    currency: str | None
    from_date: date
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime

    @property
    def count(self) -> Decimal | None:
        """So many opportunities, if it is a count, without decimals that say nothing."""
        return None if self.value is None or self.basis != Basis.COUNT else self.value.normalize() + 0

    @property
    def money(self) -> Money | None:
        """The amount, if it is one."""
        return None if self.value is None or self.currency is None else Money(self.value, self.currency)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says: `value` opportunities, or an amount in `currency`, from a day on, and why."""

    stage: str
    basis: Basis
    value: Decimal
    currency: str | None
    from_date: date
    reason: str


class BaselineNotAllowed(NotAllowed):
    """A baseline is set by a superior of who is measured by it, or by sales operations and administrators."""

    code = "baseline_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "A baseline is set by a superior of who is measured by it, or by sales_operations or admin: ask them."
        )


class OwnBaseline(NotAllowed):
    """Nobody says what they are measured by, also not as a stand-in."""

    code = "own_baseline"

    def __init__(self) -> None:
        super().__init__(
            "Nobody says what they are measured by: a superior, or somebody else of sales_operations, does."
        )


class BaselineInPast(RuleViolated):
    """A baseline comes into force, or ends, today or later: what was told of past days stays true."""

    code = "baseline_in_past"

    def __init__(self) -> None:
        super().__init__("A baseline comes into force, or ends, today or later.", field="/from_date")


class BaselineUnclear(RuleViolated):
    """It must be clear what the baseline is about and whether it is a count or an amount."""

    code = "baseline_unclear"


class BaselineStageUnknown(RuleViolated):
    """The present funnel has no such stage."""

    code = "baseline_stage_unknown"
    members = ("stages",)

    def __init__(self, stage: str, stages: Sequence[str]) -> None:
        super().__init__(f"'{stage}' is not a stage of the present funnel: name one of `stages`.", field="/stage")
        self.stages = list(stages)


class BaselineSuperseded(Conflict):
    """Another baseline of the same scope, stage and basis was set after this one, or at the same moment."""

    code = "baseline_superseded"

    def __init__(self) -> None:
        super().__init__("Another baseline was set meanwhile: read the baselines of the scope again, then decide.")


class BaselineEnded(Conflict):
    """It has been ended already."""

    code = "baseline_ended"

    def __init__(self) -> None:
        super().__init__("This ends a baseline already; set a new one instead.")


def check_scope(scope: Scope) -> None:
    """Refuse a scope of which an id is missing, or with one that this kind of scope does not take."""
    taken = TAKES.get(scope.kind)
    for name in NAMES:
        if (getattr(scope, name) is None) == (name == taken):
            says = "needs" if name == taken else "takes no"
            raise BaselineUnclear(f"A baseline of scope {scope.kind} {says} {name}.", field=f"/{name}")


def check_value(value: Decimal, basis: Basis) -> None:
    """Refuse what no stage can hold; 0 is a value, by which health is unknown."""
    if value < 0:
        raise BaselineUnclear("A baseline is not below 0.", field=f"/{basis}")
    if basis is Basis.COUNT and (value >= LARGEST_COUNT or value != round(value, 2)):
        raise BaselineUnclear("A count is below 1,000,000,000 and has two decimals at most.", field="/count")


def check_from_date(from_date: date, today: date) -> None:
    """Refuse a past day: an answer about it that was given before would become another."""
    if from_date < today:
        raise BaselineInPast


def check_may_decide(
    deciders: Collection[UUID | None], roles: Collection[str], measured: UUID | None, superiors: Collection[UUID]
) -> None:
    """Refuse whoever may not say what a stage is compared with.

    Args:
        deciders: who acts, and whom they stand in for.
        roles: those that they may use here.
        measured: whose person, subtree or customer it is; None where it is nobody's alone.
        superiors: everybody above `measured` today.
    """
    if measured is not None and measured in deciders:
        raise OwnBaseline
    if not DECIDING_ROLES.isdisjoint(roles) or not set(superiors).isdisjoint(each for each in deciders if each):
        return
    raise BaselineNotAllowed


def scope_of(said: Baseline) -> Scope:
    """Return the scope that a baseline is kept of."""
    kind = ScopeKind(said.scope_kind)
    named = TAKES.get(kind)
    person, customer, line = (said.scope_id if named == name else None for name in NAMES)
    return Scope(kind, person, customer, line)


def told_of(said: Baseline, scope: Scope) -> Baseline:
    """Return a baseline as it is told of a scope: one of a customer that was merged is told of the survivor."""
    return replace(said, scope_id=scope.subject_id)


InForce = Mapping[str, Sequence[Baseline]]
"""What counts for each stage of the latest version of the funnel; where there are several, their sum."""


def in_force(said: Iterable[Baseline], day: date, definitions: Definitions) -> InForce:
    """Return by stage of the latest version what counts on a day: the latest from day, of one day what was said last.

    What was said of a stage of an older version is carried on to the stage that takes its place, until something is
    said of that one. A stage that takes the place of several has the sum of theirs, and none unless each has one: a
    part says nothing of the whole. Where a customer was merged, what was said of either counts alike.
    """
    latest: dict[tuple[int, str], Baseline] = {}
    for one in sorted(said, key=lambda each: (each.from_date, each.decided_at, each.number)):
        if one.from_date <= day:
            latest[one.funnel_version, one.stage] = one
    if not latest:
        return {}
    found: dict[str, Sequence[Baseline]] = {}
    for stage in definitions.latest.keys:
        parts = carried(definitions, stage, latest)
        counting = [one for one in parts if one is not None and one.value is not None]
        if len(counting) == len(parts):
            found[stage] = counting
    return found
