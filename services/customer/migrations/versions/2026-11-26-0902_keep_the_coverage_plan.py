"""Keep the coverage plan."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "customer_coverage"
down_revision = "customer_portfolio"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "coverage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("every_days > 0", name=op.f("ck_coverage_every_days_positive")),
        sa.CheckConstraint("until_date >= from_date", name=op.f("ck_coverage_ends_after_beginning")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_coverage_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_coverage_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_created_at", "coverage", ["created_at", "id"], unique=False)
    op.create_index("ix_coverage_customer_id", "coverage", ["customer_id", "created_at", "id"], unique=False)
    op.create_index("ix_coverage_person_id", "coverage", ["person_id", "created_at", "id"], unique=False)
    op.create_index(
        "uq_coverage_contact_id_person_id",
        "coverage",
        ["contact_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("until_date IS NULL"),
    )
    install_audit("coverage", "coverage")


def downgrade() -> None:
    op.drop_index(
        "uq_coverage_contact_id_person_id", table_name="coverage", postgresql_where=sa.text("until_date IS NULL")
    )
    op.drop_index("ix_coverage_person_id", table_name="coverage")
    op.drop_index("ix_coverage_customer_id", table_name="coverage")
    op.drop_index("ix_coverage_created_at", table_name="coverage")
    op.drop_table("coverage")
