"""Keep published demand plans."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast0004"
down_revision = "forecast0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "demand_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("change", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_demand_plan_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_plan")),
    )
    op.create_index("uq_demand_plan_cycle_id_number", "demand_plan", ["cycle_id", "number"], unique=True)
    op.create_table(
        "demand_plan_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("change_quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("change_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["demand_plan.id"], name=op.f("fk_demand_plan_line_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_plan_line")),
    )
    op.create_index(op.f("ix_demand_plan_line_plan_id_id"), "demand_plan_line", ["plan_id", "id"], unique=True)
    op.create_table(
        "demand_plan_source",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_demand_plan_source_forecast_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["demand_plan.id"], name=op.f("fk_demand_plan_source_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "forecast_id", name=op.f("pk_demand_plan_source")),
    )
    install_append_only("demand_plan")
    install_append_only("demand_plan_line")
    install_append_only("demand_plan_source")
    install_audit("demand_plan", "demand_plan")


def downgrade() -> None:
    op.drop_table("demand_plan_source")
    op.drop_table("demand_plan_line")
    op.drop_table("demand_plan")
