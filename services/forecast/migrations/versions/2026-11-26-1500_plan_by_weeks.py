"""Tell forecasts and plans apart by weeks, and keep what each adjustment added to which cell."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only

revision = "forecast_plan_weeks"
down_revision = "channel_forecasts"
branch_labels = None
depends_on = None

BY_WEEK = ("confirmation_line", "submission_cell", "demand_plan_line")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("forecast_cycle", sa.Column("plan_period", sa.Text(), server_default="month", nullable=False))
    op.create_check_constraint(
        op.f("ck_forecast_cycle_plan_period"), "forecast_cycle", "plan_period IN ('month', 'week')"
    )
    for table in BY_WEEK:
        op.add_column(table, sa.Column("week", sa.Date(), nullable=True))
    op.add_column("adjustment", sa.Column("is_by_week", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("submission_confirmation", sa.Column("delivered_to", sa.Text(), nullable=True))
    op.create_table(
        "submission_share",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("place_in_list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(["adjustment_id"], ["adjustment.id"], name=op.f("fk_submission_share_adjustment_id")),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_share_forecast_id")
        ),
        sa.PrimaryKeyConstraint("forecast_id", "adjustment_id", "place_in_list", name=op.f("pk_submission_share")),
    )
    install_append_only("submission_share")


def downgrade() -> None:
    op.drop_table("submission_share")
    op.drop_column("submission_confirmation", "delivered_to")
    op.drop_column("adjustment", "is_by_week")
    for table in BY_WEEK:
        op.drop_column(table, "week")
    op.drop_constraint(op.f("ck_forecast_cycle_plan_period"), "forecast_cycle")
    op.drop_column("forecast_cycle", "plan_period")
