"""Webhooks, their secrets (sealed), how far each has come in the feed, deliveries and attempts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited, metadata

WAITING = text("state = 'waiting'")


class WebhookColumns(TypedColumns):
    """Where events go; no types mean all. Only an administrator and its owner see it."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    owner_id: Column[UUID] = Column(Uuid, nullable=False)
    url: Column[str] = Column(Text, nullable=False)
    description: Column[str | None] = Column(Text)
    event_types: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    disabled_reason: Column[str | None] = Column(Text)
    disabled_at: Column[datetime | None] = Column(DateTime(timezone=True))
    secret_rotated_at: Column[datetime | None] = Column(DateTime(timezone=True))
    tested_at: Column[datetime | None] = Column(DateTime(timezone=True))
    replayed_at: Column[datetime | None] = Column(DateTime(timezone=True))
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


webhook = audited(
    Table(
        "webhook",
        metadata,
        WebhookColumns,
        CheckConstraint("state IN ('enabled', 'disabled')", name="state_known"),
        CheckConstraint("(state = 'disabled') = (disabled_reason IS NOT NULL)", name="reason_given"),
        Index(None, "owner_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    ),
    "webhook",
)


class WebhookSecretColumns(TypedColumns):
    """A secret as only the service reads it; a former one has an end."""

    id = Column(Uuid, primary_key=True)
    webhook_id: Column[UUID] = Column(ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False)
    sealed: Column[bytes] = Column(LargeBinary, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    expires_at: Column[datetime | None] = Column(DateTime(timezone=True))


webhook_secret = Table(
    "webhook_secret",
    metadata,
    WebhookSecretColumns,
    Index("uq_webhook_secret_present", "webhook_id", unique=True, postgresql_where=text("expires_at IS NULL")),
    Index(None, "webhook_id", "created_at"),
)


class WebhookProgressColumns(TypedColumns):
    """What changes with every delivery: how far the feed is planned, and since when every attempt has failed."""

    webhook_id = Column(Uuid, ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True)
    position: Column[int] = Column(BigInteger, nullable=False)
    failing_since: Column[datetime | None] = Column(DateTime(timezone=True))
    last_delivered_at: Column[datetime | None] = Column(DateTime(timezone=True))


webhook_progress = Table("webhook_progress", metadata, WebhookProgressColumns)


class WebhookDeliveryColumns(TypedColumns):
    """One event on its way to one webhook.

    A ping has no place in the feed (`position`) and carries its `data` itself. `due_at` is when it is tried next, or,
    while somebody tries (`claim`), when that one is given up for gone. `tries` are counted since it was planned or
    replayed, `attempts` in all.
    """

    id = Column(Uuid, primary_key=True)
    sequence: Column[int] = Column(BigInteger, Identity(always=True), nullable=False)
    webhook_id: Column[UUID] = Column(ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False)
    event_id: Column[UUID] = Column(Uuid, nullable=False)
    event_type: Column[str] = Column(Text, nullable=False)
    aggregate_id: Column[UUID] = Column(Uuid, nullable=False)
    position: Column[int | None] = Column(BigInteger, ForeignKey("feed.position"))
    data: Column[dict[str, Any] | None] = Column(JSONB(none_as_null=True))
    state: Column[str] = Column(Text, nullable=False)
    planned_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    due_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    give_up_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    ended_at: Column[datetime | None] = Column(DateTime(timezone=True))
    tries: Column[int] = Column(Integer, nullable=False)
    attempts: Column[int] = Column(Integer, nullable=False)
    claim: Column[UUID | None] = Column(Uuid)
    last_status: Column[int | None] = Column(Integer)
    last_error: Column[str | None] = Column(Text)


webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    WebhookDeliveryColumns,
    UniqueConstraint("webhook_id", "event_id"),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="state_known"),
    CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when_not_waiting"),
    CheckConstraint("(position IS NULL) = (data IS NOT NULL)", name="content_somewhere"),
    Index(None, "webhook_id", "planned_at", "id"),
    Index(None, "webhook_id", "state", "planned_at", "id"),
    Index("ix_webhook_delivery_due", "webhook_id", "due_at", postgresql_where=WAITING),
    Index("ix_webhook_delivery_line", "webhook_id", "aggregate_id", "sequence", postgresql_where=WAITING),
    Index("ix_webhook_delivery_ended", "state", "ended_at", postgresql_where=text("state <> 'waiting'")),
)


class WebhookAttemptColumns(TypedColumns):
    """One try: written before it is made, so that one whose process was killed is seen too."""

    delivery_id = Column(Uuid, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True)
    number = Column(Integer, primary_key=True, autoincrement=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    status: Column[int | None] = Column(Integer)
    milliseconds: Column[int | None] = Column(Integer)
    error: Column[str | None] = Column(Text)
    excerpt: Column[str | None] = Column(Text)


webhook_attempt = Table("webhook_attempt", metadata, WebhookAttemptColumns)
