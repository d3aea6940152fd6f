"""Passwords, hashed; who signed in or tried to; and the sessions of browsers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, TypedColumns

from servicekit.data.tables import append_only, audited
from services.team.metadata import metadata
from services.team.sign_in.rules import SignInStep


class CredentialColumns(TypedColumns):
    """Somebody's password; their username is the person's own."""

    person_id: Column[UUID] = Column(ForeignKey("person.id"), primary_key=True)
    password_hash: Column[str] = Column(Text, nullable=False)
    changed_by: Column[UUID | None] = Column()
    changed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


credential = audited(
    Table("credential", metadata, CredentialColumns), "person", id_column="person_id", personal=("password_hash",)
)


class SignInEventColumns(TypedColumns):
    """Somebody signed in, tried to, or was signed out; `client_id` is the browser client, if it was at one."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(nullable=False)
    step: Column[str] = Column(Text, nullable=False)
    client_id: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


_STEPS = ", ".join(f"'{step.value}'" for step in SignInStep)

sign_in_event = append_only(
    audited(
        Table(
            "sign_in_event",
            metadata,
            SignInEventColumns,
            CheckConstraint(f"step IN ({_STEPS})", name="step_known"),
        ),
        "person",
        id_column="person_id",
    )
)
"""Each is in the person's audit trail too, by the database."""


class SignInSessionColumns(TypedColumns):
    """Somebody is signed in at a browser client until `expires_at`, unless it `ended_at` before."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    client_id: Column[str] = Column(Text, nullable=False)
    signed_in_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    expires_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    ended_at: Column[datetime | None] = Column(DateTime(timezone=True))


sign_in_session = Table(
    "sign_in_session",
    metadata,
    SignInSessionColumns,
    Index("ix_sign_in_session_person_id", "person_id"),
    Index("ix_sign_in_session_expires_at", "expires_at"),
)
