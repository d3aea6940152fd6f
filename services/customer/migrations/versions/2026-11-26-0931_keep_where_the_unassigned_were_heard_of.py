"""Keep with who waits for the assignment rules where it was heard of: rules may look at the source of an intake."""

import sqlalchemy as sa
from alembic import op

revision = "customer_unassigned_source"
down_revision = "customer_audited_classification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("unassigned", sa.Column("source", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("unassigned", "source")
