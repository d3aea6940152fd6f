"""Keep by how much a decision on a comparison changed a line of a plan."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only

revision = "forecast_plan_decisions"
down_revision = "forecast_comparisons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "demand_plan_decision",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["comparison_decision.id"], name=op.f("fk_demand_plan_decision_decision_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["demand_plan_line.id"], name=op.f("fk_demand_plan_decision_line_id")),
        sa.PrimaryKeyConstraint("line_id", "decision_id", name=op.f("pk_demand_plan_decision")),
    )
    install_append_only("demand_plan_decision")


def downgrade() -> None:
    op.drop_table("demand_plan_decision")
