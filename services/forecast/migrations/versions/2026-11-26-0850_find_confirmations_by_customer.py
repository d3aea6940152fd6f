"""Find what stands in forecasts of a customer."""

from alembic import op

revision = "forecast_of_customer"
down_revision = "forecast_merged_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_confirmation_customer_id", "confirmation", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_confirmation_customer_id", "confirmation")
