"""Keep segments of the base that people save."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_audit

revision = "customer_segments"
down_revision = "customer_merging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "customer_segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_segment")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_customer_segment_owner_id_name")),
    )
    install_audit("customer_segment", "customer_segment")


def downgrade() -> None:
    op.drop_table("customer_segment")
