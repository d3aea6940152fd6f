"""Asking for an effect until it is known what became of it: what was not answered is sent again with its key."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tests.faults.company import Company, Person
from tests.faults.connections import Answer, Line, Lost
from tests.faults.history import Call, History, Outcome, Read

RESOLVED_WITHIN_SECONDS = 60.0
JOB_WITHIN_SECONDS, JOB_LOOK_SECONDS = 120.0, 0.2
SERVICE_OF_JOBS = {"import_job": "opportunity", "export_job": "customer"}
PAUSE_SECONDS = (0.02, 0.05, 0.1, 0.2)
KEPT = (
    "id",
    "version",
    "principal_id",
    "stage",
    "state",
    "amount",
    "currency",
    "items",
    "person_id",
    "members",
    "secret",
)
"""What the judge wants to know of an answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for; `mark` is what its effect is recognised by, `subject` what it is about."""

    operation: str
    path: str
    body: Any
    mark: str
    subject: str | None = None


@dataclass
class Caller:
    """Sends calls and keeps what became of them."""

    history: History
    company: Company
    port: int
    rng: random.Random

    def line(self) -> Line:
        """Return a new connection."""
        return Line(self.port)

    async def post(self, line: Line, person: Person, ask: Ask) -> Call:
        """Post with a fresh key until it is acknowledged or refused."""
        call = self._begin(person, ask)
        await self._settle(line, person, "POST", call, {"idempotency-key": call.key})
        return self._end(call)

    async def post_twice(self, line: Line, other: Line, person: Person, ask: Ask) -> Call:
        """Post the same request on two connections at once, as somebody impatient does: it has one effect."""
        call = self._begin(person, ask)
        headers = {"idempotency-key": call.key}
        twin = replace(call, tries=[], answer={})
        await asyncio.gather(
            self._settle(line, person, "POST", call, headers), self._settle(other, person, "POST", twin, headers)
        )
        if call.answer.get("id") != twin.answer.get("id"):
            call.tries.append(f"answered twice, differently: {twin.answer.get('id')}")
        call.tries += twin.tries
        return self._end(call)

    async def job(
        self,
        line: Line,
        person: Person,
        ask: Ask,
        headers: Mapping[str, str],
        take: Callable[[Call, bytes], None],
    ) -> Call:
        """Ask for a job, wait for its end, and `take` its result into the call."""
        call = self._begin(person, ask)
        await self._settle(line, person, "POST", call, {"idempotency-key": call.key, **headers})
        if call.outcome is Outcome.ACKNOWLEDGED:
            path = f"/v1/{SERVICE_OF_JOBS[ask.operation]}/jobs/{call.answer['id']}"
            call.answer |= {"state": "lost"} | await self._ended(line, person, path)
            if call.answer["state"] == "succeeded" and (result := await self._got(line, person, f"{path}/result")):
                take(call, result.body)
        return self._end(call)

    async def _ended(self, line: Line, person: Person, path: str) -> dict[str, Any]:
        """Wait until a job is over; nothing is returned of one that does not come to an end."""
        until = time.monotonic() + JOB_WITHIN_SECONDS
        while time.monotonic() < until:
            answer = await self._got(line, person, path)
            job = answer.json() if answer else {"state": "lost"}
            if job["state"] in {"succeeded", "failed", "cancelled"}:
                return {"state": job["state"], "progress": job["progress"], "problem": job["problem"]}
            await asyncio.sleep(JOB_LOOK_SECONDS)
        return {}

    async def _got(self, line: Line, person: Person, path: str) -> Answer | None:
        until = time.monotonic() + RESOLVED_WITHIN_SECONDS
        while time.monotonic() < until:
            answer, _, _ = await self.read(line, person, path)
            if answer is not None and answer.status == 200:
                return answer
            await asyncio.sleep(PAUSE_SECONDS[-1])
        return None

    async def patch(self, line: Line, person: Person, ask: Ask, version: int) -> Call:
        """Patch what stands at a version; what a lost answer would have said is in the audit trail."""
        call = self._begin(person, ask)
        await self._settle(line, person, "PATCH", call, {"if-match": f'"{version}"'})
        if call.outcome is Outcome.REFUSED and call.was_unknown and await self._is_in_trail(line, call):
            call.outcome, call.answer = Outcome.ACKNOWLEDGED, {"id": call.subject, "version": version + 1}
            call.tries.append("found in the trail")
        return self._end(call)

    async def read(self, line: Line, person: Person, path: str) -> tuple[Answer | None, float, float]:
        """Ask; return the answer, if it came, and when that was."""
        began = time.time()
        try:
            answer = await line.ask("GET", path, person.headers)
        except Lost:
            return None, began, time.time()
        return answer, began, time.time()

    def saw(self, read: Read) -> None:
        """Keep what somebody saw."""
        self.history.add(read)

    def _begin(self, person: Person, ask: Ask) -> Call:
        key, number = f"{self.rng.getrandbits(128):032x}", self.history.number()
        return Call(number, ask.operation, person.id, ask.path, key, ask.subject, ask.mark, ask.body, time.time())

    def _end(self, call: Call) -> Call:
        call.ended = time.time()
        self.history.add(call)
        return call

    async def _settle(self, line: Line, person: Person, method: str, call: Call, headers: Mapping[str, str]) -> None:
        until = time.monotonic() + RESOLVED_WITHIN_SECONDS
        while time.monotonic() < until:
            tried, answer = await self._try(line, person, method, call, headers)
            call.tries.append(tried)
            if answer is not None:
                call.outcome = Outcome.ACKNOWLEDGED if answer.status < 400 else Outcome.REFUSED
                content = answer.json()
                call.answer = {name: content[name] for name in KEPT if name in content}
                if call.outcome is Outcome.REFUSED:
                    call.answer = {"status": answer.status, "code": content.get("code")}
                return
            await asyncio.sleep(PAUSE_SECONDS[min(len(call.tries), len(PAUSE_SECONDS)) - 1])

    async def _try(
        self, line: Line, person: Person, method: str, call: Call, headers: Mapping[str, str]
    ) -> tuple[str, Answer | None]:
        """Send once; return what came of it, and the answer if it settles the call."""
        try:
            answer = await line.ask(method, call.path, {**person.headers, **headers}, call.body)
        except Lost:
            return "lost", None
        status = answer.status
        if status < 400:
            return str(status), answer
        code = _code(answer)
        if status == 503:
            return ("503" if code == "peer_unavailable" else "503 database"), None
        if status >= 500 or status == 429 or code == "busy":
            return str(status), None
        return f"{status} {code}", answer

    async def _is_in_trail(self, line: Line, call: Call) -> bool:
        path = f"/v1/opportunity/audit?aggregate=opportunity&aggregate_id={call.subject}&limit=500"
        while True:
            answer, _, _ = await self.read(line, self.company.admin, path)
            if answer is not None and answer.status == 200:
                changes = (entry["after"] for entry in answer.json()["items"] if entry["table_name"] == "opportunity")
                return any(_amount(after) == call.mark for after in changes if after)
            await asyncio.sleep(PAUSE_SECONDS[-1])


def _code(answer: Answer) -> str | None:
    try:
        code: str | None = answer.json().get("code")
    except ValueError:
        return None
    return code


def _amount(after: Mapping[str, Any]) -> str | None:
    return None if after.get("amount") is None else f"{Decimal(str(after['amount'])):.2f}"
