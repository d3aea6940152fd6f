"""Keep account plans, their submissions, decisions and measures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "customer_account_plans"
down_revision = "customer_classification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "account_plan_year",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tiers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_plan_year")),
    )
    op.create_index("ix_account_plan_year_year", "account_plan_year", ["year", "id"], unique=False)
    op.create_table(
        "account_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submission", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_for", sa.Uuid(), nullable=True),
        sa.Column("in_force", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'approved' OR in_force = submission", name=op.f("ck_account_plan_approved_is_in_force")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved') OR submission > 0", name=op.f("ck_account_plan_submitted_has_number")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved')", name=op.f("ck_account_plan_state_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_account_plan_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_plan")),
        sa.UniqueConstraint("customer_id", "year", name=op.f("uq_account_plan_customer_id_year")),
    )
    op.create_index("ix_account_plan_created_at", "account_plan", ["created_at", "id"], unique=False)
    op.create_index("ix_account_plan_year", "account_plan", ["year", "created_at", "id"], unique=False)
    op.create_table(
        "account_plan_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "decision = 'approved' OR comment IS NOT NULL", name=op.f("ck_account_plan_decision_returned_with_comment")
        ),
        sa.CheckConstraint(
            "decision IN ('approved', 'returned')", name=op.f("ck_account_plan_decision_decision_known")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["account_plan.id"], name=op.f("fk_account_plan_decision_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_plan_decision")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_account_plan_decision_plan_id_number")),
    )
    op.create_table(
        "account_plan_measure",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("is_in_force", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["account_plan.id"], name=op.f("fk_account_plan_measure_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "id", name=op.f("pk_account_plan_measure")),
    )
    op.create_index("ix_account_plan_measure_plan", "account_plan_measure", ["plan_id", "due_on", "id"], unique=False)
    op.create_table(
        "account_plan_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["account_plan.id"], name=op.f("fk_account_plan_submission_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_plan_submission")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_account_plan_submission_plan_id_number")),
    )
    install_audit("account_plan", "account_plan")
    install_audit("account_plan_measure", "account_plan", "plan_id")
    install_append_only("account_plan_submission")
    install_append_only("account_plan_decision")
    install_append_only("account_plan_year")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("account_plan_submission")
    op.drop_table("account_plan_measure")
    op.drop_table("account_plan_decision")
    op.drop_table("account_plan")
    op.drop_table("account_plan_year")
