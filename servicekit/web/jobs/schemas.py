"""Jobs over the wire."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from servicekit.jobs.store import Job
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Output

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobsQuery(ListQuery):
    """Filters of the list of jobs, the latest first; `sort` takes `created_at`."""

    state: JobState | None = None
    kind: str | None = Field(default=None, max_length=60, description="Such as `import` or `export`.")


class JobProgressAnswer(Output):
    """How far a job is; `total` is null where it is not known."""

    done: int
    total: int | None


class JobResultAnswer(Output):
    """What a job has made, to be had from `path` until `kept_until`."""

    path: str
    name: str
    media_type: str
    kept_until: datetime


class JobAnswer(Output):
    """A job as it is. `problem` says why it failed, as the same request by hand would be told."""

    id: UUID
    kind: str = Field(examples=["import"])
    operation: str = Field(description="The operation that it runs.", examples=["upsert_customers"])
    dry_run: bool = Field(description="Whether what it does is taken back: its outcomes say what would become of each.")
    state: JobState
    progress: JobProgressAnswer
    counts: dict[str, int] = Field(description="How many items had which outcome; an export has none.")
    person_id: UUID | None = Field(description="Who asked; null where a service did.")
    on_behalf_of: UUID | None = Field(description="Whom they stood in for.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: JobResultAnswer | None
    problem: dict[str, Any] | None


def answer_of(job: Job, service: str, result_days: int) -> JobAnswer:
    """Return how a job goes over the wire."""
    result = None
    if job.finished_at and (described := job.result or outcomes_of(job)):
        result = JobResultAnswer(
            path=f"/v1/{service}/jobs/{job.id}/result",
            name=described["name"],
            media_type=described["media_type"],
            kept_until=job.finished_at + timedelta(days=result_days),
        )
    same = {name: getattr(job, name) for name in JobAnswer.model_fields if hasattr(job, name)}
    progress = JobProgressAnswer(done=job.done, total=job.total)
    told = {"on_behalf_of": job.represents, "dry_run": bool(job.request.get("dry_run"))}
    return JobAnswer.model_validate(same | told | {"progress": progress, "result": result})


def outcomes_of(job: Job) -> dict[str, str] | None:
    """Return what describes the outcomes of a job's items, as far as it came; an export has none."""
    if job.kind == "export":
        return None
    return {"name": f"{job.operation}-{job.id}.jsonl", "media_type": "application/jsonl", "role": "outcome"}
