"""Keep ERP systems, their codes for what is ours, and the orders that they have confirmed."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "forecast_erp"
down_revision = "forecast_won_by"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "confirmed_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("line_number", sa.Text(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('confirmed', 'delivered', 'cancelled')", name=op.f("ck_confirmed_order_state")),
        sa.CheckConstraint("(amount IS NULL) = (currency IS NULL)", name=op.f("ck_confirmed_order_amount")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_confirmed_order_quantity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmed_order")),
        sa.UniqueConstraint(
            "external_system", "external_id", name=op.f("uq_confirmed_order_external_system_external_id")
        ),
    )
    op.create_index(op.f("ix_confirmed_order_due_on_id"), "confirmed_order", ["due_on", "id"], unique=False)
    op.create_index(op.f("ix_confirmed_order_opportunity_id"), "confirmed_order", ["opportunity_id"], unique=False)
    op.create_index(
        op.f("ix_confirmed_order_product_id_due_on"), "confirmed_order", ["product_id", "due_on"], unique=False
    )
    op.create_table(
        "erp_system",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("forecast_name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('erpnext', 'odoo', 'frepple', 'business_central', 'other')", name=op.f("ck_erp_system_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erp_system")),
        sa.UniqueConstraint("name", name=op.f("uq_erp_system_name")),
    )
    op.create_table(
        "erp_reference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('product', 'product_line', 'place', 'unit')", name=op.f("ck_erp_reference_kind")),
        sa.ForeignKeyConstraint(["system"], ["erp_system.name"], name=op.f("fk_erp_reference_system")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erp_reference")),
        sa.UniqueConstraint("system", "kind", "subject", name=op.f("uq_erp_reference_system_kind_subject")),
    )
    op.create_index(
        op.f("ix_erp_reference_system_kind_code"), "erp_reference", ["system", "kind", "code"], unique=False
    )
    for table in ("erp_system", "erp_reference", "confirmed_order"):
        install_audit(table, table)


def downgrade() -> None:
    op.drop_table("erp_reference")
    op.drop_table("erp_system")
    op.drop_table("confirmed_order")
