"""Let the index of the stage history answer by itself where an opportunity stood.

A movement of the whole house over a quarter asks it hundreds of thousands of times.
"""

from alembic import op

revision = "opportunity_stood_in_index"
down_revision = "opportunity_duty_stages"
branch_labels = None
depends_on = None

INDEX, TABLE, KEY = "ix_stage_change_opportunity_id_at_id", "stage_change", ["opportunity_id", "at", "id"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, KEY, postgresql_include=["funnel_version", "to_stage", "to_state"])


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, KEY)
