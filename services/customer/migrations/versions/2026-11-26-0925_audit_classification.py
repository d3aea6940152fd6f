"""Audit schemes, from when they are in force, evaluations and what was decided on them."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "customer_audited_classification"
down_revision = "customer_coverage"
branch_labels = None
depends_on = None

TABLES = ("classification_scheme", "classification_scheme_start")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
        op.create_unique_constraint(op.f(f"uq_{table}_id"), table, ["id"])
        install_audit(table, table)
    install_audit("evaluation", "evaluation")
    install_audit("evaluation_decision", "evaluation", "evaluation_id")


def downgrade() -> None:
    for table in ("evaluation", "evaluation_decision"):
        op.execute(f"DROP TRIGGER audited ON {table}")
    for table in TABLES:
        op.execute(f"DROP TRIGGER audited ON {table}")
        op.drop_column(table, "id")
