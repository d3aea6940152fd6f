"""Customers as they are now, their parts, who looked after them when, and who else may see them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited, guarded
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.customer.customers.rules.refusals import (
    CustomerExists,
    IdentifierTaken,
    NameTaken,
    ReferenceTaken,
    SpanEmpty,
    UnknownParent,
)
from services.customer.metadata import metadata


class CustomerColumns(TypedColumns):
    """A company as it is now.

    `name_key`, `city_key` and `search_text` are derived (`matching.rules`); `discriminator` tells two real companies of
    one name in one city apart and is set by a decision of the review queue only. `merged_into_id` says which customer
    this one stands for since it was merged: the last of a chain, so that one step leads to the survivor.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    kind: Column[str] = Column(Text, nullable=False)
    legal_name: Column[str] = Column(Text, nullable=False)
    name_key: Column[str] = Column(Text, nullable=False)
    country: Column[str] = Column(Text, nullable=False)
    city: Column[str | None] = Column(Text)
    city_key: Column[str] = Column(Text, nullable=False)
    discriminator: Column[str] = Column(Text, nullable=False, server_default=text("''"))
    phone: Column[str | None] = Column(Text)
    website: Column[str | None] = Column(Text)
    industry: Column[str | None] = Column(Text)
    annual_revenue: Column[Decimal | None] = Column(amount_type())
    annual_revenue_currency: Column[str | None] = Column(Text)
    employees: Column[int | None] = Column(Integer)
    founded: Column[int | None] = Column(Integer)
    parent_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    merged_into_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    account_manager_id: Column[UUID | None] = Column()
    tier: Column[str | None] = Column(Text)
    origin: Column[str] = Column(Text, nullable=False)
    attributes: Column[dict[str, str]] = Column(JSONB, nullable=False)
    search_text: Column[str] = Column(Text, nullable=False)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_by: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


customer = audited(
    Table(
        "customer",
        metadata,
        CustomerColumns,
        UniqueConstraint("name_key", "country", "city_key", "discriminator"),
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint("kind IN ('customer', 'channel', 'competitor')", name="kind_known"),
        CheckConstraint("tier IN ('strategic', 'key', 'growth', 'standard')", name="tier_known"),
        CheckConstraint("annual_revenue >= 0", name="annual_revenue_not_negative"),
        CheckConstraint("(annual_revenue IS NULL) = (annual_revenue_currency IS NULL)", name="revenue_has_currency"),
        CheckConstraint("parent_id <> id", name="parent_is_another"),
        CheckConstraint("merged_into_id <> id", name="survivor_is_another"),
        Index("ix_customer_name_key", "name_key", "id"),
        Index("ix_customer_created_at", "created_at", "id"),
        Index("ix_customer_manager_name", "account_manager_id", "name_key", "id"),
        Index("ix_customer_manager_created", "account_manager_id", "created_at", "id"),
        Index(
            "ix_customer_entered_unassigned",
            "created_by",
            "name_key",
            "id",
            postgresql_where=text("account_manager_id IS NULL"),
        ),
        Index("ix_customer_unassigned", "name_key", "id", postgresql_where=text("account_manager_id IS NULL")),
        Index("ix_customer_parent", "parent_id", "name_key", "id"),
        Index("ix_customer_survivor", text("coalesce(merged_into_id, id)")),
        Index("ix_customer_tier", "tier", "name_key", "id"),
        Index("ix_customer_city_key", "city_key", "name_key", "id"),
        Index("ix_customer_country", "country", "name_key", "id"),
        Index(
            "ix_customer_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    ),
    "customer",
)


guarded(customer, "queue_unassigned", "aged")
"""Its trigger `aged` keeps `supplements.tables.customer_age`."""


class NameColumns(TypedColumns):
    """Another name of a company, from a date and until (not including) another, where they are known."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    name_key: Column[str] = Column(Text, nullable=False)
    from_date: Column[date | None] = Column(Date)
    until_date: Column[date | None] = Column(Date)


customer_name = audited(
    Table(
        "customer_name",
        metadata,
        NameColumns,
        UniqueConstraint("customer_id", "kind", "name"),
        CheckConstraint("kind IN ('short', 'english', 'former', 'brand', 'other')", name="kind_known"),
        CheckConstraint("until_date > from_date", name="span_not_empty"),
        Index("ix_customer_name_name_key", "name_key"),
    ),
    "customer",
    id_column="customer_id",
)


class IdentifierColumns(TypedColumns):
    """A strong identifier. One that is verified and not ended is unique in the base; the others decide nothing."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    scheme: Column[str] = Column(Text, nullable=False)
    value: Column[str] = Column(Text, nullable=False)
    verified: Column[bool] = Column(Boolean, nullable=False)
    ended_on: Column[date | None] = Column(Date)


customer_identifier = audited(
    Table(
        "customer_identifier",
        metadata,
        IdentifierColumns,
        Index(
            "uq_customer_identifier_customer_id_scheme_value",
            "customer_id",
            "scheme",
            "value",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
        CheckConstraint("scheme IN ('uscc', 'vat', 'duns', 'lei', 'domain')", name="scheme_known"),
        Index("ix_customer_identifier_customer_id", "customer_id", "id"),
        Index(
            "uq_customer_identifier_scheme_value",
            "scheme",
            "value",
            unique=True,
            postgresql_where=text("verified AND ended_on IS NULL"),
        ),
    ),
    "customer",
    id_column="customer_id",
)


class AddressColumns(TypedColumns):
    """An address of a company; an ended one stays."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    line_1: Column[str] = Column(Text, nullable=False)
    line_2: Column[str | None] = Column(Text)
    city: Column[str | None] = Column(Text)
    region: Column[str | None] = Column(Text)
    postal_code: Column[str | None] = Column(Text)
    country: Column[str] = Column(Text, nullable=False)
    ended_on: Column[date | None] = Column(Date)


customer_address = audited(
    Table(
        "customer_address",
        metadata,
        AddressColumns,
        CheckConstraint("kind IN ('headquarters', 'delivery', 'billing', 'other')", name="kind_known"),
        Index("ix_customer_address_customer_id", "customer_id", "id"),
    ),
    "customer",
    id_column="customer_id",
)


class AssignmentColumns(TypedColumns):
    """Who looks after a customer from an instant on; nobody means that it is in the `unassigned` list.

    `rules_number` and `rule_name` say by which rule, where one decided.
    `version` is the customer's, by which the decisions stand in their order: instants are of the requests' beginnings.
    """

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    version: Column[int] = Column(BigInteger, nullable=False)
    account_manager_id: Column[UUID | None] = Column()
    previous_id: Column[UUID | None] = Column()
    reason: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    rules_number: Column[int | None] = Column(BigInteger)
    rule_name: Column[str | None] = Column(Text)


assignment = append_only(
    Table(
        "assignment",
        metadata,
        AssignmentColumns,
        Index("ix_assignment_customer_id", "customer_id", "version", "id"),
    )
)


class UnassignedColumns(TypedColumns):
    """A customer that nobody looks after: since when and why. A trigger of `customer` sees that none is missing.

    `fallback_id` is who looks after it if no rules are in force, where nobody could be asked; `checked_number` is the
    version of the rules that was asked last, 0 where none was. `source` is where it was heard of, where it came by an
    intake: rules look at it. Competitors are looked after by nobody.
    """

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    since: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    why: Column[str] = Column(Text, nullable=False)
    reason: Column[str | None] = Column(Text)
    former_manager_id: Column[UUID | None] = Column()
    fallback_id: Column[UUID | None] = Column()
    checked_number: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    checked_at: Column[datetime | None] = Column(DateTime(timezone=True))
    source: Column[str | None] = Column(Text)


unassigned = Table(
    "unassigned",
    metadata,
    UnassignedColumns,
    CheckConstraint("why IN ('entered', 'not_asked', 'no_rule', 'returned', 'reclaimed')", name="why_known"),
    Index("ix_unassigned_since", "since", "customer_id"),
    Index("ix_unassigned_why", "why", "since", "customer_id"),
    Index("ix_unassigned_checked", "checked_number", "customer_id"),
)


class TierChangeColumns(TypedColumns):
    """A customer's tier from an instant on, in the order of the customer's versions."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    version: Column[int] = Column(BigInteger, nullable=False)
    tier: Column[str | None] = Column(Text)
    previous: Column[str | None] = Column(Text)
    reason: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


tier_change = append_only(
    Table(
        "tier_change",
        metadata,
        TierChangeColumns,
        Index("ix_tier_change_customer_id", "customer_id", "version", "id"),
    )
)


class OpportunityTeamColumns(TypedColumns):
    """Who takes part in an opportunity of the customer, by event; a principal's superiors see what the principal sees.

    An opportunity may wait for its customer. No foreign key: its event may name one that this base does not know.
    """

    opportunity_id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID | None] = Column()
    is_principal: Column[bool] = Column(Boolean, nullable=False)


opportunity_team = Table(
    "opportunity_team",
    metadata,
    OpportunityTeamColumns,
    Index("ix_opportunity_team_person", "person_id", "customer_id"),
    Index("ix_opportunity_team_customer", "customer_id", "person_id"),
)


class ChangeSourceColumns(TypedColumns):
    """From what a stretch of a customer's audit trail was learned; what is not in here was entered as such."""

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    first_sequence: Column[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    last_sequence: Column[int] = Column(BigInteger, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    source_id: Column[str | None] = Column(Text)


change_source = append_only(Table("change_source", metadata, ChangeSourceColumns))


class ImportRecordColumns(TypedColumns):
    """What was last imported for a record, a salted digest per field: what comes again as it was changes nothing."""

    record_id: Column[UUID] = Column(primary_key=True)
    digests: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


import_record = Table("import_record", metadata, ImportRecordColumns)


class HierarchyLockColumns(TypedColumns):
    """One row, locked by whoever changes a parent: two changes at once could close a cycle that neither sees."""

    id = Column(Integer, primary_key=True, autoincrement=False)


hierarchy_lock = Table("hierarchy_lock", metadata, HierarchyLockColumns)

register_violations(
    {
        "uq_customer_name_key_country_city_key_discriminator": lambda: CustomerExists(None, "name_country_and_city"),
        "uq_customer_external_system_external_id": ReferenceTaken,
        "uq_customer_identifier_scheme_value": lambda: CustomerExists(None, "identifier"),
        "uq_customer_identifier_customer_id_scheme_value": IdentifierTaken,
        "uq_customer_name_customer_id_kind_name": NameTaken,
        "ck_customer_name_span_not_empty": lambda: SpanEmpty("The end has to lie after the beginning.", field="/on"),
        "fk_customer_parent_id": UnknownParent,
    }
)
