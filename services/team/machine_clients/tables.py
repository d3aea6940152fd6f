"""Secrets of machine clients, hashed, and when each was used last."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, Text, TypedColumns

from servicekit.data.tables import audited
from services.team.metadata import metadata


class SecretColumns(TypedColumns):
    """A secret, as its SHA-256: it counts until `expires_at`, and no longer once it is removed."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    secret_hash: Column[str] = Column(Text, nullable=False)
    expires_at: Column[datetime | None] = Column(DateTime(timezone=True))
    created_by: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    removed_by: Column[UUID | None] = Column()
    removed_at: Column[datetime | None] = Column(DateTime(timezone=True))


client_secret = audited(
    Table("client_secret", metadata, SecretColumns, Index("ix_client_secret_person_id", "person_id", "id")),
    "person",
    id_column="person_id",
    personal=("secret_hash",),
)


class SecretUseColumns(TypedColumns):
    """When a secret was used last, to the minute; apart, so that a use is no change in the audit trail."""

    secret_id: Column[UUID] = Column(ForeignKey("client_secret.id"), primary_key=True)
    last_used_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


client_secret_use = Table("client_secret_use", metadata, SecretUseColumns)
