"""Keep of each duty in which stage of its opportunity's funnel it is; what that funnel does not have is nobody's to do."""

import sqlalchemy as sa
from alembic import op

revision = "opportunity_duty_stages"
down_revision = "opportunity_health_versions"
branch_labels = None
depends_on = None

DUE = sa.text("coalesce(due_on, '0001-01-01'::date)")
NO_DUE, HAS_DUE = sa.text("(due_on IS NULL)"), sa.text("(due_on IS NOT NULL)")
OPEN = "NOT is_done AND NOT is_decided"
STAGES = """
UPDATE duty SET stage = held.stage
FROM opportunity, (
    SELECT version, stage ->> 'key' AS stage, item ->> 'key' AS criterion
    FROM funnel_definition, jsonb_array_elements(stages) AS stage, jsonb_array_elements(stage -> 'checklist') AS item
) AS held
WHERE opportunity.id = duty.opportunity_id
    AND held.version = opportunity.funnel_version
    AND held.criterion = duty.criterion
"""


def _index(where: str) -> None:
    op.create_index("ix_duty_owner_due", "duty", ["owner_id", NO_DUE, DUE, "id"], postgresql_where=sa.text(where))
    op.create_index("ix_duty_due", "duty", [NO_DUE, DUE, "id"], postgresql_where=sa.text(where))
    op.create_index("ix_duty_due_down", "duty", [HAS_DUE, DUE, "id"], postgresql_where=sa.text(where))


def _drop_indexes() -> None:
    for name in ("ix_duty_owner_due", "ix_duty_due", "ix_duty_due_down"):
        op.drop_index(name, "duty")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("duty", sa.Column("stage", sa.Text(), nullable=True))
    op.execute(STAGES)
    _drop_indexes()
    _index(f"{OPEN} AND stage IS NOT NULL")


def downgrade() -> None:
    _drop_indexes()
    op.drop_column("duty", "stage")
    _index(OPEN)
