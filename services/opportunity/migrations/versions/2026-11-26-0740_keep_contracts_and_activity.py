"""Keep the latest activity, and until when a contract runs."""

import sqlalchemy as sa
from alembic import op

revision = "opportunity_contracts"
down_revision = "opportunity0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("opportunity", sa.Column("last_activity_on", sa.Date(), nullable=True))
    op.add_column("opportunity", sa.Column("contract_until", sa.Date(), nullable=True))
    op.create_check_constraint("contract_is_won", "opportunity", "contract_until IS NULL OR state = 'won'")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_opportunity_contract_is_won"), "opportunity", type_="check")
    op.drop_column("opportunity", "contract_until")
    op.drop_column("opportunity", "last_activity_on")
