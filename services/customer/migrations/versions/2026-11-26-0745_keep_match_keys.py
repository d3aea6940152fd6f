"""Keep what candidates are found by: profiles, match keys, words, and how frequent keys are.

The tables are empty at first: what the base holds already is derived in Python, by the service beside its requests
or by `python -m services.customer.customers.rebuild`.
"""

import sqlalchemy as sa
from alembic import op

revision = "customer_match_keys"
down_revision = "customer_account_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "match_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "customer_id", name=op.f("pk_match_key")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("word", "customer_id", name=op.f("pk_search_word")),
    )
    op.create_table(
        "match_statistics",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("companies", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=True),
        sa.Column("derived_by", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("derived_up_to", sa.Uuid(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_match_statistics_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_statistics")),
    )
    op.execute("INSERT INTO match_statistics (id) VALUES (1)")
    op.create_table(
        "match_profile",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("held_keys", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("held_words", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_match_profile_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_match_profile")),
    )
    op.create_index("ix_match_profile_revision", "match_profile", ["revision"], unique=False)


def downgrade() -> None:
    for table in ("match_profile", "match_statistics", "search_word", "match_key"):
        op.drop_table(table)
