"""Keep the catalogue, exchange rates and opportunities with their dated terms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "opportunity0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "customer_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_copy")),
    )
    op.create_index(op.f("ix_customer_copy_account_manager_id"), "customer_copy", ["account_manager_id"], unique=False)
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_currency", sa.Text(), nullable=False),
        sa.Column("to_currency", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_currency <> to_currency", name=op.f("ck_exchange_rate_two_currencies")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rate_rate_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "from_currency", "to_currency", "date", name=op.f("uq_exchange_rate_from_currency_to_currency_date")
        ),
    )
    op.create_table(
        "product_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["product_line.id"], name=op.f("fk_product_line_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_line")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_product_line_external_system_external_id")),
        sa.UniqueConstraint(
            "parent_id", "name", name=op.f("uq_product_line_parent_id_name"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_product_line_parent_id"), "product_line", ["parent_id"], unique=False)
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("principal_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("funnel_version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stood_in", sa.Text(), nullable=True),
        sa.Column("age_known", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("loss_reason", sa.Text(), nullable=True),
        sa.Column("win_reason", sa.Text(), nullable=True),
        sa.Column("competitor_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("amount_is_estimate", sa.Boolean(), nullable=False),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("product_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("terms_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'lost') = (loss_reason IS NOT NULL)", name=op.f("ck_opportunity_loss_has_reason")),
        sa.CheckConstraint("(state = 'open') = (decided_on IS NULL)", name=op.f("ck_opportunity_decided_when_closed")),
        sa.CheckConstraint("(state = 'won') = (stage = 'close')", name=op.f("ck_opportunity_close_is_won")),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_opportunity_state_known")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_opportunity_amount_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer_copy.id"], name=op.f("fk_opportunity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_opportunity_external_system_external_id")),
    )
    op.create_index("ix_opportunity_amount", "opportunity", ["amount"], unique=False)
    op.create_index(
        "ix_opportunity_amount_down",
        "opportunity",
        [sa.literal_column("(amount IS NOT NULL)"), sa.literal_column("coalesce(amount, '0'::numeric(20,4))"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_close",
        "opportunity",
        [
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_open_close",
        "opportunity",
        [
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_opportunity_close_down",
        "opportunity",
        [
            sa.literal_column("(expected_close IS NOT NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
    )
    op.create_index("ix_opportunity_customer", "opportunity", ["customer_id", "id"], unique=False)
    op.create_index("ix_opportunity_expected_close", "opportunity", ["expected_close"], unique=False)
    op.create_index(
        "ix_opportunity_manager_close",
        "opportunity",
        [
            "account_manager_id",
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_manager_open_close",
        "opportunity",
        [
            "account_manager_id",
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_opportunity_manager_created", "opportunity", ["account_manager_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_opportunity_principal_amount_down",
        "opportunity",
        [
            "principal_id",
            sa.literal_column("(amount IS NOT NULL)"),
            sa.literal_column("coalesce(amount, '0'::numeric(20,4))"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_principal_close",
        "opportunity",
        [
            "principal_id",
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_principal_open_close",
        "opportunity",
        [
            "principal_id",
            sa.literal_column("(expected_close IS NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_opportunity_principal_close_down",
        "opportunity",
        [
            "principal_id",
            sa.literal_column("(expected_close IS NOT NULL)"),
            sa.literal_column("coalesce(expected_close, '0001-01-01'::date)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_principal_created", "opportunity", ["principal_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_opportunity_product_ids", "opportunity", ["product_ids"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_opportunity_search_name",
        "opportunity",
        ["search_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_name": "gin_trgm_ops"},
    )
    op.create_index("ix_opportunity_created", "opportunity", ["created_at", "id"], unique=False)
    op.create_index("ix_opportunity_stage", "opportunity", ["stage", "state"], unique=False)
    op.create_index("ix_opportunity_currency", "opportunity", ["currency"], unique=False)
    op.create_index("ix_opportunity_origin", "opportunity", ["origin"], unique=False)
    op.create_index("ix_opportunity_stage_since", "opportunity", ["stage_since"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("list_price", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("list_price_currency", sa.Text(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(list_price IS NULL) = (list_price_currency IS NULL)", name=op.f("ck_product_list_price_has_currency")
        ),
        sa.CheckConstraint("list_price >= 0", name=op.f("ck_product_list_price_not_negative")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_line.id"], name=op.f("fk_product_product_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_product_external_system_external_id")),
    )
    op.create_index(op.f("ix_product_product_line_id"), "product", ["product_line_id"], unique=False)
    op.create_table(
        "import_record",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("history", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_import_record_opportunity_id")),
        sa.PrimaryKeyConstraint("opportunity_id", name=op.f("pk_import_record")),
    )
    op.create_table(
        "terms_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("amount_is_estimate", sa.Boolean(), nullable=False),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("product_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_terms_change_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_change")),
    )
    op.create_index(
        "ix_terms_change_opportunity_id_at_id", "terms_change", ["opportunity_id", "at", "id"], unique=False
    )

    install_append_only("terms_change")
    for table in ("product_line", "product", "exchange_rate", "opportunity"):
        install_audit(table, table)


def downgrade() -> None:
    raise NotImplementedError("The first revisions are not undone: drop the schema instead.")
