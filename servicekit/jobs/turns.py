"""A worker's turn at a job: each chunk commits together with its progress, or neither does.

Every step checks in the job's row that the lease is still this worker's and the chunk the one it did. So a worker
that was thought dead, or whose job was cancelled, commits nothing any more, and no chunk is done twice.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from servicekit.data.database import Database
from servicekit.data.transactions import Writing, reading, writing
from servicekit.data.violations import Busy
from servicekit.jobs import store
from servicekit.jobs.store import Job

FINISHED_EVENT = "job.finished"


class TurnLost(Busy):
    """The job is another worker's by now, or was cancelled: what this one did is not to be committed."""


class Postponed(Exception):
    """The next chunk cannot be done just now, such as while a peer is away."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("code"))
        self.problem = problem


class Refused(Exception):
    """The job cannot go on; `problem` says why."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("code"))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Progress:
    """What a chunk has done: how many things, which counts it adds, where the next one begins."""

    done: int = 0
    counts: Mapping[str, int] | None = None
    position: dict[str, Any] | None = None
    total: int | None = None


class Turn:
    """Goes on with one job until it is given back."""

    def __init__(self, database: Database, job: Job, lease: UUID) -> None:
        self.database = database
        self.job = job
        self.following: dict[str, Any] | None = None
        """Where the next chunk begins, if a step says so to whom it asks to do this one."""
        self._lease = lease

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """Write in a transaction of its own, as whoever asked for the job."""
        async with writing(self.database, self.job.actor(self.database.name)) as tx:
            yield tx

    async def part(self, role: str, number: int) -> bytes | None:
        """Return a piece of the job, or None after the last."""
        async with reading(self.database) as questions:
            return await store.read_part(questions, self.job.id, role, number)

    async def advance(self, tx: Writing, progress: Progress) -> None:
        """Count the chunk as done, in the transaction of its effect.

        Raises:
            TurnLost: the job is not this worker's any more.
        """
        job = self.job
        counts = dict(job.counts)
        for name, count in (progress.counts or {}).items():
            counts[name] = counts.get(name, 0) + count
        done, total = job.done + progress.done, job.total if progress.total is None else progress.total
        held = (job.id, self._lease, job.chunk)
        await self._change(tx, store.ADVANCE, *held, done, total, counts, progress.position, store.LEASE_SECONDS)
        self.job = replace(
            job, chunk=job.chunk + 1, done=done, total=total, counts=counts, position=progress.position, attempts=0
        )

    async def add_parts(self, tx: Writing, role: str, contents: Sequence[bytes], *, start: int) -> None:
        """Keep pieces with the job, numbered from `start`."""
        await store.insert_parts(tx, self.job.id, role, start, contents)

    async def succeed(self, tx: Writing, result: Mapping[str, Any] | None = None, drop: Sequence[str] = ()) -> None:
        """End the job well; pieces in the roles of `drop` are needed no longer."""
        await self._finish(tx, "succeeded", result=result)
        connection = await tx.raw_connection()
        await connection.execute(store.DROP_PARTS, self.job.id, list(drop))

    async def fail(self, problem: Mapping[str, Any]) -> None:
        """End the job with a problem; it can be resumed from the last chunk that was done."""
        async with self.writing() as tx:
            await self._finish(tx, "failed", problem=problem)

    async def hold(self) -> None:
        """Say that this worker is still at it, where one chunk takes long."""
        await self._change_alone(store.HOLD, store.LEASE_SECONDS)

    async def give_back(self, after_seconds: float = 0.0) -> None:
        """Leave the job to whoever comes next, not before some time."""
        await self._change_alone(store.GIVE_BACK, after_seconds)

    async def _change_alone(self, statement: str, seconds: float) -> None:
        async with self.writing() as tx:
            await self._change(tx, statement, self.job.id, self._lease, seconds)

    async def _finish(
        self,
        tx: Writing,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        ended = (state, tx.now, result, problem)
        await self._change(tx, store.FINISH, self.job.id, self._lease, *ended)
        publish_finished(tx, replace(self.job, state=state))

    async def _change(self, tx: Writing, statement: str, *arguments: Any) -> None:
        connection = await tx.raw_connection()
        if await connection.execute(statement, *arguments) != "UPDATE 1":
            raise TurnLost


def publish_finished(tx: Writing, job: Job) -> None:
    """Tell that a job has ended, one way or another."""
    told = {name: getattr(job, name) for name in ("kind", "operation", "state", "done", "total", "counts")}
    people = {"person_id": job.person_id, "on_behalf_of": job.represents}
    tx.publish(FINISHED_EVENT, job.id, told | people)
