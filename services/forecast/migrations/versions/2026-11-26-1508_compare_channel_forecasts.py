"""Keep comparisons of sales with what sources say, and the decisions on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast_comparisons"
down_revision = "forecast_suggestions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "forecast_comparison",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("tolerance", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("top_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("channel_forecast_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gathered_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_forecast_comparison_tolerance")),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_forecast_comparison_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_comparison")),
    )
    op.create_index(
        op.f("ix_forecast_comparison_business_unit_id"), "forecast_comparison", ["business_unit_id"], unique=False
    )
    op.create_index(
        "uq_forecast_comparison_cycle_id_business_unit_id",
        "forecast_comparison",
        ["cycle_id", "business_unit_id"],
        unique=True,
    )
    op.create_table(
        "comparison_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(choice = 'source') = (source_id IS NOT NULL)", name=op.f("ck_comparison_decision_source")),
        sa.CheckConstraint(
            "choice IN ('sales', 'source', 'blend', 'by_hand')", name=op.f("ck_comparison_decision_choice")
        ),
        sa.CheckConstraint("amount >= 0 AND quantity >= 0", name=op.f("ck_comparison_decision_not_negative")),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["forecast_comparison.id"], name=op.f("fk_comparison_decision_comparison_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["forecast_source.id"], name=op.f("fk_comparison_decision_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_decision")),
        sa.UniqueConstraint(
            "comparison_id",
            "product_line_id",
            "month",
            "number",
            name="uq_comparison_decision_line_number",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "comparison_tolerance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=True),
        sa.Column("tolerance", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_comparison_tolerance_tolerance")),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["forecast_comparison.id"], name=op.f("fk_comparison_tolerance_comparison_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_tolerance")),
    )
    op.create_index(
        op.f("ix_comparison_tolerance_business_unit_id_set_at"),
        "comparison_tolerance",
        ["business_unit_id", "set_at"],
        unique=False,
    )
    op.create_table(
        "comparison_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_beyond", sa.Boolean(), nullable=False),
        sa.Column("needs_decision", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("decision_is_stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["forecast_comparison.id"], name=op.f("fk_comparison_line_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["comparison_decision.id"], name=op.f("fk_comparison_line_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_line")),
        sa.UniqueConstraint(
            "comparison_id",
            "product_line_id",
            "month",
            name="uq_comparison_line_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    install_append_only("comparison_tolerance")
    install_append_only("comparison_decision")
    install_audit("forecast_comparison", "forecast_comparison")
    install_audit("comparison_tolerance", "forecast_comparison", "comparison_id")
    install_audit("comparison_decision", "forecast_comparison", "comparison_id")


def downgrade() -> None:
    op.drop_table("comparison_line")
    op.drop_index(op.f("ix_comparison_tolerance_business_unit_id_set_at"), table_name="comparison_tolerance")
    op.drop_table("comparison_tolerance")
    op.drop_table("comparison_decision")
    op.drop_index("uq_forecast_comparison_cycle_id_business_unit_id", table_name="forecast_comparison")
    op.drop_index(op.f("ix_forecast_comparison_business_unit_id"), table_name="forecast_comparison")
    op.drop_table("forecast_comparison")
