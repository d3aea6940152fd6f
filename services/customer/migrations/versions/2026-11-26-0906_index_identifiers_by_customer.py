"""Index identifiers by their customer, ended ones too: each read of a customer asks for all of them."""

from alembic import op

revision = "customer_identifiers_by_customer"
down_revision = "customer_reclaiming"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_customer_identifier_customer_id", "customer_identifier", ["customer_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_customer_identifier_customer_id", table_name="customer_identifier")
