"""Queue customers that nobody looks after, and keep by which rule others were assigned."""

import sqlalchemy as sa
from alembic import op

revision = "customer_unassigned"
down_revision = "customer_match_keys"
branch_labels = None
depends_on = None

QUEUE_UNASSIGNED = """
CREATE FUNCTION queue_unassigned() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.account_manager_id IS NULL AND NEW.kind <> 'competitor' THEN
        INSERT INTO unassigned (customer_id, since, why, former_manager_id)
        VALUES (NEW.id, NEW.updated_at, CASE WHEN TG_OP = 'INSERT' OR OLD.account_manager_id IS NULL
                THEN 'entered' ELSE 'returned' END, CASE WHEN TG_OP = 'UPDATE' THEN OLD.account_manager_id END)
        ON CONFLICT (customer_id) DO NOTHING;
    ELSIF TG_OP = 'UPDATE' THEN
        DELETE FROM unassigned WHERE customer_id = NEW.id;
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "unassigned",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("former_manager_id", sa.Uuid(), nullable=True),
        sa.Column("fallback_id", sa.Uuid(), nullable=True),
        sa.Column("checked_number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "why IN ('entered', 'not_asked', 'no_rule', 'returned', 'reclaimed')", name=op.f("ck_unassigned_why_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_unassigned_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_unassigned")),
    )
    op.create_index("ix_unassigned_checked", "unassigned", ["checked_number", "customer_id"], unique=False)
    op.create_index("ix_unassigned_since", "unassigned", ["since", "customer_id"], unique=False)
    op.create_index("ix_unassigned_why", "unassigned", ["why", "since", "customer_id"], unique=False)
    op.add_column("assignment", sa.Column("rules_number", sa.BigInteger(), nullable=True))
    op.add_column("assignment", sa.Column("rule_name", sa.Text(), nullable=True))
    op.execute(QUEUE_UNASSIGNED)
    op.execute(
        "CREATE TRIGGER queue_unassigned AFTER INSERT OR UPDATE OF account_manager_id, kind ON customer "
        "FOR EACH ROW EXECUTE FUNCTION queue_unassigned()"
    )
    op.execute(
        "INSERT INTO unassigned (customer_id, since, why) SELECT id, updated_at, 'entered' FROM customer "
        "WHERE account_manager_id IS NULL AND kind <> 'competitor' ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER queue_unassigned ON customer")
    op.execute("DROP FUNCTION queue_unassigned()")
    op.drop_column("assignment", "rule_name")
    op.drop_column("assignment", "rules_number")
    op.drop_index("ix_unassigned_why", table_name="unassigned")
    op.drop_index("ix_unassigned_since", table_name="unassigned")
    op.drop_index("ix_unassigned_checked", table_name="unassigned")
    op.drop_table("unassigned")
