"""Keep potential, targets, needs, key proposals and what is known of competition."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "customer_targeting"
down_revision = "customer_segments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "competitive_assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("competitor_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint("competitor_id <> customer_id", name=op.f("ck_competitive_assessment_of_another")),
        sa.ForeignKeyConstraint(
            ["competitor_id"], ["customer.id"], name=op.f("fk_competitive_assessment_competitor_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_competitive_assessment_customer_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["competitive_assessment.id"], name=op.f("fk_competitive_assessment_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitive_assessment")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_competitive_assessment_supersedes_id")),
    )
    op.create_index(
        "ix_competitive_assessment_customer", "competitive_assessment", ["customer_id", "at", "id"], unique=False
    )
    op.create_index(
        "ix_competitive_assessment_pair",
        "competitive_assessment",
        ["customer_id", "competitor_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "competitive_strategy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("competitor_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "stance IN ('attack', 'defend', 'contain', 'cooperate', 'withdraw')",
            name=op.f("ck_competitive_strategy_stance_known"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_competitive_strategy_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitive_strategy")),
        sa.UniqueConstraint("customer_id", "number", name=op.f("uq_competitive_strategy_customer_id_number")),
    )
    op.create_table(
        "customer_potential",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("reckoned_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_potential_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_potential")),
    )
    op.create_index(
        "ix_customer_potential_reckoned_on", "customer_potential", ["reckoned_on", "customer_id"], unique=False
    )
    op.create_index("ix_customer_potential_score", "customer_potential", ["score", "customer_id"], unique=False)
    op.create_table(
        "customer_target",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("potential", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_customer_target_ended_with_reason")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_target_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_target")),
    )
    op.create_index("ix_customer_target_chosen_at", "customer_target", ["chosen_at", "id"], unique=False)
    op.create_index("ix_customer_target_customer", "customer_target", ["customer_id", "chosen_at", "id"], unique=False)
    op.create_index("ix_customer_target_period", "customer_target", ["period", "chosen_at", "id"], unique=False)
    op.create_index(
        "uq_customer_target_customer_id_period",
        "customer_target",
        ["customer_id", "period"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "need_assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("worth_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("worth_currency", sa.Text(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("fit_reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(worth_amount IS NULL) = (worth_currency IS NULL)", name=op.f("ck_need_assessment_worth_has_currency")
        ),
        sa.CheckConstraint("fit BETWEEN 1 AND 5", name=op.f("ck_need_assessment_fit_in_range")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_need_assessment_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_assessment")),
    )
    op.create_index("ix_need_assessment_customer", "need_assessment", ["customer_id", "at", "id"], unique=False)
    op.create_table(
        "key_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("need_assessment_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_for", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_for", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_key_proposal_decided_at_an_instant")
        ),
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'rejected')", name=op.f("ck_key_proposal_state_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_key_proposal_customer_id")),
        sa.ForeignKeyConstraint(
            ["need_assessment_id"], ["need_assessment.id"], name=op.f("fk_key_proposal_need_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_proposal")),
    )
    op.create_index("ix_key_proposal_customer", "key_proposal", ["customer_id", "proposed_at", "id"], unique=False)
    op.create_index("ix_key_proposal_proposed_at", "key_proposal", ["proposed_at", "id"], unique=False)
    op.create_index("ix_key_proposal_state", "key_proposal", ["state", "proposed_at", "id"], unique=False)
    op.create_index(
        "uq_key_proposal_customer_id",
        "key_proposal",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    install_audit("customer_target", "customer_target")
    install_audit("key_proposal", "key_proposal")
    install_append_only("need_assessment")
    install_append_only("competitive_assessment")
    install_append_only("competitive_strategy")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("key_proposal")
    op.drop_table("need_assessment")
    op.drop_table("customer_target")
    op.drop_table("customer_potential")
    op.drop_table("competitive_strategy")
    op.drop_table("competitive_assessment")
