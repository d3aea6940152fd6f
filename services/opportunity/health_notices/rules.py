"""When is the health of a stage worth a word to the owner and the superior? When it turns bad, and once each time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.opportunity.funnel.rules.health import Health, HealthState, Trend, trend
from services.opportunity.scopes.rules import ScopeKind

Occupancy = Mapping[UUID, Sequence[int]]
"""How many stand in each stage, in the order of the funnel, by person."""


class Condition(StrEnum):
    """What is to be said of a stage, from nothing to the worst."""

    FINE = "fine"
    FALLING = "falling"
    WARNING = "warning"


_WORSE = {Condition.FINE: 0, Condition.FALLING: 1, Condition.WARNING: 2}


@dataclass(frozen=True, slots=True)
class State:
    """What the last look has found of a stage."""

    state: str
    condition: Condition


UNSEEN = State(HealthState.UNKNOWN.value, Condition.FINE)


@dataclass(frozen=True, slots=True)
class Judged:
    """How healthy a stage of a person's funnel is today (`scope_kind` subtree: with everybody below them)."""

    scope_kind: ScopeKind
    person_id: UUID
    superior_id: UUID | None
    stage: str
    state: HealthState
    condition: Condition
    percent: Decimal | None
    percent_before: Decimal | None
    """At the same relative day of the quarter before."""


def condition_of(now: Health, before: Health) -> Condition:
    """Say whether a stage is below 70 %, or good and less healthy than at the same relative day a quarter before."""
    if now.state is HealthState.WARNING:
        return Condition.WARNING
    is_falling = now.state is HealthState.GOOD and trend(now, before) is Trend.FALLING
    return Condition.FALLING if is_falling else Condition.FINE


def is_worth_telling(before: Condition, now: Condition) -> bool:
    """Whether a stage has turned worse; one that stays, or recovers from a warning to falling, is not told again."""
    return _WORSE[now] > _WORSE[before]


def last_told(states: Sequence[State | None]) -> State:
    """Return what was found last of a stage, of one that takes the place of several the worst of theirs.

    So a new version of the funnel alone tells nobody again of what they were told.
    """
    return max((state or UNSEEN for state in states), key=lambda state: _WORSE[state.condition], default=UNSEEN)


def with_everybody_below(own: Occupancy, superiors: Mapping[UUID, UUID]) -> dict[UUID, list[int]]:
    """Add up what stands with each person and everybody below them; `superiors` has no circle."""
    totals = {person: list(counts) for person, counts in own.items()}
    for person in _from_below(set(own) | set(superiors) | set(superiors.values()), superiors):
        counts, superior = totals.get(person), superiors.get(person)
        if counts is None or superior is None:
            continue
        above = totals.get(superior)
        totals[superior] = list(counts) if above is None else [a + b for a, b in zip(above, counts, strict=True)]
    return totals


def _from_below(people: Iterable[UUID], superiors: Mapping[UUID, UUID]) -> list[UUID]:
    """Return people so that everybody comes before their superior."""
    depths: dict[UUID, int] = {}
    for person in people:
        way = []
        at: UUID | None = person
        while at is not None and at not in depths:
            way.append(at)
            at = superiors.get(at)
        depth = depths[at] if at is not None else -1
        for each in reversed(way):
            depth += 1
            depths[each] = depth
    return sorted(depths, key=lambda person: -depths[person])
