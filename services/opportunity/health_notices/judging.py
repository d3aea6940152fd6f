"""Looks at everybody's funnel once a business day, beside the requests, and tells what has turned bad.

One process looks at a time; if it dies, another goes on where it stopped: what it found, what it told and how far it
came are written together, some people at a time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import Questions, Writing, reading, writing
from servicekit.values.dates import business_date, quarter_of
from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from servicekit.web.service import Service
from services.opportunity import events
from services.opportunity.baselines import store as baselines
from services.opportunity.baselines.rules import Baseline, Basis, InForce, in_force
from services.opportunity.calibration.rules.places import places_of
from services.opportunity.definitions.rules import Definitions, carried
from services.opportunity.definitions.store import up_to_date
from services.opportunity.funnel.rules.health import NO_HEALTH, Compared, Health, days_compared, days_read, health
from services.opportunity.funnel.store import days as past_days
from services.opportunity.funnel.store.past import first_recorded
from services.opportunity.health_notices import store
from services.opportunity.health_notices.rules import (
    Judged,
    Occupancy,
    State,
    condition_of,
    is_worth_telling,
    last_told,
    with_everybody_below,
)
from services.opportunity.scopes.rules import ScopeKind

EVERY_SECONDS = 60.0
PEOPLE_AT_ONCE = 500
HELD = timedelta(minutes=3)
"""For so long at a time one process looks alone; every chunk takes it anew."""


async def tell_of_health(service: Service) -> None:
    """Look at everybody on each new business day, until cancelled."""
    while True:
        try:
            await look(service)
        except (KeyaccountError, PostgresError, OSError) as error:
            structlog.get_logger().warning("health_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def look(service: Service) -> int:
    """Look at everybody, if that was not done today and nobody does it; return of how many stages something is told."""
    today, holder = service.today(), new_id()
    run = await _held(service, today, holder)
    if run is None or run.is_done:
        return 0
    async with reading(service.database) as questions:
        definitions = await up_to_date(questions)
        judged = await _judged(service, questions, today, definitions)
    told = 0
    left = [one for one in judged if run.after is None or one.person_id > run.after]
    people = [list(each) for _, each in groupby(left, key=lambda one: one.person_id)]
    after = run.after
    for start in range(0, max(len(people), 1), PEOPLE_AT_ONCE):
        chunk = [one for each in people[start : start + PEOPLE_AT_ONCE] for one in each]
        is_done = start + PEOPLE_AT_ONCE >= len(people)
        written = await _write(service, chunk, _Turn(today, holder, after, is_done, definitions))
        if written is None:
            return told
        told += written
        after = chunk[-1].person_id if chunk else after
    return told


async def _held(service: Service, today: date, holder: UUID) -> store.Run | None:
    async with writing(service.database) as tx:
        return await store.hold(tx, today, holder, tx.now + HELD)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one transaction of a look writes on behalf of: the day, who holds it, after whom, and whether it ends.

    Stages are those of the latest of `definitions`.
    """

    day: date
    holder: UUID
    after: UUID | None
    is_last: bool
    definitions: Definitions


async def _write(service: Service, chunk: Sequence[Judged], turn: _Turn) -> int | None:
    """Keep what was found of some people and tell what has turned bad; None where another process has taken over."""
    async with writing(service.database) as tx:
        if await store.hold(tx, turn.day, turn.holder, tx.now + HELD) != store.Run(turn.after, is_done=False):
            return None
        known = await store.states_of(tx, {one.person_id for one in chunk})
        found, told = [], []
        for one in chunk:
            states = known.get((one.scope_kind.value, one.person_id), {})
            before = last_told(carried(turn.definitions, one.stage, states))
            if (before.state, before.condition) == (one.state, one.condition):
                continue
            found.append(_state_row(one, turn))
            if is_worth_telling(before.condition, one.condition):
                told.append(_tell(tx, one, before, turn.day))
        await store.keep(tx, found, told)
        last = chunk[-1].person_id if chunk else turn.after
        await store.go_on(tx, turn.day, turn.holder, last, is_done=turn.is_last)
    if told:
        service.relay.published.set()
    return len(told)


def _state_row(one: Judged, turn: _Turn) -> dict[str, object]:
    whose = {"scope_kind": one.scope_kind.value, "person_id": one.person_id}
    stage = {"funnel_version": turn.definitions.latest.version, "stage": one.stage}
    return {**whose, **stage, "state": one.state.value, "condition": one.condition.value, "since": turn.day}


def _tell(tx: Writing, one: Judged, before: State, today: date) -> dict[str, object]:
    """Publish that a stage has turned bad, and return the notice to keep."""
    notice: dict[str, object] = {
        "id": new_id(),
        "day": today,
        "scope_kind": one.scope_kind.value,
        "person_id": one.person_id,
        "superior_id": one.superior_id,
        "stage": one.stage,
        "kind": one.condition.value,
        "state": one.state.value,
        "state_before": before.state,
        "health": one.percent,
        "health_before": one.percent_before,
        "at": tx.now,
    }
    events.publish_health(tx, one.person_id, notice)
    return notice


@dataclass(frozen=True, slots=True)
class _Day:
    """How many stood in each stage on a day: with each person alone, and with everybody below them."""

    own: Occupancy
    whole: Occupancy
    nothing: Sequence[int]

    def counts(self, kind: ScopeKind, person_id: UUID) -> Sequence[int]:
        return (self.own if kind is ScopeKind.PERSON else self.whole).get(person_id, self.nothing)


async def _judged(service: Service, tx: Questions, today: date, definitions: Definitions) -> list[Judged]:
    """Return how healthy each stage is of everybody who has, or had, opportunities, by person."""
    first = await first_recorded(tx)
    compared = days_compared(today, business_date(first, service.settings.time_zone) if first else None)
    stages = definitions.latest.keys
    days = {day: await _day(tx, day, definitions) for day in days_read(compared)}
    people = await store.people_now(tx)
    superiors = set(people.values())
    said: dict[tuple[str, UUID], list[Baseline]] = {}
    for one in await baselines.of_people(tx, (ScopeKind.PERSON, ScopeKind.SUBTREE), Basis.COUNT, today):
        said.setdefault((one.scope_kind, one.scope_id), []).append(one)
    known = {person for day in days.values() for person in day.whole}
    found: list[Judged] = []
    for number, person_id in enumerate(sorted(known & people.keys()), start=1):
        kinds = [ScopeKind.PERSON, ScopeKind.SUBTREE] if person_id in superiors else [ScopeKind.PERSON]
        for kind in kinds:
            ruled = said.get((kind.value, person_id), [])
            measured = [(each, in_force(ruled, each.day, definitions) if each else {}) for each in compared]
            found += _judge(kind, person_id, people[person_id], stages=stages, days=days, measured=measured)
        if number % PEOPLE_AT_ONCE == 0:
            await asyncio.sleep(0)
    return found


def _judge(
    kind: ScopeKind,
    person_id: UUID,
    superior_id: UUID | None,
    *,
    stages: Sequence[str],
    days: Mapping[date, _Day],
    measured: Sequence[tuple[Compared | None, InForce]],
) -> list[Judged]:
    now, before = [
        _healths(kind, person_id, stages=stages, days=days, compared=compared, said=said) for compared, said in measured
    ]
    return [
        Judged(
            kind,
            person_id,
            superior_id,
            stage,
            now[place].state,
            condition_of(now[place], before[place]),
            now[place].percent,
            before[place].percent,
        )
        for place, stage in enumerate(stages)
    ]


def _healths(
    kind: ScopeKind,
    person_id: UUID,
    *,
    stages: Sequence[str],
    days: Mapping[date, _Day],
    compared: Compared | None,
    said: InForce,
) -> list[Health]:
    if compared is None:
        return [NO_HEALTH] * len(stages)
    current = days[compared.day].counts(kind, person_id)
    earlier = [days[one.day].counts(kind, person_id) for one in compared.before]
    found = []
    for place, stage in enumerate(stages):
        expected = [sum((one.value or Decimal(0) for one in said[stage]), Decimal(0))] if stage in said else None
        found.append(health(current[place], expected or [each[place] for each in earlier]))
    return found


async def _day(tx: Questions, day: date, definitions: Definitions) -> _Day:
    """Return how many stood in each stage at the end of a day; in the last, those won in its quarter until then."""
    places = {(place.version, place.stage): place.order - 1 for place in places_of(definitions)}
    quarter, close = quarter_of(day).start, len(definitions.latest.stages) - 1
    nothing = [0] * (close + 1)
    own: dict[UUID, list[int]] = {}
    for person_id, version, stood_in, decided, count in await past_days.counts_of_everybody(tx, day):
        place = close if stood_in == "won" and decided == quarter else places.get((version, stood_in))
        if place is not None:
            own.setdefault(person_id, [*nothing])[place] += count
    await asyncio.sleep(0)
    return _Day(own, with_everybody_below(own, await store.superiors_on(tx, day)), nothing)
