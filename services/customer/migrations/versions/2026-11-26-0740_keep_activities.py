"""Keep activities, planned and done."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "customer_activities"
down_revision = "customer_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('visit', 'call', 'meeting', 'mail', 'event', 'sample', 'other')",
            name=op.f("ck_activity_kind_known"),
        ),
        sa.CheckConstraint(
            "(cancelled_on IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_activity_cancelled_with_reason")
        ),
        sa.CheckConstraint("day = coalesce(done_on, planned_on)", name=op.f("ck_activity_day_is_its")),
        sa.CheckConstraint("done_on IS NULL OR cancelled_on IS NULL", name=op.f("ck_activity_done_or_cancelled")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_activity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_customer_day", "activity", ["customer_id", "day", "id"], unique=False)
    op.create_index(
        "ix_activity_customer_done",
        "activity",
        ["customer_id", "done_on"],
        unique=False,
        postgresql_where=sa.text("done_on IS NOT NULL"),
    )
    op.create_index("ix_activity_day", "activity", ["day", "id"], unique=False)
    op.create_index(
        "ix_activity_open_day",
        "activity",
        ["day", "id"],
        unique=False,
        postgresql_where=sa.text("done_on IS NULL AND cancelled_on IS NULL"),
    )
    op.create_index(
        "ix_activity_opportunity_day",
        "activity",
        ["opportunity_id", "day", "id"],
        unique=False,
        postgresql_where=sa.text("opportunity_id IS NOT NULL"),
    )
    op.create_index("ix_activity_owner_day", "activity", ["owner_id", "day", "id"], unique=False)
    op.create_table(
        "activity_contact",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_contact_activity_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_activity_contact_contact_id")),
        sa.PrimaryKeyConstraint("activity_id", "contact_id", name=op.f("pk_activity_contact")),
    )
    op.create_index("ix_activity_contact_contact_id", "activity_contact", ["contact_id", "activity_id"], unique=False)
    install_audit("activity", "activity")
    install_audit("activity_contact", "activity", "activity_id")


def downgrade() -> None:
    op.drop_index("ix_activity_contact_contact_id", table_name="activity_contact")
    op.drop_table("activity_contact")
    op.drop_index("ix_activity_owner_day", table_name="activity")
    op.drop_index(
        "ix_activity_opportunity_day", table_name="activity", postgresql_where=sa.text("opportunity_id IS NOT NULL")
    )
    op.drop_index(
        "ix_activity_open_day",
        table_name="activity",
        postgresql_where=sa.text("done_on IS NULL AND cancelled_on IS NULL"),
    )
    op.drop_index("ix_activity_day", table_name="activity")
    op.drop_index("ix_activity_customer_done", table_name="activity", postgresql_where=sa.text("done_on IS NOT NULL"))
    op.drop_index("ix_activity_customer_day", table_name="activity")
    op.drop_table("activity")
