"""Say how often customers of each tier are to be visited."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "customer_visit_frequencies"
down_revision = "customer_unassigned_source"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "visit_frequencies",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("strategic_days", sa.Integer(), nullable=True),
        sa.Column("key_days", sa.Integer(), nullable=True),
        sa.Column("growth_days", sa.Integer(), nullable=True),
        sa.Column("standard_days", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "least(strategic_days, key_days, growth_days, standard_days) > 0",
            name=op.f("ck_visit_frequencies_days_positive"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_visit_frequencies")),
        sa.UniqueConstraint("id", name=op.f("uq_visit_frequencies_id")),
    )
    op.create_index("ix_visit_frequencies_from_date", "visit_frequencies", ["from_date", "number"], unique=False)
    install_append_only("visit_frequencies")
    install_audit("visit_frequencies", "visit_frequencies")


def downgrade() -> None:
    op.drop_index("ix_visit_frequencies_from_date", table_name="visit_frequencies")
    op.drop_table("visit_frequencies")
