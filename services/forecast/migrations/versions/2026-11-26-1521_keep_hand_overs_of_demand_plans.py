"""Keep how ERPs answer published demand plans."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast_handover"
down_revision = "forecast_plan_weeks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "plan_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("planned_until", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(tell_at IS NOT NULL) = (ending IS NULL AND state IN ('open', 'partly'))",
            name=op.f("ck_plan_handover_waiting"),
        ),
        sa.CheckConstraint(
            "ending IN ('superseded', 'withdrawn', 'period_over')", name=op.f("ck_plan_handover_ending")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'partly', 'acknowledged', 'with_rejections')", name=op.f("ck_plan_handover_state")
        ),
        sa.CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name=op.f("ck_plan_handover_ended")),
        sa.CheckConstraint(
            "acknowledged >= 0 AND rejected >= 0 AND acknowledged + rejected <= lines",
            name=op.f("ck_plan_handover_counts"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["demand_plan.id"], name=op.f("fk_plan_handover_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_handover")),
    )
    op.create_index(op.f("ix_plan_handover_opened_at_id"), "plan_handover", ["opened_at", "id"], unique=False)
    op.create_index(
        op.f("ix_plan_handover_receiver_id_opened_at_id"),
        "plan_handover",
        ["receiver_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_plan_handover_tell_at_id"), "plan_handover", ["tell_at", "id"], unique=False)
    op.create_index("uq_plan_handover_plan_id_receiver_id", "plan_handover", ["plan_id", "receiver_id"], unique=True)
    op.create_table(
        "line_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'rejected') = (reason_code IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_line_answer_reason"),
        ),
        sa.CheckConstraint("verdict IN ('acknowledged', 'rejected')", name=op.f("ck_line_answer_verdict")),
        sa.ForeignKeyConstraint(["handover_id"], ["plan_handover.id"], name=op.f("fk_line_answer_handover_id")),
        sa.ForeignKeyConstraint(["line_id"], ["demand_plan_line.id"], name=op.f("fk_line_answer_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_answer")),
    )
    op.create_index(
        op.f("ix_line_answer_handover_id_line_id_number"),
        "line_answer",
        ["handover_id", "line_id", "number"],
        unique=False,
    )
    op.create_index("uq_line_answer_handover_id_number", "line_answer", ["handover_id", "number"], unique=True)
    install_append_only("line_answer")
    install_audit("plan_handover", "plan_handover")


def downgrade() -> None:
    op.drop_table("line_answer")
    op.drop_table("plan_handover")
