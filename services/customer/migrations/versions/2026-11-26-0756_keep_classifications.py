"""Keep classification schemes, evaluations and decisions; scheme 1 is there from the first day."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only

revision = "customer_classification"
down_revision = "intakes0001"
branch_labels = None
depends_on = None


ANNUAL = ["below 1 % of what we sell", "1 to 2 %", "2 to 5 %", "5 to 10 %", "above 10 %"]
CRITERIA = [
    {"key": "purchase_volume", "name": "Purchase volume", "weight": "25", "levels": ANNUAL},
    {
        "key": "growth_potential",
        "name": "Growth potential",
        "weight": "20",
        "levels": ["shrinking", "stable", "growing like its market", "growing faster", "could double with us"],
    },
    {
        "key": "financial_strength",
        "name": "Financial strength",
        "weight": "15",
        "levels": ["in difficulties", "weak", "sound", "strong", "first class"],
    },
    {
        "key": "strategic_value",
        "name": "Strategic value",
        "weight": "20",
        "levels": ["none", "little", "a reference", "opens a market", "decides about a market"],
    },
    {
        "key": "relationship",
        "name": "Relationship",
        "weight": "10",
        "levels": ["none", "buyers only", "department heads", "executives", "partner at every level"],
    },
    {
        "key": "payment_record",
        "name": "Payment record",
        "weight": "10",
        "levels": ["does not pay", "pays after reminders", "pays late", "pays in time", "pays early"],
    },
]
BANDS = [
    {"tier": "strategic", "from_score": "80"},
    {"tier": "key", "from_score": "60"},
    {"tier": "growth", "from_score": "40"},
    {"tier": "standard", "from_score": "0"},
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "classification_scheme",
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bands", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outdated_after_days", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_classification_scheme")),
    )
    op.create_table(
        "classification_scheme_start",
        sa.Column("scheme_number", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_number"],
            ["classification_scheme.number"],
            name=op.f("fk_classification_scheme_start_scheme_number"),
        ),
        sa.PrimaryKeyConstraint("scheme_number", name=op.f("pk_classification_scheme_start")),
        sa.UniqueConstraint("from_date", name=op.f("uq_classification_scheme_start_from_date")),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("scheme_number", sa.Integer(), nullable=False),
        sa.Column("judged", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("lowest_score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("highest_score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("tier_before", sa.Text(), nullable=True),
        sa.Column("evaluated_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tier IN ('strategic', 'key', 'growth', 'standard')", name=op.f("ck_evaluation_tier_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_evaluation_customer_id")),
        sa.ForeignKeyConstraint(
            ["scheme_number"], ["classification_scheme.number"], name=op.f("fk_evaluation_scheme_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("customer_id", "sequence", name=op.f("uq_evaluation_customer_id_sequence")),
    )
    op.create_table(
        "classification",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("scheme_number", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_classification_customer_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_classification_evaluation_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_classification")),
    )
    op.create_index("ix_classification_evaluated_at", "classification", ["evaluated_at"], unique=False)
    op.create_index(
        "ix_classification_open",
        "classification",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("verdict IS NULL"),
    )
    op.create_table(
        "evaluation_decision",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'returned') = (tier IS NULL)", name=op.f("ck_evaluation_decision_tier_unless_returned")
        ),
        sa.CheckConstraint(
            "tier IN ('strategic', 'key', 'growth', 'standard')", name=op.f("ck_evaluation_decision_tier_known")
        ),
        sa.CheckConstraint(
            "verdict IN ('confirmed', 'overridden', 'returned')", name=op.f("ck_evaluation_decision_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_decision_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_evaluation_decision")),
    )
    for table in ("classification_scheme", "classification_scheme_start", "evaluation", "evaluation_decision"):
        install_append_only(table)
    op.execute(
        sa.text(
            "INSERT INTO classification_scheme (number, name, criteria, bands, outdated_after_days, created_at)"
            " VALUES (1, 'The first scheme', CAST(:criteria AS jsonb), CAST(:bands AS jsonb), 365, now())"
        ).bindparams(criteria=json.dumps(CRITERIA), bands=json.dumps(BANDS))
    )
    op.execute("INSERT INTO classification_scheme_start (scheme_number, from_date, at) VALUES (1, '2000-01-01', now())")


def downgrade() -> None:
    op.drop_table("evaluation_decision")
    op.drop_index("ix_classification_open", table_name="classification", postgresql_where=sa.text("verdict IS NULL"))
    op.drop_index("ix_classification_evaluated_at", table_name="classification")
    op.drop_table("classification")
    op.drop_table("evaluation")
    op.drop_table("classification_scheme_start")
    op.drop_table("classification_scheme")
