"""Keep portfolio plans, their parts and their coverage; write what is planned into the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "customer_portfolio"
down_revision = "customer_identifiers_by_customer"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "portfolio_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("allocation", sa.Integer(), nullable=True),
        sa.Column("allocations_made", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("revises_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_for", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.literal_column("owner_id"), "="),
            (sa.text("daterange(in_force_from, ends_on)"), "&&"),
            where=sa.text("state = 'approved'"),
            using="gist",
            name="ex_portfolio_plan_one_in_force",
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (approved_at IS NULL)", name=op.f("ck_portfolio_plan_approved_at_an_instant")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (allocation IS NOT NULL AND in_force_from IS NOT NULL)",
            name=op.f("ck_portfolio_plan_approved_whole"),
        ),
        sa.CheckConstraint("state IN ('draft', 'approved', 'superseded')", name=op.f("ck_portfolio_plan_state_known")),
        sa.CheckConstraint(
            "(revises_id IS NULL) = (reason IS NULL)", name=op.f("ck_portfolio_plan_revised_with_reason")
        ),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_portfolio_plan_days_not_empty")),
        sa.ForeignKeyConstraint(["revises_id"], ["portfolio_plan.id"], name=op.f("fk_portfolio_plan_revises_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_plan")),
    )
    op.create_index("ix_portfolio_plan_created_at", "portfolio_plan", ["created_at", "id"], unique=False)
    op.create_index("ix_portfolio_plan_owner", "portfolio_plan", ["owner_id", "created_at", "id"], unique=False)
    op.create_table(
        "portfolio_allocation",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("coverage", sa.Integer(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount >= 0 AND coverage >= 0", name=op.f("ck_portfolio_allocation_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_portfolio_allocation_customer_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["portfolio_plan.id"], name=op.f("fk_portfolio_allocation_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "number", "customer_id", name=op.f("pk_portfolio_allocation")),
    )
    op.create_index(
        "ix_portfolio_allocation_customer", "portfolio_allocation", ["customer_id", "plan_id", "number"], unique=False
    )
    op.create_table(
        "portfolio_coverage",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activities", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_portfolio_coverage_customer_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["portfolio_plan.id"], name=op.f("fk_portfolio_coverage_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "customer_id", name=op.f("pk_portfolio_coverage")),
    )
    op.create_index(
        "ix_portfolio_coverage_due",
        "portfolio_coverage",
        ["plan_id", "customer_id"],
        unique=False,
        postgresql_where=sa.text("planned_at IS NULL"),
    )
    install_audit("portfolio_plan", "portfolio_plan")
    install_append_only("portfolio_allocation")
    for table in ("need_assessment", "competitive_assessment", "competitive_strategy", "account_plan_year"):
        install_audit(table, table)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("need_assessment", "competitive_assessment", "competitive_strategy", "account_plan_year"):
        op.execute(f"DROP TRIGGER audited ON {table}")
    op.drop_table("portfolio_coverage")
    op.drop_table("portfolio_allocation")
    op.drop_table("portfolio_plan")
