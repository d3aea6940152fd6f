"""Assessment models, which of them is current, and assessments: all kept for ever as they were written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.opportunity.assessment.rules.assessing import AssessedMeanwhile
from services.opportunity.assessment.rules.models import ModelPublishedMeanwhile
from services.opportunity.metadata import metadata
from services.opportunity.opportunities import tables as _opportunities  # noqa: F401 (a foreign key refers to it)
from services.opportunity.refusals import ReferenceTaken


class ModelColumns(TypedColumns):
    """What is asked, and the threshold above which the value is high; never changed.

    `dimensions` holds key, name and questions (key, meaning) of each, in order.
    """

    number = Column(Integer, Identity(start=2), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    name: Column[str] = Column(Text, nullable=False)
    dimensions: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    threshold: Column[int] = Column(Integer, nullable=False)
    created_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


assessment_model = audited(
    append_only(
        Table(
            "assessment_model",
            metadata,
            ModelColumns,
            CheckConstraint("threshold >= 0", name="threshold_not_negative"),
        )
    ),
    "assessment_model",
)


class PublicationColumns(TypedColumns):
    """That a model became the current one; the last in `sequence` is current."""

    sequence = Column(Integer, primary_key=True, autoincrement=False)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    model_number: Column[int] = Column(ForeignKey("assessment_model.number"), nullable=False)
    reason: Column[str | None] = Column(Text)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


assessment_model_publication = audited(
    append_only(
        Table(
            "assessment_model_publication",
            metadata,
            PublicationColumns,
            Index("ix_assessment_model_publication_model_number", "model_number", "sequence"),
        )
    ),
    "assessment_model_publication",
)


class AssessmentColumns(TypedColumns):
    """What somebody answered of an opportunity, and what it came to; superseded by the next, never changed.

    The assessments of an opportunity are one chain: each supersedes the one before, none is superseded twice, and
    `assessed_at` never falls along it. `yes` and `no` hold the keys of questions, of which the others are unanswered;
    `dimension_scores` and `dimension_mosts` are in the order of the model. `assessed_by` is who assessed,
    `recorded_by` who told of it. `digest` is of what an import said, so that the same again changes nothing.
    """

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    sequence: Column[int] = Column(Integer, nullable=False)
    supersedes_id: Column[UUID | None] = Column(ForeignKey("assessment.id"))
    model_number: Column[int] = Column(ForeignKey("assessment_model.number"), nullable=False)
    assessed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    recorded_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    yes: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    no: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    remarks: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    note: Column[str | None] = Column(Text)
    score: Column[int] = Column(Integer, nullable=False)
    score_most: Column[int] = Column(Integer, nullable=False)
    dimension_scores: Column[list[int]] = Column(ARRAY(Integer), nullable=False)
    dimension_mosts: Column[list[int]] = Column(ARRAY(Integer), nullable=False)
    value: Column[str] = Column(Text, nullable=False)
    assessed_by: Column[UUID | None] = Column()
    recorded_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    digest: Column[bytes | None] = Column(LargeBinary)


assessment = audited(
    append_only(
        Table(
            "assessment",
            metadata,
            AssessmentColumns,
            UniqueConstraint("opportunity_id", "sequence"),
            UniqueConstraint("supersedes_id"),
            UniqueConstraint("external_system", "external_id"),
            Index("uq_assessment_first", "opportunity_id", unique=True, postgresql_where=text("supersedes_id IS NULL")),
            Index("ix_assessment_opportunity_id_assessed_at", "opportunity_id", "assessed_at", "sequence"),
            CheckConstraint("cardinality(yes) = score", name="score_counts_yeses"),
            CheckConstraint("score BETWEEN 0 AND score_most", name="score_within_bounds"),
            CheckConstraint("value IN ('high', 'not_high', 'undecided')", name="value_known"),
            CheckConstraint("(supersedes_id IS NULL) = (sequence = 1)", name="first_supersedes_none"),
        )
    ),
    "opportunity",
    id_column="opportunity_id",
)

register_violations(
    {
        "pk_assessment_model_publication": ModelPublishedMeanwhile,
        "uq_assessment_opportunity_id_sequence": AssessedMeanwhile,
        "uq_assessment_supersedes_id": AssessedMeanwhile,
        "uq_assessment_first": AssessedMeanwhile,
        "uq_assessment_external_system_external_id": ReferenceTaken,
    }
)
