"""Keep of which version of the funnel the stage is whose health was looked at."""

import sqlalchemy as sa
from alembic import op

revision = "opportunity_health_versions"
down_revision = "opportunity_resources"
branch_labels = None
depends_on = None

KEY = ["scope_kind", "person_id", "funnel_version", "stage"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("health_state", sa.Column("funnel_version", sa.Integer(), nullable=True))
    # Looks went by the version that was current then: the newest that has the stage.
    op.execute(
        "UPDATE health_state SET funnel_version ="
        " coalesce((SELECT max(found.funnel_version) FROM funnel_stage AS found WHERE found.key = health_state.stage), 1)"
    )
    op.alter_column("health_state", "funnel_version", nullable=False)
    op.drop_constraint(op.f("pk_health_state"), "health_state")
    op.create_primary_key(op.f("pk_health_state"), "health_state", KEY)


def downgrade() -> None:
    # What several versions say of one key cannot be kept by it: the next look finds it anew.
    op.execute("DELETE FROM health_state")
    op.drop_constraint(op.f("pk_health_state"), "health_state")
    op.drop_column("health_state", "funnel_version")
    op.create_primary_key(op.f("pk_health_state"), "health_state", [name for name in KEY if name != "funnel_version"])
