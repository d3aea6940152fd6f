"""Know which customer another one stands for."""

import sqlalchemy as sa
from alembic import op

revision = "opportunity_merged_customers"
down_revision = "opportunity_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("customer_copy", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_customer_copy_survivor", "customer_copy", [sa.text("coalesce(merged_into_id, id)")], unique=False
    )
    op.create_index("ix_customer_copy_parent_id", "customer_copy", ["parent_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_customer_copy_parent_id", table_name="customer_copy")
    op.drop_index("ix_customer_copy_survivor", table_name="customer_copy")
    op.drop_column("customer_copy", "merged_into_id")
