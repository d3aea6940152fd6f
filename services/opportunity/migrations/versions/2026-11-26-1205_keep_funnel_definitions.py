"""Keep versions of the funnel, with the one that was the only one until now as the first."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import hide_from_service, install_append_only, install_audit

revision = "opportunity_funnel_definitions"
down_revision = "opportunity_health_notices"
branch_labels = None
depends_on = None

KEEP_STAGES = """
CREATE FUNCTION keep_funnel_stages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO funnel_stage (funnel_version, key, place, probability, is_outcome)
    SELECT NEW.version, one.stage ->> 'key', one.place, (one.stage ->> 'probability')::numeric,
           one.place = jsonb_array_length(NEW.stages)
    FROM jsonb_array_elements(NEW.stages) WITH ORDINALITY AS one (stage, place);
    RETURN NULL;
END $$
"""

STAGE_IS_OF_FUNNEL = """
CREATE FUNCTION stage_is_of_funnel() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM funnel_stage
        WHERE funnel_version = NEW.funnel_version AND key = NEW.stage AND is_outcome = (NEW.state = 'won')
    ) THEN
        RAISE EXCEPTION 'opportunity % cannot be % in stage % of version % of the funnel',
            NEW.id, NEW.state, NEW.stage, NEW.funnel_version
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stage_is_of_funnel';
    END IF;
    RETURN NEW;
END $$
"""


def _stage(key: str, name: str, task: str, probability: str, *duties: tuple[str, str, bool]) -> dict[str, object]:
    checklist = [
        {"key": duty, "title": title, "kind": "task", "is_exit_criterion": criterion}
        for duty, title, criterion in duties
    ]
    return {
        "key": key,
        "name": name,
        "task": task,
        "probability": probability,
        "checklist": checklist,
        "methods": [],
    }


STAGES = [
    _stage(
        "find_contact",
        "Find the contact",
        "Find the right contact and the right specific need.",
        "0.05",
        ("contact_named", "The right contact is named", True),
        ("need_described", "The specific need is described", False),
    ),
    _stage(
        "confirm_need",
        "Confirm the need",
        "Establish need, budget and sponsor; collect detailed requirements.",
        "0.10",
        ("budget_known", "The budget is known", True),
        ("sponsor_named", "The sponsor is named", False),
        ("requirements_collected", "Detailed requirements are collected", False),
    ),
    _stage(
        "map_organisation",
        "Map the organisation",
        "Know the customer's organisation and relationships fully.",
        "0.20",
        ("organisation_mapped", "The organisation is mapped", False),
        ("decision_makers_met", "The decision makers were met", False),
    ),
    _stage(
        "set_target",
        "Set the target",
        "Set the sales target and apply for sales resources.",
        "0.35",
        ("target_set", "The sales target is set", False),
        ("resources_requested", "Sales resources are applied for", False),
    ),
    _stage(
        "shortlist",
        "On the shortlist",
        "On the customer's shortlist, or bidding and bid evaluation.",
        "0.50",
        ("offer_sent", "The offer is sent", False),
        ("criteria_answered", "The decision criteria are answered", False),
    ),
    _stage(
        "selected",
        "Selected",
        "The customer's only choice, or bid won.",
        "0.75",
        ("selection_confirmed", "The selection is confirmed", False),
    ),
    _stage(
        "negotiate",
        "Negotiate",
        "Commercial negotiation.",
        "0.90",
        ("terms_drafted", "The terms are drafted", False),
    ),
    _stage("close", "Close", "All terms agreed.", "1"),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "funnel_definition",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("stages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_funnel_definition_version_positive")),
        sa.CheckConstraint("jsonb_array_length(stages) >= 2", name=op.f("ck_funnel_definition_two_stages")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_funnel_definition")),
        sa.UniqueConstraint("id", name=op.f("uq_funnel_definition_id")),
    )
    op.create_table(
        "funnel_stage",
        sa.Column("funnel_version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Numeric(), nullable=False),
        sa.Column("is_outcome", sa.Boolean(), nullable=False),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_funnel_stage_probability_is_ratio")),
        sa.CheckConstraint("key NOT IN ('open', 'won', 'lost')", name=op.f("ck_funnel_stage_key_is_no_state")),
        sa.ForeignKeyConstraint(
            ["funnel_version"], ["funnel_definition.version"], name=op.f("fk_funnel_stage_funnel_version")
        ),
        sa.PrimaryKeyConstraint("funnel_version", "key", name=op.f("pk_funnel_stage")),
        sa.UniqueConstraint("funnel_version", "place", name=op.f("uq_funnel_stage_funnel_version_place")),
    )
    op.create_table(
        "funnel_draft",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("is_the_only_one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("stages", postgresql.JSONB(astext_type=sa.Text(), none_as_null=True), nullable=True),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text(), none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("is_the_only_one", name=op.f("ck_funnel_draft_one_row")),
        sa.CheckConstraint(
            "num_nulls(name, stages, mapping, created_at, changed_at) IN (0, 5)",
            name=op.f("ck_funnel_draft_whole_or_nothing"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_draft")),
        sa.UniqueConstraint("is_the_only_one", name=op.f("uq_funnel_draft_is_the_only_one")),
    )
    op.execute("INSERT INTO funnel_draft DEFAULT VALUES")
    op.execute(KEEP_STAGES)
    op.execute(
        "CREATE TRIGGER keep_funnel_stages AFTER INSERT ON funnel_definition "
        "FOR EACH ROW EXECUTE FUNCTION keep_funnel_stages()"
    )
    first = "INSERT INTO funnel_definition (version, name, stages, mapping, published_at) VALUES "
    values = "(1, 'The standard funnel', CAST(:stages AS jsonb), '{}', '2026-11-23 00:00Z')"
    op.execute(sa.text(first + values).bindparams(stages=json.dumps(STAGES)))
    op.add_column("stage_change", sa.Column("from_version", sa.Integer(), nullable=True))
    op.add_column("opportunity", sa.Column("funnel_since", sa.DateTime(timezone=True), nullable=True))
    install_append_only("funnel_definition")
    install_append_only("funnel_stage")
    hide_from_service("funnel_stage")
    install_audit("funnel_definition", "funnel_definition")
    install_audit("funnel_draft", "funnel_draft")
    op.execute(STAGE_IS_OF_FUNNEL)
    op.execute(
        "CREATE TRIGGER stage_is_of_funnel BEFORE INSERT OR UPDATE OF funnel_version, stage, state ON opportunity "
        "FOR EACH ROW EXECUTE FUNCTION stage_is_of_funnel()"
    )
    op.drop_constraint(op.f("ck_opportunity_close_is_won"), "opportunity", type_="check")


def downgrade() -> None:
    op.drop_column("opportunity", "funnel_since")
    op.drop_column("stage_change", "from_version")
    op.execute("DROP TRIGGER stage_is_of_funnel ON opportunity")
    op.create_check_constraint("close_is_won", "opportunity", "(state = 'won') = (stage = 'close')")
    for table in ("funnel_draft", "funnel_stage", "funnel_definition"):
        op.drop_table(table)
    op.execute("DROP FUNCTION stage_is_of_funnel()")
    op.execute("DROP FUNCTION keep_funnel_stages()")
