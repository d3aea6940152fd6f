"""Keep leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_audit

revision = "customer_leads"
down_revision = "customer_activities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "lead",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(), nullable=True),
        sa.Column("hand_over", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("hand_over_key", sa.LargeBinary(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'converted') = (opportunity_id IS NOT NULL)", name=op.f("ck_lead_converted_has_opportunity")
        ),
        sa.CheckConstraint("(state = 'converting') = (try_at IS NOT NULL)", name=op.f("ck_lead_converting_is_tried")),
        sa.CheckConstraint("(state = 'dropped') = (drop_reason IS NOT NULL)", name=op.f("ck_lead_dropped_with_reason")),
        sa.CheckConstraint("state <> 'converting' OR hand_over IS NOT NULL", name=op.f("ck_lead_converting_says_what")),
        sa.CheckConstraint("state IN ('open', 'converting', 'converted', 'dropped')", name=op.f("ck_lead_state_known")),
        sa.CheckConstraint("customer_id IS NOT NULL OR company_name IS NOT NULL", name=op.f("ck_lead_of_somebody")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_lead_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("hand_over_key", name=op.f("uq_lead_hand_over_key")),
        sa.UniqueConstraint("opportunity_id", name=op.f("uq_lead_opportunity_id")),
    )
    op.create_index("ix_lead_created_at", "lead", ["created_at", "id"], unique=False)
    op.create_index("ix_lead_customer", "lead", ["customer_id", "created_at", "id"], unique=False)
    op.create_index("ix_lead_owner", "lead", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("ix_lead_state", "lead", ["state", "created_at", "id"], unique=False)
    op.create_index(
        "ix_lead_try_at", "lead", ["try_at"], unique=False, postgresql_where=sa.text("state = 'converting'")
    )
    install_audit("lead", "lead")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("lead")
