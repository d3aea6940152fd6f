"""Keep how long customers may be neglected, and the notices that were given."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "customer_reclaiming"
down_revision = "customer_contact_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "reclaim_rules",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("never_won_days", sa.Integer(), nullable=False),
        sa.Column("after_contract_days", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "notice_days > 0 AND notice_days < least(never_won_days, after_contract_days)",
            name=op.f("ck_reclaim_rules_notice_within"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reclaim_rules")),
    )
    op.create_index("ix_reclaim_rules_from_date", "reclaim_rules", ["from_date", "number"], unique=False)
    op.create_table(
        "reclaim_run",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reclaim_run")),
    )
    op.create_table(
        "reclaim_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rules_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'announced') = (ended_at IS NULL)", name=op.f("ck_reclaim_notice_open_while_announced")
        ),
        sa.CheckConstraint(
            "state IN ('announced', 'withdrawn', 'reclaimed')", name=op.f("ck_reclaim_notice_state_known")
        ),
        sa.CheckConstraint("why IN ('never_won', 'contract_ended')", name=op.f("ck_reclaim_notice_why_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reclaim_notice_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reclaim_notice")),
    )
    op.create_index("ix_reclaim_notice_customer_id", "reclaim_notice", ["customer_id", "due_on", "id"], unique=False)
    op.create_index("ix_reclaim_notice_due_on", "reclaim_notice", ["due_on", "id"], unique=False)
    op.create_index(
        "uq_reclaim_notice_customer_id_open",
        "reclaim_notice",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    install_append_only("reclaim_rules")
    install_audit("reclaim_notice", "customer", "customer_id")


def downgrade() -> None:
    op.drop_index(
        "uq_reclaim_notice_customer_id_open", table_name="reclaim_notice", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_reclaim_notice_due_on", table_name="reclaim_notice")
    op.drop_index("ix_reclaim_notice_customer_id", table_name="reclaim_notice")
    op.drop_table("reclaim_notice")
    op.drop_table("reclaim_run")
    op.drop_index("ix_reclaim_rules_from_date", table_name="reclaim_rules")
    op.drop_table("reclaim_rules")
