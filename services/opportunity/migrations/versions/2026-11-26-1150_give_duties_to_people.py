"""Keep who sees to a duty until when, and by what a done one can be seen."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "opportunity_duties"
down_revision = "opportunity_baselines"
branch_labels = None
depends_on = None

OPEN = sa.text("NOT is_done AND NOT is_decided")
DUE = sa.text("coalesce(due_on, '0001-01-01'::date)")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("criterion_done", sa.Column("evidence", sa.Text(), nullable=True))
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_duty_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index("uq_duty_opportunity_id_criterion", "duty", ["opportunity_id", "criterion"], unique=True)
    unset, is_set = sa.text("(due_on IS NULL)"), sa.text("(due_on IS NOT NULL)")
    op.create_index("ix_duty_owner_due", "duty", ["owner_id", unset, DUE, "id"], postgresql_where=OPEN)
    op.create_index("ix_duty_due", "duty", [unset, DUE, "id"], postgresql_where=OPEN)
    op.create_index("ix_duty_due_down", "duty", [is_set, DUE, "id"], postgresql_where=OPEN)
    install_audit("duty", "opportunity", "opportunity_id")


def downgrade() -> None:
    op.drop_table("duty")
    op.drop_column("criterion_done", "evidence")
