"""What reports look back on: terms and stages, each with the instant it happened."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.data.tables import append_only
from servicekit.data.types import amount_type
from services.opportunity.metadata import metadata


class TermsChangeColumns(TypedColumns):
    """The terms from an instant on: amount, expected close, customer and lines, whole each time.

    The last row at or before an instant says what held then; of equal instants the later arrival.
    """

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    recorded_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    amount_is_estimate: Column[bool] = Column(nullable=False)
    expected_close: Column[date | None] = Column(Date)
    customer_id: Column[UUID | None] = Column()
    lines: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    product_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    actor_id: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


terms_change = append_only(
    Table(
        "terms_change",
        metadata,
        TermsChangeColumns,
        Index("ix_terms_change_opportunity_id_at_id", "opportunity_id", "at", "id"),
        Index("ix_terms_change_customer_id", "customer_id", "opportunity_id"),
        Index("ix_terms_change_product_ids", "product_ids", postgresql_using="gin"),
    )
)


class StageChangeColumns(TypedColumns):
    """A change of stage or state: from, to, when it happened, when it was recorded, by whom, why, the amount then.

    The last row at or before an instant says where the opportunity stood; of equal instants the later arrival (`id`).
    `to_stage` is one of `funnel_version`, and so is `from_stage` unless `from_version` says of which it is: such a row
    tells that the opportunity was moved to another version of the funnel, into the stage that takes the former one's
    place there. It entered no stage by that and left none: what counts entries leaves these rows out.
    `passed_over` are the exit criteria that were not met when a superior let it go on all the same.
    """

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    recorded_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    funnel_version: Column[int] = Column(nullable=False)
    from_version: Column[int | None] = Column()
    from_stage: Column[str | None] = Column(Text)
    to_stage: Column[str] = Column(Text, nullable=False)
    from_state: Column[str | None] = Column(Text)
    to_state: Column[str] = Column(Text, nullable=False)
    decided_on: Column[date | None] = Column(Date)
    currency: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    reason: Column[str | None] = Column(Text)
    loss_reason: Column[str | None] = Column(Text)
    win_reason: Column[str | None] = Column(Text)
    competitor_id: Column[UUID | None] = Column()
    override_reason: Column[str | None] = Column(Text)
    passed_over: Column[list[str]] = Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    actor_id: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


stage_change = append_only(
    Table(
        "stage_change",
        metadata,
        StageChangeColumns,
        Index(
            "ix_stage_change_opportunity_id_at_id",
            "opportunity_id",
            "at",
            "id",
            postgresql_include=["funnel_version", "to_stage", "to_state"],
        ),
        Index("ix_stage_change_at", "at"),
    )
)


class ProbabilityChangeColumns(TypedColumns):
    """What a person said of the chance to win, from an instant on; `probability` null ends it.

    The last row at or before an instant says what held then; of equal instants the later arrival (`id`).
    `cause` says with what it came: `decision` (of its own), `stage_change`, `outcome` or `reopening`.
    """

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    recorded_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    probability: Column[Decimal | None] = Column(Numeric(5, 4))
    cause: Column[str] = Column(Text, nullable=False)
    reason: Column[str | None] = Column(Text)
    actor_id: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


probability_change = append_only(
    Table(
        "probability_change",
        metadata,
        ProbabilityChangeColumns,
        CheckConstraint("probability BETWEEN 0 AND 1", name="is_ratio"),
        CheckConstraint("cause IN ('decision', 'stage_change', 'outcome', 'reopening')", name="cause_known"),
        Index("ix_probability_change_opportunity_id_at_id", "opportunity_id", "at", "id"),
    )
)
