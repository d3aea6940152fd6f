"""Keep customers and contacts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "customer0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_key", sa.Text(), nullable=False),
        sa.Column("discriminator", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("annual_revenue", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("annual_revenue_currency", sa.Text(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("founded", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'channel', 'competitor')", name=op.f("ck_customer_kind_known")),
        sa.CheckConstraint("tier IN ('strategic', 'key', 'growth', 'standard')", name=op.f("ck_customer_tier_known")),
        sa.CheckConstraint(
            "(annual_revenue IS NULL) = (annual_revenue_currency IS NULL)",
            name=op.f("ck_customer_revenue_has_currency"),
        ),
        sa.CheckConstraint("annual_revenue >= 0", name=op.f("ck_customer_annual_revenue_not_negative")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_customer_parent_is_another")),
        sa.ForeignKeyConstraint(["parent_id"], ["customer.id"], name=op.f("fk_customer_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_customer_external_system_external_id")),
        sa.UniqueConstraint(
            "name_key",
            "country",
            "city_key",
            "discriminator",
            name=op.f("uq_customer_name_key_country_city_key_discriminator"),
        ),
    )
    op.create_index("ix_customer_city_key", "customer", ["city_key", "name_key", "id"], unique=False)
    op.create_index("ix_customer_country", "customer", ["country", "name_key", "id"], unique=False)
    op.create_index("ix_customer_created_at", "customer", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_customer_entered_unassigned",
        "customer",
        ["created_by", "name_key", "id"],
        unique=False,
        postgresql_where=sa.text("account_manager_id IS NULL"),
    )
    op.create_index("ix_customer_manager_created", "customer", ["account_manager_id", "created_at", "id"], unique=False)
    op.create_index("ix_customer_manager_name", "customer", ["account_manager_id", "name_key", "id"], unique=False)
    op.create_index("ix_customer_name_key", "customer", ["name_key", "id"], unique=False)
    op.create_index("ix_customer_parent", "customer", ["parent_id", "name_key", "id"], unique=False)
    op.create_index(
        "ix_customer_search_text",
        "customer",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("ix_customer_tier", "customer", ["tier", "name_key", "id"], unique=False)
    op.create_index(
        "ix_customer_unassigned",
        "customer",
        ["name_key", "id"],
        unique=False,
        postgresql_where=sa.text("account_manager_id IS NULL"),
    )
    op.create_table(
        "hierarchy_lock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hierarchy_lock")),
    )
    op.create_table(
        "import_record",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("digests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_import_record")),
    )
    op.create_table(
        "opportunity_team",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("is_principal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("opportunity_id", "person_id", name=op.f("pk_opportunity_team")),
    )
    op.create_index("ix_opportunity_team_customer", "opportunity_team", ["customer_id", "person_id"], unique=False)
    op.create_index("ix_opportunity_team_person", "opportunity_team", ["person_id", "customer_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_assignment_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_customer_id", "assignment", ["customer_id", "version", "id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("reports_to_id", sa.Uuid(), nullable=True),
        sa.Column("has_left", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("personal_salt", sa.Text(), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id")),
        sa.ForeignKeyConstraint(["reports_to_id"], ["contact.id"], name=op.f("fk_contact_reports_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_contact_external_system_external_id")),
    )
    op.create_index("ix_contact_customer_id", "contact", ["customer_id", "name", "id"], unique=False)
    op.create_index("ix_contact_name", "contact", ["name", "id"], unique=False)
    op.create_index(op.f("ix_contact_reports_to_id"), "contact", ["reports_to_id"], unique=False)
    op.create_index(
        "ix_contact_search_text",
        "contact",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "uq_contact_customer_id_email_key",
        "contact",
        ["customer_id", "email_key"],
        unique=True,
        postgresql_where=sa.text("email_key IS NOT NULL"),
    )
    op.create_table(
        "customer_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line_1", sa.Text(), nullable=False),
        sa.Column("line_2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('headquarters', 'delivery', 'billing', 'other')", name=op.f("ck_customer_address_kind_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_address_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_address")),
    )
    op.create_index("ix_customer_address_customer_id", "customer_address", ["customer_id", "id"], unique=False)
    op.create_table(
        "customer_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "scheme IN ('uscc', 'vat', 'duns', 'lei', 'domain')", name=op.f("ck_customer_identifier_scheme_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_identifier_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_identifier")),
    )
    op.create_index(
        "uq_customer_identifier_customer_id_scheme_value",
        "customer_identifier",
        ["customer_id", "scheme", "value"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "uq_customer_identifier_scheme_value",
        "customer_identifier",
        ["scheme", "value"],
        unique=True,
        postgresql_where=sa.text("verified AND ended_on IS NULL"),
    )
    op.create_table(
        "customer_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('short', 'english', 'former', 'brand', 'other')", name=op.f("ck_customer_name_kind_known")
        ),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_customer_name_span_not_empty")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_name_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_name")),
        sa.UniqueConstraint("customer_id", "kind", "name", name=op.f("uq_customer_name_customer_id_kind_name")),
    )
    op.create_index("ix_customer_name_name_key", "customer_name", ["name_key"], unique=False)
    op.create_table(
        "tier_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_tier_change_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_change")),
    )
    op.create_index("ix_tier_change_customer_id", "tier_change", ["customer_id", "version", "id"], unique=False)
    op.execute("INSERT INTO hierarchy_lock (id) VALUES (1)")
    for table in ("assignment", "tier_change"):
        install_append_only(table)
    install_audit("customer", "customer")
    for table in ("customer_name", "customer_identifier", "customer_address"):
        install_audit(table, "customer", "customer_id")
    install_audit("contact", "contact", personal=("name", "email", "email_key", "phone", "search_text"))


def downgrade() -> None:
    raise NotImplementedError("The first revision is not undone: drop the schema instead.")
