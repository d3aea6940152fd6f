"""One request's unit of work: what it read with, what it wrote, who asked."""

from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import TYPE_CHECKING

import orjson

from servicekit.data.actors import Actor
from servicekit.data.idempotency import Claim, KeptAnswer
from servicekit.data.transactions import Reading, Snapshot, Writing, writing
from servicekit.run.telemetry import step
from servicekit.run.tracing import current_trace_id
from servicekit.values.errors import Recorded
from servicekit.web.callers import Caller
from servicekit.web.service import Service

if TYPE_CHECKING:
    from servicekit.data.transactions import Questions

RECORD_REFUSAL = "SELECT audit_refusal($1, $2, $3, $4)"


class Unit:
    """Opens what a route asks for and ends it as the router says."""

    def __init__(self, service: Service, caller: Caller | None, claim: Claim | None) -> None:
        self.service = service
        self.caller = caller
        self.claim = claim
        self.answer_version: int | None = None
        self.kept_body: bytes | None = None
        self._opened: list[Questions] = []
        self._writing: Writing | None = None

    def actor(self) -> Actor:
        """Return who the transaction acts for."""
        caller = self.caller
        if caller is None:
            return Actor.of_service(self.service.name, current_trace_id())
        return Actor(caller.person_id, caller.on_behalf_of, current_trace_id(), caller.service)

    def reading(self) -> Reading:
        """Return a way to ask, without a transaction."""
        questions = Reading(self.service.database)
        self._opened.append(questions)
        return questions

    def snapshot(self) -> Snapshot:
        """Return a way to ask several questions of one instant."""
        questions = Snapshot(self.service.database)
        self._opened.append(questions)
        return questions

    def writing(self) -> Writing:
        """Return the request's transaction, which begins at its first statement."""
        if self._writing is None:
            self._writing = Writing(self.service.database, self.actor(), self.claim)
            self._opened.append(self._writing)
        return self._writing

    @property
    def has_written(self) -> bool:
        """Whether the request's transaction has begun."""
        return self._writing is not None and self._writing.has_begun

    async def finish(self, answer: KeptAnswer | None) -> None:
        """Commit what was written, with the answer if the request may come again."""
        if self._writing is not None:
            with step("commit"):
                published = await self._writing.finish(answer)
            if published:
                self.service.relay.published.set()

    async def finish_refused(self) -> None:
        """Commit what is to stay although the request is refused."""
        if self._writing is not None and self._writing.is_kept_if_refused:
            await self.finish(None)

    async def release(self) -> None:
        """Give every connection back; what was not finished is rolled back."""
        opened, self._opened, self._writing = self._opened, [], None
        if len(opened) == 1:
            await opened[0].release()
            return
        async with AsyncExitStack() as stack:
            for questions in opened:
                stack.push_async_callback(questions.release)

    async def record(self, refusal: Recorded) -> None:
        """Write a refusal into the audit trail, in a transaction of its own."""
        await self.release()
        async with writing(self.service.database, self.actor()) as tx:
            await record_refusal(tx, refusal)


async def record_refusal(tx: Writing, refusal: Recorded) -> None:
    """Write a refusal into the audit trail."""
    connection = await tx.raw_connection()
    attempted = orjson.loads(orjson.dumps(refusal.attempted, default=str))
    await connection.execute(RECORD_REFUSAL, refusal.aggregate, refusal.aggregate_id, refusal.code, attempted)


current_unit: ContextVar[Unit] = ContextVar("current_unit")


def new_claim(key: str, caller: Caller | None, operation: str, request: bytes) -> Claim:
    """Return the claim of a request on its idempotency key, within its caller."""
    who = f"{caller.subject}/{caller.on_behalf_of or ''}" if caller else ""
    return Claim.on(key, caller=who, operation=operation, request=request)
