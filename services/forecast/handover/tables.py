"""Hand-overs of published plans, one for each version and ERP, and every answer that was ever given."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    Uuid,
)

from servicekit.data.tables import append_only, audited
from services.forecast.demand_plan.tables import demand_plan, demand_plan_line
from services.forecast.metadata import metadata


class PlanHandoverColumns(TypedColumns):
    """How far an ERP has answered a version of a plan, and how often it was told.

    `tell_at` is when it is told again, set just as long as an answer is waited for; `planned_until` the day after the
    last that the plan is about.
    Whoever answers, tells or ends locks the row; several are locked in the order of their ids.
    """

    id = Column(Uuid, primary_key=True)
    plan_id: Column[UUID] = Column(Uuid, ForeignKey(demand_plan.c.id), nullable=False)
    receiver_id: Column[UUID] = Column(Uuid, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    lines: Column[int] = Column(Integer, nullable=False)
    acknowledged: Column[int] = Column(Integer, nullable=False)
    rejected: Column[int] = Column(Integer, nullable=False)
    answers: Column[int] = Column(Integer, nullable=False)
    planned_until: Column[date] = Column(Date, nullable=False)
    opened_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    told: Column[int] = Column(Integer, nullable=False)
    told_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    tell_at: Column[datetime | None] = Column(DateTime(timezone=True))
    answered_at: Column[datetime | None] = Column(DateTime(timezone=True))
    ending: Column[str | None] = Column(Text)
    ended_at: Column[datetime | None] = Column(DateTime(timezone=True))


plan_handover = audited(
    Table(
        "plan_handover",
        metadata,
        PlanHandoverColumns,
        CheckConstraint("acknowledged >= 0 AND rejected >= 0 AND acknowledged + rejected <= lines", "counts"),
        CheckConstraint("state IN ('open', 'partly', 'acknowledged', 'with_rejections')", "state"),
        CheckConstraint("ending IN ('superseded', 'withdrawn', 'period_over')", "ending"),
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", "ended"),
        CheckConstraint("(tell_at IS NOT NULL) = (ending IS NULL AND state IN ('open', 'partly'))", "waiting"),
        Index("uq_plan_handover_plan_id_receiver_id", "plan_id", "receiver_id", unique=True),
        Index(None, "receiver_id", "opened_at", "id"),
        Index(None, "opened_at", "id"),
        Index(None, "tell_at", "id"),
    ),
    "plan_handover",
)


class LineAnswerColumns(TypedColumns):
    """What an ERP has said of a line; the one with the highest number counts."""

    id = Column(Uuid, primary_key=True)
    handover_id: Column[UUID] = Column(Uuid, ForeignKey(plan_handover.c.id), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    line_id: Column[UUID] = Column(Uuid, ForeignKey(demand_plan_line.c.id), nullable=False)
    verdict: Column[str] = Column(Text, nullable=False)
    reason_code: Column[str | None] = Column(Text)
    reason: Column[str | None] = Column(Text)
    reference: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


line_answer = append_only(
    Table(
        "line_answer",
        metadata,
        LineAnswerColumns,
        CheckConstraint("verdict IN ('acknowledged', 'rejected')", "verdict"),
        CheckConstraint("(verdict = 'rejected') = (reason_code IS NOT NULL AND reason IS NOT NULL)", "reason"),
        Index("uq_line_answer_handover_id_number", "handover_id", "number", unique=True),
        Index(None, "handover_id", "line_id", "number"),
    )
)
