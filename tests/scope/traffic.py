"""Random traffic: every operation by every kind of person, while the organisation is made anew."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orgchart.following import chart_of
from servicekit.events.consumers import Consuming
from servicekit.peers.client import PeerRefused
from servicekit.values.errors import PeerUnavailable
from tests.house import House
from tests.scope.asking import ID, Answer, Ask, Draw, Judge, Memory
from tests.scope.kinds import KINDS, UNSIGNED, actor_of
from tests.scope.leaks import leaked
from tests.scope.operations import EVERYWHERE, PUBLIC, TRIALS
from tests.scope.rule import Actor, World
from tests.scope.sending import answer_of, send
from tests.scope.timeline import Timeline
from tests.scope.trials.jobs import ran
from tests.system.asking import Operation, document_of, operations_in

WALKERS = 6
MOST_TOLD = 12
MOST_TRIES = 3
REQUESTS_PER_CHANGE = 12
ACCEPTED = 202
ENDED = ("succeeded", "failed")
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
    """By operation and kind of person."""
    statuses: Counter[int] = field(default_factory=Counter)
    changes: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    """Jobs that have run, by how they ended."""
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
        operations = len({operation for operation, _ in self.asked})
        ended = ", ".join(f"{count} jobs {state}" for state, count in sorted(self.jobs.items()))
        return (
            f"{self.requests:,} requests, {operations} operations, {len(self.asked):,} of them × kinds of people, "
            f"{self.changes:,} changes of who sees what, {answers}, {ended or 'no jobs'}, {len(self.wrong)} wrong"
        )


@dataclass(frozen=True)
class Asked:
    """Who asks what of which operation."""

    name: str
    actor: Actor
    ask: Ask


@dataclass
class Traffic:
    """Requests from a seed, judged one by one."""

    house: House
    timeline: Timeline
    memory: Memory
    chance: random.Random
    only: frozenset[str] = frozenset(name for trials in TRIALS.values() for name in trials)
    kinds: Sequence[str] = KINDS
    everywhere: bool = False
    """Try what every service has with every kind of person in every service, not in one of them in turn."""
    rearranges: bool = True
    most_told: int = MOST_TOLD
    """After so many wrong answers it ends."""
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
            walking.create_task(self._rearrange(walkers))
        return self.report

    def _deck(self, requests: int) -> Iterator[tuple[str, str, str]]:
        """Yield service, operation and kind of person: pairs in a random order, all of them before any comes again.

        Where there is no time for all pairs every operation is reached nevertheless, by somebody.
        """
        pairs = list(self.pairs())
        left = requests
        while left > 0:
            self.chance.shuffle(pairs)
            reaching = {pair[:2]: pair for pair in pairs}  # one pair for each operation
            dealt = list(dict.fromkeys([*reaching.values(), *pairs]))[:left]
            self.chance.shuffle(dealt)
            yield from dealt
            left -= len(dealt)

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        """Yield each service, operation and kind of person there is to try."""
        for turn, service in enumerate(TRIALS):
            for place, name in enumerate(TRIALS[service]):
                for number, kind in enumerate(self.kinds):
                    is_its_turn = (place + number) % len(TRIALS) == turn
                    if name in self.only and (self.everywhere or place >= EVERYWHERE or is_its_turn):
                        yield service, name, kind

    async def _walk(self, deck: Iterator[tuple[str, str, str]]) -> None:
        for service, name, kind in deck:
            await self._try(service, name, kind)
            if len(self.report.wrong) >= self.most_told:
                break

    async def _rearrange(self, walkers: Sequence[asyncio.Task[None]]) -> None:
        """Change who sees what, by those who may, and do a job that waits, once for every so many requests."""
        while not all(walker.done() for walker in walkers):
            begun = self.report.requests
            if self.rearranges:
                await self._try(*self.chance.choice(REARRANGING))
            await self._work()
            while self.report.requests < begun + REQUESTS_PER_CHANGE and not all(each.done() for each in walkers):
                await asyncio.wait(walkers, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)

    async def _try(self, service: str, name: str, kind: str) -> None:
        self.report.asked[name, kind] += 1
        actor, ask = self._drawn(service, name, kind, self.timeline.now)
        if ask.effect is None:
            await self._read(service, name, actor, ask)
        else:
            await self._change(service, name, kind)

    def _drawn(self, service: str, name: str, kind: str, world: World) -> tuple[Actor, Ask]:
        actor = actor_of(kind, world, self.chance, self._scopes[name])
        return actor, TRIALS[service][name](Draw(world, actor, self.chance, self.memory))

    async def _read(self, service: str, name: str, actor: Actor, ask: Ask) -> None:
        start = self.timeline.settled
        answer = await self._send(service, name, actor, ask)
        states, pending = list(self.timeline.since(start)), self.timeline.pending
        asked = Asked(name, actor, ask)
        wrong = self._judged(asked, answer, states)
        if wrong and pending:
            await pending.done.wait()
            wrong = self._judged(asked, answer, self.timeline.since(start)[: len(states) + 1])
        self._note(f"{service} {name}", actor, ask, answer, wrong)

    async def _change(self, service: str, name: str, kind: str) -> None:
        is_local = False

        async def send(before: World) -> World | None:
            nonlocal is_local
            actor, ask = self._drawn(service, name, kind, before)
            is_local = ask.is_local
            answer = await self._send(service, name, actor, ask)
            wrong = self._judged(Asked(name, actor, ask), answer, [before])
            self._note(f"{service} {name}", actor, ask, answer, wrong)
            if not answer.is_success or ask.effect is None:
                return None
            after = before.copy()
            await ask.effect(after, answer)
            if ask.task is not None and answer.status == ACCEPTED:
                self.memory.tasks[answer.content["id"]] = ask.task
            self.report.changes += 1
            return after

        async def settle() -> None:
            if not is_local:
                await self._spread()

        await self.timeline.change(send, settle)

    async def _work(self) -> None:
        """Let a service do a job that waits, and judge it by the rights of that moment."""
        services = sorted({known.service for known in self.timeline.now.jobs.values() if known.state == "queued"})
        if services:
            service = self.chance.choice(services)
            concerns_others = False

            async def send(before: World) -> World | None:
                nonlocal concerns_others
                after = await self._worked(service, before)
                concerns_others = after is not None and any(
                    self.memory.tasks[job].effect for job, known in after.jobs.items() if known is not before.jobs[job]
                )
                return after

            async def settle() -> None:
                if concerns_others:
                    await self._spread()

            await self.timeline.change(send, settle)

    async def _worked(self, service: str, before: World) -> World | None:
        await chart_of(self.house.service(service)).refresh()  # as every second in production
        await self.house.service(service).jobs.step()
        told = (await self._oversee(f"/v1/{service}/jobs?limit=500")).content
        assert told["next"] is None, "more than a page: the world has grown too large to be judged"
        waiting = {job for job, known in before.jobs.items() if known.state == "queued"}
        ended = [each for each in told["items"] if each["id"] in waiting and each["state"] in ENDED]
        if not ended:
            return None
        (made,) = ended
        job, outcome = made["id"], await self._outcome(made)
        task = self.memory.tasks[job]
        wrong, after = ran(before, job, task, outcome)
        self._note(f"{service} {task.operation} as a job", before.jobs[job].asker, Ask(task.judge), outcome, wrong)
        self.report.jobs[after.jobs[job].state] += 1
        if outcome.is_success and task.effect is not None:
            await task.effect(after, outcome)
        return after

    async def _outcome(self, job: dict[str, Any]) -> Answer:
        """Return the answer that a job's request would have got, had it been answered at once."""
        if job["state"] == "failed":
            return Answer(job["problem"]["status"], job["problem"])
        made = await self._oversee(job["result"]["path"])
        if job["kind"] != "import":
            return made
        return Answer(made.status, {"items": [json.loads(line) for line in made.content.splitlines()]})

    async def _oversee(self, path: str) -> Answer:
        """Return what an administrator who is still there is told, who sees every job."""
        people = self.timeline.now.people
        overseer = next(each for each, known in people.items() if known.is_there and "admin" in known.roles)
        told = await self.house.sign_in(overseer).get(path)
        return answer_of(told.status_code, told.headers, told.content)

    async def _spread(self) -> None:
        """Let every service hear what was told so far; what others tell meanwhile is heard after their changes."""
        services = [self.house.service(name) for name in self.house.apps]
        for service in services:
            await service.relay.step()
        for service in services:
            for consuming in service.consuming:
                if consuming.consumer.peer in self.house.apps:
                    await _heard(consuming)
        if self.chance.random() < FOLDED:
            await self.house.service("opportunity").relay.fold()

    def _judged(self, asked: Asked, answer: Answer, states: Sequence[World]) -> str | None:
        """Return what is wrong; each judge finds the answer right by one state, perhaps not the same."""
        found = [[self._judge(state, asked, answer, judge) for state in states] for judge in asked.ask.judges]
        return next((by_state[0] for by_state in found if None not in by_state), None)

    def _judge(self, world: World, asked: Asked, answer: Answer, judge: Judge) -> str | None:
        name, actor = asked.name, asked.actor
        if name not in PUBLIC:
            if actor.kind == UNSIGNED or not world.people[actor.person].is_there:
                return None if answer.status == 401 else f"{answer.status} to somebody who cannot sign in"
            if not world.may_stand_in(actor):
                return None if answer.status == 403 else f"{answer.status} in a name that is not theirs to use"
            if not world.people[actor.person].may_call(self._scopes[name]):
                return None if answer.status == 403 else f"{answer.status} without the scope {self._scopes[name]}"
        return judge(world, actor, answer) or leaked(world, name, actor, asked.ask, answer)

    def _note(self, where: str, actor: Actor, ask: Ask, answer: Answer, wrong: str | None) -> None:
        self.report.statuses[answer.status] += 1
        if wrong:
            asked = f"{ask.path} {ask.query} {ask.body}"
            facts = "\n  ".join(self._facts(f"{asked} {wrong}"))
            self.report.wrong.append(f"{where} by {actor}: {wrong}\n  {asked}\n  {facts}\n  {answer}"[:4000])

    def _facts(self, text: str) -> Iterator[str]:
        """Tell what the world holds of the things that a wrong answer is about."""
        world = self.timeline.now
        yield f"{self.timeline.settled + 1} of {len(self.timeline.states)} states are settled"
        named = set(ID.findall(text))
        companies = named | {world.contacts[each] for each in named & world.contacts.keys()}
        told = (
            "customers",
            "opportunities",
            "contacts",
            "activities",
            "intakes",
            "seats",
            "jobs",
            "webhooks",
            "stand_ins",
        )
        for name in told:
            yield from (f"{each}: {known}" for each, known in getattr(world, name).items() if each in companies)
        yield from (
            f"{each}: {known}" for each, known in world.opportunities.items() if known.customer in companies - {None}
        )

    async def _send(self, service: str, name: str, actor: Actor, ask: Ask) -> Answer:
        operation = self._documents[service][name]
        options: dict[str, Any] = {"params": ask.query} if ask.query else {}
        options |= {"json": ask.body} if ask.body is not None else {}
        options |= {"data": ask.form} if ask.form is not None else {}
        path = operation.path.format(**ask.path) if ask.path else operation.path
        headers = self._headers(actor) | dict(ask.headers)
        if operation.needs_version:
            headers["if-match"] = f'"{self.memory.versions.get(ask.version_of, 1)}"'
        app = self.house.apps[service]
        answer, version = await send(app, operation.method, path, headers, **options)
        self.house.chart_version = max(self.house.chart_version, version)
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


async def _heard(consuming: Consuming) -> None:
    """Let a service hear of the others; on a machine that is busy it may take another try, as in production."""
    for tries in range(1, MOST_TRIES + 1):
        try:
            await consuming.step()
        except (PeerRefused, PeerUnavailable):
            if tries == MOST_TRIES:
                raise
        else:
            return
