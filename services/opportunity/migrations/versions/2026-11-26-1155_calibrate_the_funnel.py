"""Keep calibrations, and which probabilities count."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "opportunity_calibrations"
down_revision = "opportunity_duties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "funnel_calibration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("funnel_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Integer(), nullable=False),
        sa.Column("stages", postgresql.JSONB(), nullable=False),
        sa.Column("probabilities", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_calibration")),
    )
    op.create_index("ix_funnel_calibration_made_at", "funnel_calibration", ["made_at", "id"])
    op.create_table(
        "funnel_calibration_run",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_calibration_run")),
    )
    op.execute("INSERT INTO funnel_calibration_run (id) VALUES (1)")
    op.create_table(
        "probability_choice",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint("source IN ('stage', 'calibrated')", name=op.f("ck_probability_choice_source_known")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_probability_choice")),
        sa.UniqueConstraint("id", name=op.f("uq_probability_choice_id")),
    )
    for table in ("funnel_calibration", "probability_choice"):
        install_append_only(table)
        install_audit(table, table)


def downgrade() -> None:
    for table in ("probability_choice", "funnel_calibration_run", "funnel_calibration"):
        op.drop_table(table)
