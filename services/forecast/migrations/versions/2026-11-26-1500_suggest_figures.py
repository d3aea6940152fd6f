"""Keep suggested figures, and the tier of customers that they are grouped by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast_suggestions"
down_revision = "forecast_handover"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("known_customer", sa.Column("tier", sa.Text(), nullable=True))
    # What was told of customers is heard again, for their tiers.
    op.execute("UPDATE known_customer SET version = 0")
    op.execute("UPDATE consumer_cursor SET position = 0 WHERE peer = 'customer'")
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("without_rate", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_suggestion_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    op.create_index(op.f("ix_suggestion_cycle_id_asked_at_id"), "suggestion", ["cycle_id", "asked_at", "id"])
    install_audit("suggestion", "forecast_cycle", "cycle_id")
    op.create_table(
        "suggested_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_total", sa.Boolean(), nullable=False),
        sa.Column("customer_group", sa.Text(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("lower", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("upper", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("coverage", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("wape", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("bias", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Text(), nullable=True),
        sa.Column("tried", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("scope IN ('own', 'line')", name=op.f("ck_suggested_figure_scope")),
        sa.CheckConstraint("(amount IS NULL) = (lacking IS NOT NULL)", name=op.f("ck_suggested_figure_lacking")),
        sa.CheckConstraint(
            "amount IS NULL OR (lower <= amount AND amount <= upper AND periods > 0)",
            name=op.f("ck_suggested_figure_interval"),
        ),
        sa.CheckConstraint(
            "NOT is_total OR (customer_group IS NULL AND product_line_id IS NULL)",
            name=op.f("ck_suggested_figure_total"),
        ),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestion.id"], name=op.f("fk_suggested_figure_suggestion_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_suggested_figure_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggested_figure")),
    )
    op.create_index(
        "uq_suggested_figure_once",
        "suggested_figure",
        ["suggestion_id", "seat_id", "scope", "month", "is_total", "customer_group", "product_line_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        op.f("ix_suggested_figure_suggestion_id_month_id"), "suggested_figure", ["suggestion_id", "month", "id"]
    )
    install_append_only("suggested_figure")


def downgrade() -> None:
    op.drop_table("suggested_figure")
    op.drop_table("suggestion")
    op.drop_column("known_customer", "tier")
