"""Keep intakes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "intakes0001"
down_revision = "customer_leads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "uniqueness_turn",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_uniqueness_turn")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(source = 'channel_partner') = (channel_id IS NOT NULL)", name=op.f("ck_intake_channel_is_source")
        ),
        sa.CheckConstraint(
            "source IN ('marketing_activity', 'channel_partner', 'online_sales', 'web_form', 'service_repair', 'purchased_list', 'referral', 'import')",
            name=op.f("ck_intake_source_known"),
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["customer.id"], name=op.f("fk_intake_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_intake_external_system_external_id")),
    )
    op.create_table(
        "intake_candidate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("agreed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("contradicts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_intake_candidate_customer_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_candidate_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_candidate")),
        sa.UniqueConstraint("intake_id", "round", "place", name=op.f("uq_intake_candidate_intake_id_round_place")),
    )
    op.create_index("ix_intake_candidate_customer_id", "intake_candidate", ["customer_id"], unique=False)
    op.create_table(
        "intake_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('same', 'new', 'site', 'not_a_company')", name=op.f("ck_intake_outcome_decision_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('matched', 'new', 'review', 'dismissed')", name=op.f("ck_intake_outcome_outcome_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_intake_outcome_customer_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_outcome_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_outcome")),
        sa.UniqueConstraint("intake_id", "version", name=op.f("uq_intake_outcome_intake_id_version")),
    )
    op.create_table(
        "intake_personal",
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("personal_salt", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_personal_intake_id")),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_intake_personal")),
    )
    op.create_table(
        "intake_standing",
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("acting_for", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(customer_id IS NOT NULL) = (outcome IN ('matched', 'new'))",
            name=op.f("ck_intake_standing_customer_fits_outcome"),
        ),
        sa.CheckConstraint(
            "outcome IN ('matched', 'new', 'review', 'dismissed')", name=op.f("ck_intake_standing_outcome_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_intake_standing_customer_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_standing_intake_id")),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_intake_standing")),
    )
    op.create_index("ix_intake_standing_acting_for", "intake_standing", ["acting_for", "at", "intake_id"], unique=False)
    op.create_index("ix_intake_standing_at", "intake_standing", ["at", "intake_id"], unique=False)
    op.create_index(
        "ix_intake_standing_customer_id", "intake_standing", ["customer_id", "at", "intake_id"], unique=False
    )
    op.create_index(
        "ix_intake_standing_review",
        "intake_standing",
        ["at", "intake_id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'review'"),
    )
    op.create_index("ix_intake_standing_source", "intake_standing", ["source", "at", "intake_id"], unique=False)
    for table in ("intake", "intake_candidate", "intake_outcome"):
        install_append_only(table)
    install_audit("intake_personal", "intake", "intake_id", personal=("content",))
    install_audit("intake_standing", "intake", "intake_id")


def downgrade() -> None:
    for table in (
        "intake_standing",
        "intake_personal",
        "intake_outcome",
        "intake_candidate",
        "intake",
        "uniqueness_turn",
    ):
        op.drop_table(table)
