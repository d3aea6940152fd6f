"""Random traffic: every operation by every kind of person, while the organisation is made anew."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.house import House
from tests.scope.asking import Answer, Ask, Draw, Judge, Memory
from tests.scope.kinds import KINDS, UNSIGNED, actor_of
from tests.scope.operations import PUBLIC, TRIALS
from tests.scope.rule import Actor, World
from tests.scope.timeline import Timeline
from tests.system.asking import Operation, document_of, operations_in

WALKERS = 6
MOST_TOLD = 12
REQUESTS_PER_CHANGE = 12
FOLDED = 0.3
"""How often the counters are folded after a change: most reads then add up what is folded and what is not."""

REARRANGING = (
    *[("team", "create_superior_change", "admin")] * 4,
    ("team", "create_stand_in", "superior"),
    ("team", "create_stand_in_ending", "admin"),
    ("team", "create_role_change", "admin"),
    ("team", "change_business_unit", "admin"),
    ("customer", "assign_customer", "sales_operations"),
    ("customer", "assign_customer", "top"),
    *[("opportunity", "create_principal_change", "top")] * 2,
    ("opportunity", "add_sales_team_member", "superior"),
    ("opportunity", "end_sales_team_membership", "superior"),
    ("forecast", "pass_seat", "sales_operations"),
)
"""Changes by those who may, beside the traffic."""


@dataclass
class Report:
    """What was asked, and what was wrong."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    changes: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests were judged."""
        return self.asked.total()

    def told(self) -> str:
        """Return a line for people."""
        by_class = Counter[int]()
        for status, count in self.statuses.items():
            by_class[status // 100] += count
        answers = ", ".join(f"{kind}xx {count}" for kind, count in sorted(by_class.items()))
        return (
            f"{self.requests:,} requests, {self.changes:,} changes of who sees what, {answers}, {len(self.wrong)} wrong"
        )


@dataclass
class Traffic:
    """Requests from a seed, judged one by one."""

    house: House
    timeline: Timeline
    memory: Memory
    chance: random.Random
    only: frozenset[str] = frozenset(name for trials in TRIALS.values() for name in trials)
    rearranges: bool = True
    report: Report = field(default_factory=Report)
    _tokens: dict[str, str] = field(default_factory=dict)
    _scopes: dict[str, str] = field(default_factory=dict)
    _documents: dict[str, dict[str, Operation]] = field(default_factory=dict)

    async def run(self, requests: int) -> Report:
        """Send so many requests, several at a time."""
        self._documents = {service: operations_in(document_of(service)) for service in TRIALS}
        self._scopes = {name: each.scope for found in self._documents.values() for name, each in found.items()}
        deck = self._deck(requests)
        async with asyncio.TaskGroup() as walking:
            walkers = [walking.create_task(self._walk(deck)) for _ in range(WALKERS)]
            if self.rearranges:
                walking.create_task(self._rearrange(walkers))
        return self.report

    def _deck(self, requests: int) -> Iterator[tuple[str, str, str]]:
        """Yield service, operation and kind of person: all of them in a random order, then all of them again."""
        pairs = [
            (service, name, kind)
            for service in TRIALS
            for name in TRIALS[service]
            for kind in KINDS
            if name in self.only
        ]
        left = requests
        while left > 0:
            self.chance.shuffle(pairs)
            yield from pairs[:left]
            left -= len(pairs)

    async def _walk(self, deck: Iterator[tuple[str, str, str]]) -> None:
        for service, name, kind in deck:
            await self._try(service, name, kind)
            if len(self.report.wrong) >= MOST_TOLD:
                break

    async def _rearrange(self, walkers: Sequence[asyncio.Task[None]]) -> None:
        """Change who sees what, by those who may, one change for every so many requests."""
        while not all(walker.done() for walker in walkers):
            begun = self.report.requests
            service, name, kind = self.chance.choice(REARRANGING)
            await self._try(service, name, kind)
            while self.report.requests < begun + REQUESTS_PER_CHANGE and not all(each.done() for each in walkers):
                await asyncio.wait(walkers, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)

    async def _try(self, service: str, name: str, kind: str) -> None:
        self.report.asked[service, name] += 1
        actor, ask = self._drawn(service, name, kind, self.timeline.now)
        if ask.effect is None:
            await self._read(service, name, actor, ask)
        else:
            await self._change(service, name, kind)

    def _drawn(self, service: str, name: str, kind: str, world: World) -> tuple[Actor, Ask]:
        actor = actor_of(kind, world, self.chance)
        return actor, TRIALS[service][name](Draw(world, actor, self.chance, self.memory))

    async def _read(self, service: str, name: str, actor: Actor, ask: Ask) -> None:
        start = self.timeline.settled
        answer = await self._send(service, name, actor, ask)
        states, pending = list(self.timeline.since(start)), self.timeline.pending
        wrong = self._judged(name, actor, ask, answer, states)
        if wrong and pending:
            await pending.done.wait()
            wrong = self._judged(name, actor, ask, answer, self.timeline.since(start)[: len(states) + 1])
        self._note(f"{service} {name}", actor, ask, answer, wrong)

    async def _change(self, service: str, name: str, kind: str) -> None:
        async def send(before: World) -> World | None:
            actor, ask = self._drawn(service, name, kind, before)
            answer = await self._send(service, name, actor, ask)
            wrong = self._judged(name, actor, ask, answer, [before])
            self._note(f"{service} {name}", actor, ask, answer, wrong)
            if not answer.is_success or ask.effect is None:
                return None
            after = before.copy()
            await ask.effect(after, answer)
            self.report.changes += 1
            return after

        await self.timeline.change(send, self._spread)

    async def _spread(self) -> None:
        """Let every service hear what was told so far; what others tell meanwhile is heard after their changes."""
        services = [self.house.service(name) for name in self.house.apps]
        for service in services:
            await service.relay.step()
        for service in services:
            for consuming in service.consuming:
                if consuming.consumer.peer in self.house.apps:
                    await consuming.step()
        if self.chance.random() < FOLDED:
            await self.house.service("opportunity").relay.fold()

    def _judged(self, name: str, actor: Actor, ask: Ask, answer: Answer, states: Sequence[World]) -> str | None:
        """Return what is wrong; each judge finds the answer right by one state, perhaps not the same."""
        found = [[self._judge(state, name, actor, answer, judge) for state in states] for judge in ask.judges]
        return next((by_state[0] for by_state in found if None not in by_state), None)

    def _judge(self, world: World, name: str, actor: Actor, answer: Answer, judge: Judge) -> str | None:
        if name not in PUBLIC:
            if actor.kind == UNSIGNED or not world.people[actor.person].is_there:
                return None if answer.status == 401 else f"{answer.status} to somebody who cannot sign in"
            if not world.may_stand_in(actor):
                return None if answer.status == 403 else f"{answer.status} in a name that is not theirs to use"
            if not world.people[actor.person].may_call(self._scopes[name]):
                return None if answer.status == 403 else f"{answer.status} without the scope {self._scopes[name]}"
        return judge(world, actor, answer)

    def _note(self, where: str, actor: Actor, ask: Ask, answer: Answer, wrong: str | None) -> None:
        self.report.statuses[answer.status] += 1
        if wrong:
            asked = f"{ask.path} {ask.query} {ask.body}"
            self.report.wrong.append(f"{where} by {actor}: {wrong}\n  {asked}\n  {answer}"[:1500])

    async def _send(self, service: str, name: str, actor: Actor, ask: Ask) -> Answer:
        operation = self._documents[service][name]
        options: dict[str, Any] = {"params": ask.query} if ask.query else {}
        options |= {"json": ask.body} if ask.body is not None else {}
        options |= {"data": ask.form} if ask.form is not None else {}
        path = operation.path.format(**ask.path) if ask.path else operation.path
        headers = self._headers(actor)
        if operation.needs_version:
            headers["if-match"] = f'"{self.memory.versions.get(ask.version_of, 1)}"'
        told = await self.house.clients[service].request(operation.method, path, headers=headers, **options)
        version = int(told.headers.get("org-chart-version", 0))
        self.house.chart_version = max(self.house.chart_version, version)
        answer = Answer(told.status_code, told.json() if told.content else None)
        self.memory.hear(answer.content)
        return answer

    def _headers(self, actor: Actor) -> dict[str, str]:
        headers = {"org-chart-version": str(self.house.chart_version)}
        if actor.kind != UNSIGNED:
            if actor.person not in self._tokens:
                self._tokens[actor.person] = self.house.sign_in(actor.person).token or ""
            headers["authorization"] = f"Bearer {self._tokens[actor.person]}"
        if actor.behalf and actor.kind != UNSIGNED:
            headers["on-behalf-of"] = actor.behalf
        return headers
