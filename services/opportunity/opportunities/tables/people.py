"""Who was principal owner when, exactly one at each instant, and who takes part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from servicekit.data.tables import audited, guarded
from servicekit.data.violations import register_violations
from services.opportunity.metadata import metadata
from services.opportunity.opportunities.rules import AlreadyMember, PrincipalMoved


class PrincipalHistoryColumns(TypedColumns):
    """A principal owner from an instant until another; who decided it, by what right and by which org chart.

    A row is written once; `until_at` alone is set, once (trigger `only_closes`). A deferred trigger
    (`principal_is_held`) refuses a commit that leaves an opportunity's `principal_id` without its open row.
    """

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    principal_id: Column[UUID] = Column(nullable=False)
    from_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    until_at: Column[datetime | None] = Column(DateTime(timezone=True))
    recorded_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    authority: Column[str] = Column(Text, nullable=False)
    reason: Column[str | None] = Column(Text)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    chart_version: Column[int | None] = Column()


principal_history = Table(
    "principal_history",
    metadata,
    PrincipalHistoryColumns,
    ExcludeConstraint(
        ("opportunity_id", "="),
        (func.tstzrange(column("from_at"), column("until_at")), "&&"),
        name="ex_principal_history_one_at_a_time",
        using="gist",
    ),
    Index(
        "uq_principal_history_present",
        "opportunity_id",
        unique=True,
        postgresql_where=column("until_at").is_(None),
    ),
    Index("ix_principal_history_principal_id", "principal_id"),
    Index("ix_principal_history_opportunity_id_from_at", "opportunity_id", "from_at"),
)
guarded(principal_history, "only_closes", "principal_is_held")

register_violations(
    {
        "ex_principal_history_one_at_a_time": PrincipalMoved,
        "uq_principal_history_present": PrincipalMoved,
    }
)


class SalesTeamMemberColumns(TypedColumns):
    """Somebody who takes part, in a role, from and until; the principal is not among them."""

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    person_id: Column[UUID] = Column(nullable=False)
    role: Column[str] = Column(Text, nullable=False)
    from_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    until_at: Column[datetime | None] = Column(DateTime(timezone=True))


sales_team_member = audited(
    Table(
        "sales_team_member",
        metadata,
        SalesTeamMemberColumns,
        CheckConstraint("role <> 'principal'", name="principal_by_ownership"),
        CheckConstraint("until_at >= from_at", name="ends_after_beginning"),
        Index(
            "uq_sales_team_member_present",
            "opportunity_id",
            "person_id",
            "role",
            unique=True,
            postgresql_where=text("until_at IS NULL"),
        ),
        Index(
            "ix_sales_team_member_person_id",
            "person_id",
            "opportunity_id",
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_sales_team_member_opportunity_id", "opportunity_id"),
    ),
    "opportunity",
    id_column="opportunity_id",
)

register_violations({"uq_sales_team_member_present": AlreadyMember})
