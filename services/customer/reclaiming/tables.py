"""How long customers may be neglected, and the notices that were given."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    text,
)

from servicekit.data.tables import append_only, audited
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata


class ReclaimRulesColumns(TypedColumns):
    """In force from a day until a later version's; of one day, the one decided last."""

    number = Column(Integer, Identity(always=True), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    from_date: Column[date] = Column(Date, nullable=False)
    is_on: Column[bool] = Column(Boolean, nullable=False)
    never_won_days: Column[int] = Column(Integer, nullable=False)
    after_contract_days: Column[int] = Column(Integer, nullable=False)
    notice_days: Column[int] = Column(Integer, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


reclaim_rules = audited(
    append_only(
        Table(
            "reclaim_rules",
            metadata,
            ReclaimRulesColumns,
            CheckConstraint(
                "notice_days > 0 AND notice_days < least(never_won_days, after_contract_days)", name="notice_within"
            ),
            Index("ix_reclaim_rules_from_date", "from_date", "number"),
        )
    ),
    "reclaim_rules",
)


class ReclaimNoticeColumns(TypedColumns):
    """That a customer will be taken from its account manager on a day, unless something happens; one open at a time."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    account_manager_id: Column[UUID] = Column(nullable=False)
    why: Column[str] = Column(Text, nullable=False)
    last_day: Column[date] = Column(Date, nullable=False)
    due_on: Column[date] = Column(Date, nullable=False)
    rules_number: Column[int] = Column(Integer, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    announced_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    ended_at: Column[datetime | None] = Column(DateTime(timezone=True))


reclaim_notice = audited(
    Table(
        "reclaim_notice",
        metadata,
        ReclaimNoticeColumns,
        CheckConstraint("why IN ('never_won', 'contract_ended')", name="why_known"),
        CheckConstraint("state IN ('announced', 'withdrawn', 'reclaimed')", name="state_known"),
        CheckConstraint("(state = 'announced') = (ended_at IS NULL)", name="open_while_announced"),
        Index(
            "uq_reclaim_notice_customer_id_open",
            "customer_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_reclaim_notice_due_on", "due_on", "id"),
        Index("ix_reclaim_notice_customer_id", "customer_id", "due_on", "id"),
    ),
    "customer",
    id_column="customer_id",
)


class ReclaimRunColumns(TypedColumns):
    """One row: the business date on which all customers were last looked at."""

    id = Column(Integer, primary_key=True, autoincrement=False)
    ran_on: Column[date] = Column(Date, nullable=False)


reclaim_run = Table("reclaim_run", metadata, ReclaimRunColumns)
