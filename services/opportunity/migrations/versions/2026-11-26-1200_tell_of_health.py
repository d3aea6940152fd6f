"""Keep what was found and told of everybody's health."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only

revision = "opportunity_health_notices"
down_revision = "opportunity_calibrations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "health_state",
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("scope_kind", "person_id", "stage", name=op.f("pk_health_state")),
    )
    op.create_table(
        "health_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("health", sa.Numeric(20, 2), nullable=True),
        sa.Column("health_before", sa.Numeric(20, 2), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_notice")),
    )
    op.create_index(
        "uq_health_notice_once_a_day", "health_notice", ["person_id", "scope_kind", "stage", "day"], unique=True
    )
    op.create_index("ix_health_notice_person_id", "health_notice", ["person_id", "at", "id"])
    op.create_index("ix_health_notice_at", "health_notice", ["at", "id"])
    install_append_only("health_notice")
    op.create_table(
        "health_run",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_run")),
    )


def downgrade() -> None:
    for table in ("health_run", "health_notice", "health_state"):
        op.drop_table(table)
