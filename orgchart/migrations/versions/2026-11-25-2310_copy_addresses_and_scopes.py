"""Copy by what people may sign in elsewhere, and what machine clients are limited to."""

import sqlalchemy as sa
from alembic import op

revision = "orgchart0002"
down_revision = "orgchart0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("orgchart_person", sa.Column("email", sa.Text(), nullable=True))
    op.add_column(
        "orgchart_person",
        sa.Column("scopes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("orgchart_person", "scopes")
    op.drop_column("orgchart_person", "email")
