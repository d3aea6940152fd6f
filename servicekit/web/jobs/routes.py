"""The routes of a service's jobs: their owners follow, stop and resume them, and take what they made."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from servicekit.data.transactions import Reading, Writing
from servicekit.jobs import store
from servicekit.jobs.store import FINISHED, Job
from servicekit.jobs.turns import publish_finished
from servicekit.values.errors import NotVisible
from servicekit.web.callers import Caller
from servicekit.web.jobs.refusals import JobFinished, JobNotFinished, ResultForgotten
from servicekit.web.jobs.schemas import JobAnswer, JobsQuery, answer_of, outcomes_of
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Service, service_of


def binds_of(caller: Caller) -> dict[str, Any]:
    """Return what scopes a question to the jobs that a caller sees: what they asked for, or what was in their name."""
    person_id = None if caller.on_behalf_of else caller.person_id
    return {"owner": caller.subject, "person_id": person_id, "oversees": caller.oversees_jobs}


async def _get(tx: Reading, caller: Caller, job_id: UUID) -> Job:
    return await tx.visible(store.GET, "job", job_id, id=job_id, **binds_of(caller))


async def _lock(tx: Writing, caller: Caller, job_id: UUID) -> Job:
    return await tx.visible(store.LOCK, "job", job_id, id=job_id, **binds_of(caller))


def _answer(service: Service, job: Job) -> JobAnswer:
    return answer_of(job, service.name, service.settings.job_result_days)


RESULT = {
    "description": "The file, or the outcomes.",
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in (
            "application/jsonl",
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    },
}


async def list_jobs(
    query: Annotated[JobsQuery, Query()], request: Request, tx: CurrentReading, pages: CurrentPages
) -> Page[JobAnswer]:
    """List your jobs, the latest first, and those that were asked for in your name; administrators see all."""
    caller, service = request.state.caller, service_of(request)
    listing = store.EVERYBODYS if caller.oversees_jobs else store.OWN
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), **binds_of(caller))
    return pages.answered(query, found, [_answer(service, job) for job in found.items], JobAnswer)


async def get_job(job_id: UUID, request: Request, tx: CurrentReading) -> JobAnswer:
    """Read how far a job is and what came of it."""
    return _answer(service_of(request), await _get(tx, request.state.caller, job_id))


async def cancel_job(job_id: UUID, request: Request, tx: CurrentWriting) -> JobAnswer:
    """Stop a job: what it has done stays done, and nothing more is done once this has answered."""
    job = await _lock(tx, request.state.caller, job_id)
    if job.state in FINISHED - {"cancelled"}:
        raise JobFinished(f"The job has {job.state} already.")
    if job.state != "cancelled":
        connection = await tx.raw_connection()
        await connection.execute(store.CANCEL, job.id, tx.now)
        job = await _lock(tx, request.state.caller, job_id)
        publish_finished(tx, job)
    return _answer(service_of(request), job)


async def resume_job(job_id: UUID, request: Request, tx: CurrentWriting) -> JobAnswer:
    """Let a job that failed or was cancelled go on after the last chunk that it did, as whoever asked for it."""
    job = await _lock(tx, request.state.caller, job_id)
    if job.state == "succeeded":
        raise JobFinished("The job has succeeded: there is nothing left to do.")
    if job.state in FINISHED:
        connection = await tx.raw_connection()
        days = service_of(request).settings.job_result_days
        if await connection.execute(store.RESUME, job.id, days) != "UPDATE 1":
            raise ResultForgotten(job.id)
        job = await _lock(tx, request.state.caller, job_id)
    return _answer(service_of(request), job)


async def get_job_result(job_id: UUID, request: Request, tx: CurrentReading) -> StreamingResponse:
    """Take the file of an export, or what became of each item of an import (JSON lines, in order)."""
    job = await _get(tx, request.state.caller, job_id)
    described = job.result or outcomes_of(job)
    if job.state not in FINISHED or described is None:
        raise JobNotFinished(job.state)
    first = await store.read_part(tx, job.id, described["role"], 0)
    if first is None and job.done:
        raise ResultForgotten(job.id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(described['name'])}"}
    pieces = _pieces(tx, job.id, described["role"], first)
    return StreamingResponse(pieces, media_type=described["media_type"], headers=headers)


async def _pieces(tx: Reading, job_id: UUID, role: str, first: bytes | None) -> AsyncIterator[bytes]:
    """Yield the pieces one by one: neither the whole nor a connection is held meanwhile."""
    content, number = first, 0
    while content is not None:
        yield content
        number += 1
        content = await store.read_part(tx, job_id, role, number)


def jobs_router(service_name: str) -> Router:
    """Return the router with the jobs of a service."""
    router = Router(prefix=f"/v1/{service_name}/jobs", tags=["Jobs"])
    steps = {"responses": problems(NotVisible, JobFinished, ResultForgotten), "methods": ["POST"]}
    add, name = router.add_api_route, service_name
    add("", list_jobs, operation_id=f"list_{name}_jobs", summary="List jobs")
    add("/{job_id}", get_job, operation_id=f"get_{name}_job", summary="Read a job", responses=problems(NotVisible))
    add("/{job_id}/cancel", cancel_job, operation_id=f"cancel_{name}_job", summary="Cancel a job", **steps)
    add("/{job_id}/resume", resume_job, operation_id=f"resume_{name}_job", summary="Resume a job", **steps)
    add(
        "/{job_id}/result",
        get_job_result,
        operation_id=f"get_{name}_job_result",
        summary="Take what a job has made",
        response_class=StreamingResponse,
        responses=problems(NotVisible, JobNotFinished, ResultForgotten) | {200: RESULT},
    )
    return router
