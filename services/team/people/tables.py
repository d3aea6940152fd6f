"""People and machine clients, and what became of their roles."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.team.metadata import metadata
from services.team.people.rules import LeftBeforeJoining, PersonReferenceTaken, UnknownBusinessUnit, UsernameTaken


class PersonColumns(TypedColumns):
    """A person or machine client, there from `joined_on` up to, and not including, `left_on`.

    `search_text` is name, title and address as they are searched; `personal_salt` hides them in the audit trail.
    `scopes` limit a machine client.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    email: Column[str | None] = Column(Text)
    title: Column[str | None] = Column(Text)
    username: Column[str | None] = Column(Text)
    business_unit_id: Column[UUID | None] = Column(ForeignKey("business_unit.id"))
    joined_on: Column[date | None] = Column(Date)
    left_on: Column[date | None] = Column(Date)
    roles: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    scopes: Column[list[str]] = Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    search_text: Column[str] = Column(Text, nullable=False)
    personal_salt: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


person = audited(
    Table(
        "person",
        metadata,
        PersonColumns,
        UniqueConstraint("external_system", "external_id"),
        UniqueConstraint("username"),
        CheckConstraint("kind IN ('person', 'machine')", name="kind_known"),
        CheckConstraint("(external_system IS NULL) = (external_id IS NULL)", name="reference_whole"),
        CheckConstraint("left_on >= joined_on", name="joined_before_left"),
        Index("ix_person_name", "name", "id"),
        Index("ix_person_created_at", "created_at", "id"),
        Index("ix_person_business_unit_id", "business_unit_id", "name", "id"),
        Index(
            "ix_person_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    ),
    "person",
    personal=("name", "email", "username", "search_text"),
)


class RoleChangeColumns(TypedColumns):
    """One role granted or withdrawn: by whom (nobody: by the service itself), when, why."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    role: Column[str] = Column(Text, nullable=False)
    change: Column[str] = Column(Text, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID | None] = Column()
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


role_change = append_only(
    audited(
        Table(
            "role_change",
            metadata,
            RoleChangeColumns,
            CheckConstraint("change IN ('granted', 'withdrawn')", name="change_known"),
            Index("ix_role_change_person_id", "person_id", "decided_at", "id"),
        ),
        "person",
        id_column="person_id",
    )
)

register_violations(
    {
        "uq_person_external_system_external_id": PersonReferenceTaken,
        "uq_person_username": UsernameTaken,
        "fk_person_business_unit_id": UnknownBusinessUnit,
        "ck_person_joined_before_left": LeftBeforeJoining,
    }
)
