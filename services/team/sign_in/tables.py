"""Passwords, hashed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text, TypedColumns

from servicekit.data.tables import audited
from services.team.metadata import metadata


class CredentialColumns(TypedColumns):
    """Somebody's password; their username is the person's own."""

    person_id: Column[UUID] = Column(ForeignKey("person.id"), primary_key=True)
    password_hash: Column[str] = Column(Text, nullable=False)
    changed_by: Column[UUID | None] = Column()
    changed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


credential = audited(
    Table("credential", metadata, CredentialColumns), "person", id_column="person_id", personal=("password_hash",)
)
