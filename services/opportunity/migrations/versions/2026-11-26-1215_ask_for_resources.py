"""Keep what sales resources are asked for, and what becomes of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "opportunity_resources"
down_revision = "opportunity_funnel_definitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "resource_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("line_from_id", sa.Uuid(), nullable=False),
        sa.Column("waits_below_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_resource_request_amount_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_resource_request_quantity_positive")),
        sa.CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)", name=op.f("ck_resource_request_amount_has_currency")
        ),
        sa.CheckConstraint("(quantity IS NULL) = (unit IS NULL)", name=op.f("ck_resource_request_quantity_has_unit")),
        sa.CheckConstraint(
            "amount IS NOT NULL OR quantity IS NOT NULL", name=op.f("ck_resource_request_says_how_much")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'returned', 'rejected', 'withdrawn')",
            name=op.f("ck_resource_request_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'requested') = (waits_below_id IS NOT NULL)",
            name=op.f("ck_resource_request_waits_for_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_resource_request_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_request")),
    )
    op.create_index("ix_resource_request_opportunity", "resource_request", ["opportunity_id", "requested_at", "id"])
    op.create_index("ix_resource_request_requested_by", "resource_request", ["requested_by", "requested_at", "id"])
    op.create_index(
        "ix_resource_request_waiting",
        "resource_request",
        ["waits_below_id", "requested_at", "id"],
        postgresql_where=sa.text("waits_below_id IS NOT NULL"),
    )
    install_audit("resource_request", "opportunity", "opportunity_id")
    op.create_table(
        "resource_request_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("chart_version", sa.Integer(), nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "step IN ('requested', 'passed_up', 'approved', 'returned', 'rejected', 'withdrawn')",
            name=op.f("ck_resource_request_step_step_known"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["resource_request.id"], name=op.f("fk_resource_request_step_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_request_step")),
    )
    op.create_index("ix_resource_request_step_request_id", "resource_request_step", ["request_id", "id"])
    install_append_only("resource_request_step")


def downgrade() -> None:
    op.drop_table("resource_request_step")
    op.drop_table("resource_request")
