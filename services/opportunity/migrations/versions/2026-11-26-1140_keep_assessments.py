"""Keep assessment models and assessments; model 1 is there from the first day."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "opportunity_assessments"
down_revision = "opportunity_funnel_days"
branch_labels = None
depends_on = None


def _questions(**meanings: str) -> list[dict[str, str]]:
    return [{"key": key, "meaning": meaning} for key, meaning in meanings.items()]


DIMENSIONS = [
    {
        "key": "opportunity_exists",
        "name": "Is there an opportunity?",
        "questions": _questions(
            application_clear="the customer's application and solution are clear",
            profit_known="its operating profit is known",
            finances_strong="it is financially strong",
            budget_ready="project funds are prepared",
            compelling_event="there is a clear compelling event",
        ),
    },
    {
        "key": "we_can_compete",
        "name": "Can we compete?",
        "questions": _questions(
            criteria_clear="formal decision criteria are clear",
            solution_fits="our solution is good",
            resources_affordable="the sales resources needed are low",
            relationship_strong="the present relationship is strong",
            unique_value="our unique business value is rated strong",
        ),
    },
    {
        "key": "we_can_win",
        "name": "Can we win?",
        "questions": _questions(
            inside_support="support inside the customer is strong",
            executives_credible="credibility with its executives",
            culture_compatible="cultures fit",
            informal_criteria_known="the informal decision criteria are clear to us",
            political_alignment="we are well aligned with those who have power",
        ),
    },
    {
        "key": "worth_winning",
        "name": "Is it worth winning?",
        "questions": _questions(
            near_revenue="short-term revenue is high",
            future_revenue="long-term revenue is high",
            profitable="the rate of return is high",
            risk_low="the degree of risk is low",
            strategic="it has strategic value for us",
        ),
    },
]
CARRIED = ("opportunity_exists", "we_can_compete", "we_can_win", "worth_winning")


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _numbered(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_models()
    _make_assessments()
    _carry_assessments()


def _make_models() -> None:
    op.create_table(
        "assessment_model",
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=2), nullable=False),
        _numbered("id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        _when("created_at"),
        sa.CheckConstraint("threshold >= 0", name=op.f("ck_assessment_model_threshold_not_negative")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assessment_model")),
        sa.UniqueConstraint("id", name=op.f("uq_assessment_model_id")),
    )
    op.create_table(
        "assessment_model_publication",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        _numbered("id"),
        sa.Column("model_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        _when("at"),
        sa.ForeignKeyConstraint(
            ["model_number"], ["assessment_model.number"], name=op.f("fk_assessment_model_publication_model_number")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_assessment_model_publication")),
        sa.UniqueConstraint("id", name=op.f("uq_assessment_model_publication_id")),
    )
    op.create_index(
        "ix_assessment_model_publication_model_number", "assessment_model_publication", ["model_number", "sequence"]
    )
    op.execute(
        sa.text(
            "INSERT INTO assessment_model (number, name, dimensions, threshold, created_at) "
            "VALUES (1, 'Twenty questions', CAST(:dimensions AS jsonb), 10, now())"
        ).bindparams(dimensions=json.dumps(DIMENSIONS))
    )
    op.execute("INSERT INTO assessment_model_publication (sequence, model_number, at) VALUES (1, 1, now())")
    install_append_only("assessment_model")
    install_audit("assessment_model", "assessment_model")
    install_append_only("assessment_model_publication")
    install_audit("assessment_model_publication", "assessment_model_publication")


def _make_assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("model_number", sa.Integer(), nullable=False),
        _when("assessed_at"),
        _when("recorded_at"),
        sa.Column("yes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("no", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("remarks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("score_most", sa.Integer(), nullable=False),
        sa.Column("dimension_scores", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("dimension_mosts", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("cardinality(yes) = score", name=op.f("ck_assessment_score_counts_yeses")),
        sa.CheckConstraint("score BETWEEN 0 AND score_most", name=op.f("ck_assessment_score_within_bounds")),
        sa.CheckConstraint("value IN ('high', 'not_high', 'undecided')", name=op.f("ck_assessment_value_known")),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (sequence = 1)", name=op.f("ck_assessment_first_supersedes_none")
        ),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_assessment_opportunity_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["assessment.id"], name=op.f("fk_assessment_supersedes_id")),
        sa.ForeignKeyConstraint(["model_number"], ["assessment_model.number"], name=op.f("fk_assessment_model_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("opportunity_id", "sequence", name=op.f("uq_assessment_opportunity_id_sequence")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_assessment_supersedes_id")),
        sa.UniqueConstraint("external_system", "external_id", name=op.f("uq_assessment_external_system_external_id")),
    )
    op.create_index(
        "uq_assessment_first",
        "assessment",
        ["opportunity_id"],
        unique=True,
        postgresql_where=sa.text("supersedes_id IS NULL"),
    )
    op.create_index(
        "ix_assessment_opportunity_id_assessed_at", "assessment", ["opportunity_id", "assessed_at", "sequence"]
    )
    install_append_only("assessment")
    install_audit("assessment", "opportunity", "opportunity_id")


def _carry_assessments() -> None:
    op.add_column("opportunity", sa.Column("assessment_id", sa.Uuid(), nullable=True))
    op.add_column("opportunity", _when("assessed_at", nullable=True))
    op.add_column("opportunity", sa.Column("score", sa.Integer(), nullable=True))
    op.add_column("opportunity", sa.Column("score_most", sa.Integer(), nullable=True))
    op.add_column("opportunity", sa.Column("assessed_value", sa.Text(), nullable=True))
    for name in CARRIED:
        op.add_column("opportunity", sa.Column(name, sa.Integer(), nullable=True))
    op.create_check_constraint(
        "assessed_whole",
        "opportunity",
        "num_nulls(assessment_id, assessed_at, score, score_most, assessed_value) IN (0, 5)",
    )
    op.create_check_constraint("score_within_bounds", "opportunity", "score BETWEEN 0 AND score_most")
    op.create_check_constraint(
        "assessed_value_known", "opportunity", "assessed_value IN ('high', 'not_high', 'undecided')"
    )
    op.create_index("ix_opportunity_principal_score_down", "opportunity", ["principal_id", *_score_first("score")])
    for name in ("score", *CARRIED):
        op.create_index(f"ix_opportunity_{name}_down", "opportunity", _score_first(name))
    op.create_index("ix_opportunity_score", "opportunity", ["score"])
    op.create_index(
        "ix_opportunity_assessed_value",
        "opportunity",
        ["assessed_value"],
        postgresql_where=sa.text("assessed_value IS NOT NULL"),
    )


def _score_first(name: str) -> list[str | sa.TextClause]:
    return [sa.text(f"({name} IS NOT NULL)"), sa.text(f"coalesce({name}, 0)"), "id"]


def downgrade() -> None:
    for name in ("assessed_value", "score", *(f"{name}_down" for name in ("principal_score", "score", *CARRIED))):
        op.drop_index(f"ix_opportunity_{name}", table_name="opportunity")
    for name in ("assessed_whole", "score_within_bounds", "assessed_value_known"):
        op.drop_constraint(op.f(f"ck_opportunity_{name}"), "opportunity", type_="check")
    for name in ("assessment_id", "assessed_at", "score", "score_most", "assessed_value", *CARRIED):
        op.drop_column("opportunity", name)
    op.drop_table("assessment")
    op.drop_table("assessment_model_publication")
    op.drop_table("assessment_model")
