"""Audit who decided how long customers may be neglected."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "customer_audited_reclaim_rules"
down_revision = "customer_visit_frequencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reclaim_rules", sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
    op.create_unique_constraint(op.f("uq_reclaim_rules_id"), "reclaim_rules", ["id"])
    install_audit("reclaim_rules", "reclaim_rules")


def downgrade() -> None:
    op.execute("DROP TRIGGER audited ON reclaim_rules")
    op.drop_column("reclaim_rules", "id")
