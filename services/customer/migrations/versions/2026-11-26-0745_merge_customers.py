"""Say which customer and which contact another one stands for, and keep merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_audit

revision = "customer_merging"
down_revision = "customer_unassigned"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("customer", "contact"):
        op.add_column(table, sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_merged_into_id"), table, table, ["merged_into_id"], ["id"])
        op.create_check_constraint(op.f(f"ck_{table}_survivor_is_another"), table, "merged_into_id <> id")
    op.create_index("ix_customer_survivor", "customer", [sa.text("coalesce(merged_into_id, id)")], unique=False)
    op.create_index(op.f("ix_contact_merged_into_id"), "contact", ["merged_into_id"], unique=False)
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("settled", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("merged_id <> survivor_id", name=op.f("ck_customer_merge_two_customers")),
        sa.ForeignKeyConstraint(["merged_id"], ["customer.id"], name=op.f("fk_customer_merge_merged_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["customer.id"], name=op.f("fk_customer_merge_survivor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    op.create_index(
        "uq_customer_merge_merged_id",
        "customer_merge",
        ["merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("ix_customer_merge_merged_id", "customer_merge", ["merged_id", "at", "id"], unique=False)
    op.create_index("ix_customer_merge_survivor_id", "customer_merge", ["survivor_id", "at", "id"], unique=False)
    op.create_table(
        "contact_merge",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["customer_merge.id"], name=op.f("fk_contact_merge_merge_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["contact.id"], name=op.f("fk_contact_merge_merged_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["contact.id"], name=op.f("fk_contact_merge_survivor_id")),
        sa.PrimaryKeyConstraint("merge_id", "merged_id", name=op.f("pk_contact_merge")),
    )
    install_audit("customer_merge", "customer", "survivor_id")


def downgrade() -> None:
    op.drop_table("contact_merge")
    op.drop_table("customer_merge")
    for table in ("customer", "contact"):
        op.drop_column(table, "merged_into_id")
