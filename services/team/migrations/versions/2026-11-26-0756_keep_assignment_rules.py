"""Keep the versions of the assignment rules, and whose turn it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_audit

revision = "team_assignment_rules"
down_revision = "team0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "assignment_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(from_date IS NULL) = (decided_at IS NULL)", name=op.f("ck_assignment_rules_decided_from_a_date")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rules")),
        sa.UniqueConstraint("number", name=op.f("uq_assignment_rules_number")),
    )
    op.create_index(
        "ix_assignment_rules_from_date", "assignment_rules", ["from_date", "decided_at", "id"], unique=False
    )
    op.create_table(
        "assignment_turn",
        sa.Column("rules_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["rules_id"], ["assignment_rules.id"], name=op.f("fk_assignment_turn_rules_id")),
        sa.PrimaryKeyConstraint("rules_id", "place", name=op.f("pk_assignment_turn")),
    )
    install_audit("assignment_rules", "assignment_rules")


def downgrade() -> None:
    op.drop_table("assignment_turn")
    op.drop_index("ix_assignment_rules_from_date", table_name="assignment_rules")
    op.drop_table("assignment_rules")
