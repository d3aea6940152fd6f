"""What own history said of the stages on which day, and which probabilities count since when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from services.opportunity.metadata import metadata


class FunnelCalibrationColumns(TypedColumns):
    """A calibration: one each day by the service itself (`made_by` null), others when sales operations ask for one.

    `stages` is a whole value, one object for each open stage of `funnel_version`, decimals as text. `probabilities`
    holds what is used of it: by version of the funnel, by stage, for every version there was.
    """

    id: Column[UUID] = Column(primary_key=True)
    funnel_version: Column[int] = Column(Integer, nullable=False)
    as_of: Column[date] = Column(Date, nullable=False)
    made_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    made_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided: Column[int] = Column(Integer, nullable=False)
    simulated: Column[int] = Column(Integer, nullable=False)
    stages: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    probabilities: Column[dict[str, dict[str, str]]] = Column(JSONB, nullable=False)


funnel_calibration = audited(
    append_only(
        Table(
            "funnel_calibration",
            metadata,
            FunnelCalibrationColumns,
            Index("ix_funnel_calibration_made_at", "made_at", "id"),
        )
    ),
    "funnel_calibration",
)


class CalibrationRunColumns(TypedColumns):
    """One row: on which day the service last calibrated by itself. Whoever does so holds it; others pass by."""

    id: Column[int] = Column(primary_key=True, autoincrement=False)
    ran_on: Column[date | None] = Column(Date)


funnel_calibration_run = Table("funnel_calibration_run", metadata, CalibrationRunColumns)


class ProbabilityChoiceColumns(TypedColumns):
    """Which probabilities count from an instant on: those configured (`stage`) or the latest calibrated ones."""

    number = Column(Integer, Identity(always=True), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    source: Column[str] = Column(Text, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


probability_choice = audited(
    append_only(
        Table(
            "probability_choice",
            metadata,
            ProbabilityChoiceColumns,
            CheckConstraint("source IN ('stage', 'calibrated')", name="source_known"),
        )
    ),
    "probability_choice",
)
