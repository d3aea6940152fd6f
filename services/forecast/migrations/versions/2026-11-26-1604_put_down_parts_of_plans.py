"""Put down what was decided for each place while a plan is being published."""

import sqlalchemy as sa
from alembic import op

revision = "forecast_plan_parts"
down_revision = "forecast_plan_decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "demand_plan_part",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid()),
        sa.Column("product_line_id", sa.Uuid()),
        sa.Column("unit", sa.Text()),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("week", sa.Date()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("sales_quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("sales_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("decision_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_demand_plan_part")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("demand_plan_part")
