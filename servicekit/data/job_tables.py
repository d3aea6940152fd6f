"""Tables of jobs: what was asked, how far it is, and in parts what came in and what came out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited, metadata


class JobColumns(TypedColumns):
    """Work that goes on after its request was answered.

    `owner` is the subject who asked, `represents` whom they stood in for. `chunk` is the next to be done; `lease` names
    the worker that is at it. `due_at` is when a worker may take it: in future while one has it, null at the end.
    """

    id = Column(Uuid, primary_key=True)
    kind: Column[str] = Column(Text, nullable=False)
    operation: Column[str] = Column(Text, nullable=False)
    owner: Column[str] = Column(Text, nullable=False)
    person_id: Column[UUID | None] = Column(Uuid)
    represents: Column[UUID | None] = Column(Uuid)
    request: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    personal_salt: Column[str] = Column(Text, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    done: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    total: Column[int | None] = Column(BigInteger)
    counts: Column[dict[str, int]] = Column(JSONB, nullable=False, server_default=text("'{}'"))
    chunk: Column[int] = Column(Integer, nullable=False, server_default=text("0"))
    position: Column[dict[str, Any] | None] = Column(JSONB)
    attempts: Column[int] = Column(Integer, nullable=False, server_default=text("0"))
    lease: Column[UUID | None] = Column(Uuid)
    due_at: Column[datetime | None] = Column(DateTime(timezone=True))
    trace_id: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    started_at: Column[datetime | None] = Column(DateTime(timezone=True))
    finished_at: Column[datetime | None] = Column(DateTime(timezone=True))
    result: Column[dict[str, Any] | None] = Column(JSONB)
    problem: Column[dict[str, Any] | None] = Column(JSONB)


job = audited(
    Table(
        "job",
        metadata,
        JobColumns,
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name="due_until_finished"),
        CheckConstraint("(state IN ('queued', 'running')) = (due_at IS NOT NULL)", name="due_by_state"),
        Index("ix_job_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_job_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        Index(None, "owner", "created_at", "id"),
        Index(None, "represents", "created_at", "id"),
        Index(None, "created_at", "id"),
    ),
    "job",
    personal=("request", "position"),
)
"""Its changes of state belong to the audit trail, its progress does not (the trigger says which)."""


class JobPartColumns(TypedColumns):
    """A piece of what a job reads or makes: `input`, `outcome`, `page` or `file`, numbered from 0."""

    job_id = Column(Uuid, ForeignKey(job.c.id, ondelete="CASCADE"), primary_key=True)
    role = Column(Text, primary_key=True)
    number = Column(Integer, primary_key=True, autoincrement=False)
    content: Column[bytes] = Column(LargeBinary, nullable=False)


job_part = Table("job_part", metadata, JobPartColumns)
