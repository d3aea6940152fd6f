"""Versions of the funnel, never changed once published; the draft of the next; and each version's stages by key."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited, guarded
from services.opportunity.metadata import metadata


class FunnelDefinitionColumns(TypedColumns):
    """A published version; the one with the highest number is the current one.

    `stages` is a whole value in the order of the funnel, decimals as text. `mapping` names, for each open stage of the
    version before, the stage of this one that takes its place.
    """

    version: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    name: Column[str] = Column(Text, nullable=False)
    note: Column[str | None] = Column(Text)
    stages: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    mapping: Column[dict[str, str]] = Column(JSONB, nullable=False)
    published_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    published_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


funnel_definition = audited(
    append_only(
        Table(
            "funnel_definition",
            metadata,
            FunnelDefinitionColumns,
            CheckConstraint("version > 0", name="version_positive"),
            CheckConstraint("jsonb_array_length(stages) >= 2", name="two_stages"),
        )
    ),
    "funnel_definition",
)
guarded(funnel_definition, "keep_funnel_stages")


class FunnelStageColumns(TypedColumns):
    """A stage of a published version, found by its key: what statements over opportunities join.

    Written by a trigger of `funnel_definition` alone; the service may only read it. The last stage is that of the
    outcome: a trigger of `opportunity` (`stage_is_of_funnel`) lets what is won stand there, and nothing else.
    """

    funnel_version: Column[int] = Column(ForeignKey("funnel_definition.version"), primary_key=True)
    key: Column[str] = Column(Text, primary_key=True)
    place: Column[int] = Column(Integer, nullable=False)
    probability: Column[Decimal] = Column(Numeric, nullable=False)
    is_outcome: Column[bool] = Column(nullable=False)


funnel_stage = append_only(
    Table(
        "funnel_stage",
        metadata,
        FunnelStageColumns,
        UniqueConstraint("funnel_version", "place"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability_is_ratio"),
        CheckConstraint("key NOT IN ('open', 'won', 'lost')", name="key_is_no_state"),
    )
)


class FunnelDraftColumns(TypedColumns):
    """The next version while it is drafted: one row, which holds no stages while nothing is drafted.

    It stays when a draft is published or discarded, so that `version` is never that of an earlier draft.
    """

    id: Column[UUID] = Column(primary_key=True, server_default=text("uuidv7()"))
    is_the_only_one: Column[bool] = Column(nullable=False, server_default=text("true"))
    version: Column[int] = Column(nullable=False, server_default=text("1"))
    name: Column[str | None] = Column(Text)
    note: Column[str | None] = Column(Text)
    stages: Column[list[dict[str, Any]] | None] = Column(JSONB(none_as_null=True))
    mapping: Column[dict[str, str] | None] = Column(JSONB(none_as_null=True))
    created_at: Column[datetime | None] = Column(DateTime(timezone=True))
    changed_at: Column[datetime | None] = Column(DateTime(timezone=True))


funnel_draft = audited(
    Table(
        "funnel_draft",
        metadata,
        FunnelDraftColumns,
        UniqueConstraint("is_the_only_one"),
        CheckConstraint("is_the_only_one", name="one_row"),
        CheckConstraint("num_nulls(name, stages, mapping, created_at, changed_at) IN (0, 5)", name="whole_or_nothing"),
    ),
    "funnel_draft",
)
