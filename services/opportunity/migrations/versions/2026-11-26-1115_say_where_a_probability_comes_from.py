"""Keep what a person says of the chance to win, with its date."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only

revision = "opportunity_probabilities"
down_revision = "opportunity_merged_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("opportunity", sa.Column("manual_probability", sa.Numeric(precision=5, scale=4), nullable=True))
    op.add_column("opportunity", sa.Column("manual_probability_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("opportunity", sa.Column("manual_probability_by", sa.Uuid(), nullable=True))
    op.create_check_constraint("manual_probability_is_ratio", "opportunity", "manual_probability BETWEEN 0 AND 1")
    op.create_check_constraint(
        "manual_probability_is_dated",
        "opportunity",
        "(manual_probability IS NULL) = (manual_probability_since IS NULL)",
    )
    op.create_table(
        "probability_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probability", sa.Numeric(precision=5, scale=4), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_probability_change_is_ratio")),
        sa.CheckConstraint(
            "cause IN ('decision', 'stage_change', 'outcome', 'reopening')",
            name=op.f("ck_probability_change_cause_known"),
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_probability_change_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probability_change")),
    )
    op.create_index("ix_probability_change_opportunity_id_at_id", "probability_change", ["opportunity_id", "at", "id"])
    install_append_only("probability_change")


def downgrade() -> None:
    op.drop_table("probability_change")
    op.drop_constraint(op.f("ck_opportunity_manual_probability_is_dated"), "opportunity", type_="check")
    op.drop_constraint(op.f("ck_opportunity_manual_probability_is_ratio"), "opportunity", type_="check")
    for name in ("manual_probability_by", "manual_probability_since", "manual_probability"):
        op.drop_column("opportunity", name)
