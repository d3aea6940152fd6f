"""Keep what is told of opportunities, the catalogue and exchange rates; read the feed again for what came before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "customer_facts"
down_revision = "customer0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "exchange_rate_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_currency", sa.Text(), nullable=False),
        sa.Column("to_currency", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate_copy")),
        sa.UniqueConstraint(
            "from_currency", "to_currency", "date", name=op.f("uq_exchange_rate_copy_from_currency_to_currency_date")
        ),
    )
    op.create_table(
        "fact_recall",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_recall")),
    )
    op.create_table(
        "opportunity_fact",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("probability", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("contract_until", sa.Date(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("product_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("product_line_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_opportunity_fact_state_known")),
        sa.PrimaryKeyConstraint("opportunity_id", name=op.f("pk_opportunity_fact")),
    )
    op.create_index(
        "ix_opportunity_fact_customer", "opportunity_fact", ["customer_id", "state", "opportunity_id"], unique=False
    )
    op.create_index(
        "ix_opportunity_fact_product_ids", "opportunity_fact", ["product_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_opportunity_fact_won",
        "opportunity_fact",
        ["decided_on"],
        unique=False,
        postgresql_where=sa.text("state = 'won'"),
    )
    op.create_table(
        "product_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_copy")),
    )
    op.create_table(
        "product_line_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_line_copy")),
    )
    op.execute(
        "INSERT INTO fact_recall (id, position, finished)"
        " SELECT 1, 0, false FROM consumer_cursor WHERE peer = 'opportunity' AND position > 0"
    )


def downgrade() -> None:
    op.drop_table("product_line_copy")
    op.drop_table("product_copy")
    op.drop_index("ix_opportunity_fact_won", table_name="opportunity_fact", postgresql_where=sa.text("state = 'won'"))
    op.drop_index("ix_opportunity_fact_product_ids", table_name="opportunity_fact", postgresql_using="gin")
    op.drop_index("ix_opportunity_fact_customer", table_name="opportunity_fact")
    op.drop_table("opportunity_fact")
    op.drop_table("fact_recall")
    op.drop_table("exchange_rate_copy")
