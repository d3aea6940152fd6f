"""Know which customer another one stands for."""

import sqlalchemy as sa
from alembic import op

revision = "forecast_merged_customers"
down_revision = "forecast0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("known_customer", sa.Column("merged_into_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("known_customer", "merged_into_id")
