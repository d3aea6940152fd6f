"""Sends generated requests one after the other and judges each: its answer, and what it has written."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any

import httpx
from schemathesis.generation import GenerationMode

from tests.bad_input.cast import Cast
from tests.bad_input.conforming import Answer, Conforming
from tests.bad_input.generating import Generator
from tests.bad_input.knowing import Known
from tests.bad_input.mixing import KEYED, among_known, crossed, plausible
from tests.bad_input.requests import Operation, Request
from tests.bad_input.rows import Rows, Written, faults_of_change, unwanted_of_reading, unwanted_of_refusal
from tests.bad_input.serving import Served
from tests.bad_input.spoiling import spoilt
from tests.house import House
from tests.make import word

SETTLED_EVERY = 40
FRESH_VERSION = 0.7
REPLAYED = 0.3
MOST_STEPS = 5
ACCEPTED = 202
MADE_AGAIN = ("/batches", "/matches", "/previews", "/assignments/evaluations")
"""The answer to a batch is not kept but made again from its chunks, each with a key of its own; the rest only ask."""

NOT_HTTP = b"Invalid HTTP request received."
LONGEST_URL = 65_536
"""httpx sends no longer ones."""


@dataclass(frozen=True)
class Plan:
    """How many requests of each kind an operation gets; what is crossed is a boundary, without boundaries forbidden."""

    boundaries: int
    allowed: int
    forbidden: int
    crossed: int
    spoilt: int
    plausible: int


@dataclass
class Report:
    """What came of it."""

    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    operations: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    skipped: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    replayed: int = 0
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    def told(self) -> str:
        """Return the figures."""
        served = sum(1 for statuses in self.operations.values() if any(status < 400 for status in statuses))
        least = min((sum(each.values()) for each in self.operations.values()), default=0)
        return (
            f"{self.requests} requests to {len(self.operations)} operations (at least {least} each, {served} served at "
            f"least once) in {self.seconds:.1f} s; by status {dict(sorted(self.statuses.items()))}; by kind "
            f"{dict(sorted(self.kinds.items()))}; {self.changes} changes written, {self.replayed} replayed; "
            f"not sent {dict(self.skipped)}; {len(self.wrong)} wrong"
        )

    def add(self, other: "Report") -> None:
        """Take another run's figures in."""
        self.wrong += other.wrong
        self.statuses.update(other.statuses)
        self.kinds.update(other.kinds)
        self.skipped.update(other.skipped)
        for name, statuses in other.operations.items():
            self.operations[name].update(statuses)
        self.changes += other.changes
        self.replayed += other.replayed
        self.seconds += other.seconds


class Traffic:
    """Makes and sends the requests of one plan to one house."""

    def __init__(self, house: House, served: Served, cast: Cast, rows: Rows, chance: Random) -> None:
        self._house = house
        self._served = served
        self._cast = cast
        self._rows = rows
        self._chance = chance
        self._generator = Generator(served.document)
        self._conforming = Conforming(served.document)
        self.report = Report()

    @property
    def house(self) -> House:
        """Where they are sent."""
        return self._house

    @property
    def rows(self) -> Rows:
        """What is looked at."""
        return self._rows

    @property
    def known(self) -> Known:
        """What they speak of."""
        return self._cast.known

    @property
    def operations(self) -> Sequence[Operation]:
        return self._generator.operations

    def requests(self, *plans: Plan, only: frozenset[str] = frozenset()) -> list[Request]:
        """Return the requests of plans that the operations take in turn, in a random order; `only` names operations."""
        made = [
            request
            for operation, plan in zip(self.operations, cycle(plans), strict=False)
            if not only or operation.name in only
            for request in self._for_operation(operation, plan)
        ]
        self._chance.shuffle(made)
        return made

    def _for_operation(self, operation: Operation, plan: Plan) -> list[Request]:
        generator, known, chance = self._generator, self._cast.known, self._chance
        boundaries = plan.boundaries + plan.crossed if plan.boundaries else 0
        forbidden = plan.forbidden if plan.boundaries else plan.forbidden + plan.crossed
        drawn = generator.boundaries(operation, boundaries, chance) if boundaries else []
        drawn += generator.drawn(operation, GenerationMode.POSITIVE, plan.allowed, chance) if plan.allowed else []
        drawn += generator.drawn(operation, GenerationMode.NEGATIVE, forbidden, chance) if forbidden else []
        chance.shuffle(drawn)
        made = []
        for place in range(plan.crossed):
            other = drawn[place % len(drawn)] if drawn else Request(operation, "nothing", operation.method)
            made.append(crossed(plausible(operation, known, chance), other, chance))
        made += [among_known(each, known, chance) for each in drawn[plan.crossed :]]
        made += [spoilt(plausible(operation, known, chance), chance) for _ in range(plan.spoilt)]
        return made + [plausible(operation, known, chance) for _ in range(plan.plausible)]

    async def run(self, requests: Sequence[Request]) -> Report:
        """Send them all."""
        begun = time.monotonic()
        limits = httpx.Limits(max_connections=4)
        async with httpx.AsyncClient(timeout=30, limits=limits) as client:
            for place, request in enumerate(requests):
                if place % SETTLED_EVERY == 0:
                    await self._settle()
                await self.sent(client, request)
        await self._settle()
        self.report.seconds += time.monotonic() - begun
        return self.report

    async def _settle(self) -> None:
        """Let relays, consumers and some jobs go on, and look at what is there then."""
        await self._house.settle()
        for name in self._house.apps:
            for _ in range(MOST_STEPS):
                if not await self._house.service(name).jobs.step():
                    break
        await self._house.settle()
        await self._rows.look()

    async def sent(self, client: httpx.AsyncClient, request: Request) -> Answer | None:
        """Send one and judge it."""
        if request.kind != "plausible":
            request.who = self._cast.chosen(request.who, self._chance)
        if request.operation.takes_version and "if-match" not in {name.lower() for name in request.headers}:
            await self._add_version(client, request)
        if request.method == "POST" and self._chance.random() < KEYED:
            request.headers.setdefault("idempotency-key", word())
        answer = await self._answered(client, request)
        if answer is None:
            return None
        self._count(request, answer)
        faults = self._conforming.faults(request.operation, request.method, answer)
        faults += await self._written_wrongly(request, answer)
        if not faults and answer.status < 300:
            if answer.media_type == "application/json" and answer.content:
                self._cast.known.learn(request.operation, answer.json(), of_job=answer.status == ACCEPTED)
            faults += await self._replayed(client, request, answer)
        self.report.wrong += [f"{fault}\n    {request.told()}" for fault in faults]
        return answer

    def _count(self, request: Request, answer: Answer) -> None:
        self.report.statuses[answer.status] += 1
        self.report.kinds[request.kind] += 1
        self.report.operations[request.operation.label][answer.status] += 1

    async def _written_wrongly(self, request: Request, answer: Answer) -> list[str]:
        written: Written = await self._rows.look()
        if answer.status >= 400:
            return unwanted_of_refusal(written)
        if request.method == "GET":
            return unwanted_of_reading(written)
        self.report.changes += bool(written.tables())
        return faults_of_change(written, self._rows.declared)

    async def _replayed(self, client: httpx.AsyncClient, request: Request, answer: Answer) -> list[str]:
        """Send an accepted request with its key again, sometimes: it has to be answered alike and write nothing."""
        is_kept = request.operation.keeps_answers and request.headers.get("idempotency-key")
        if not is_kept or self._chance.random() > REPLAYED:
            return []
        again = await self._answered(client, request)
        if again is None:
            return ["not answered again"]
        if again.headers.get("idempotent-replayed") != "true" and not request.operation.path.endswith(MADE_AGAIN):
            return [f"not replayed: {again.status}"]
        self.report.replayed += 1
        differs = [] if again.status == answer.status else [f"replayed as {again.status}, not {answer.status}"]
        return differs + unwanted_of_reading(await self._rows.look())

    async def _add_version(self, client: httpx.AsyncClient, request: Request) -> None:
        """Name the present version, if whoever asks may see it."""
        if self._chance.random() > FRESH_VERSION:
            return
        operation = request.operation
        path = Request(operation, "", "GET", dict(request.path)).target
        token = self._cast.tokens.get(request.who, "")
        found = await client.get(self._served.urls[operation.service] + path, headers=_authorization(token))
        if found.is_success and "etag" in found.headers:
            request.headers["if-match"] = found.headers["etag"]

    async def _answered(self, client: httpx.AsyncClient, request: Request) -> Answer | None:
        """Return the answer, or None if a client would not send such a request or it was cut off."""
        target = request.target
        if len(target) > LONGEST_URL - 100:
            self.report.skipped["longer than a URL may be"] += 1
            return None
        headers: dict[str, str | bytes] = {**_authorization(self._cast.tokens.get(request.who, "")), **request.headers}
        if request.media_type is not None:
            headers.setdefault("content-type", request.media_type)
        given = [(name.encode("utf-8", "surrogatepass"), _bytes(value)) for name, value in headers.items()]
        options: dict[str, Any] = {"headers": given, "content": request.content or None}
        try:
            answer = await client.request(
                request.method, self._served.urls[request.operation.service] + target, **options
            )
            is_http = answer.content != NOT_HTTP  # said by the server below a service
            if not is_http:
                self.report.kinds["not HTTP, sent to the gateway"] += 1
                answer = await client.request(request.method, self._served.door + target, **options)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError, ValueError) as error:
            self.report.skipped[type(error).__name__] += 1
            return None
        except httpx.TransportError as error:
            self.report.wrong.append(f"connection dropped: {type(error).__name__} {error}\n    {request.told()}")
            return None
        return Answer(answer.status_code, answer.headers, answer.content, is_http)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _authorization(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}
