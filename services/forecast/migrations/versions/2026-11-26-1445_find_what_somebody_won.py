"""Find what somebody has won in a period."""

from alembic import op
from sqlalchemy import text

revision = "forecast_won_by"
down_revision = "forecast_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_known_opportunity_principal_id_decided_on",
        "known_opportunity",
        ["principal_id", "decided_on"],
        postgresql_where=text("state = 'won'"),
    )


def downgrade() -> None:
    op.drop_index("ix_known_opportunity_principal_id_decided_on", "known_opportunity")
