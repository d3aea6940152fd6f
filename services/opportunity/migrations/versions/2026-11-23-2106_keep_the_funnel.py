"""Keep stage history, principals, sales teams and funnel counters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "opportunity0002"
down_revision = "opportunity0001"
branch_labels = None
depends_on = None

ONLY_CLOSES = """
CREATE FUNCTION only_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until_at IS NULL AND NEW.until_at IS NOT NULL THEN
        OLD.until_at := NEW.until_at;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever closed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

PRINCIPAL_IS_HELD = """
CREATE FUNCTION principal_is_held() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    the_id uuid := CASE WHEN TG_TABLE_NAME = 'opportunity' THEN (to_jsonb(NEW) ->> 'id')::uuid
                        ELSE (to_jsonb(NEW) ->> 'opportunity_id')::uuid END;
BEGIN
    IF NOT EXISTS (
        SELECT FROM opportunity o
        JOIN principal_history h ON h.opportunity_id = o.id AND h.until_at IS NULL AND h.principal_id = o.principal_id
        WHERE o.id = the_id
    ) OR (TG_TABLE_NAME = 'principal_history' AND EXISTS (
        SELECT FROM principal_history earlier
        WHERE earlier.opportunity_id = the_id AND earlier.until_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM principal_history later
            WHERE later.opportunity_id = the_id AND later.from_at = earlier.until_at)
    )) THEN
        RAISE EXCEPTION 'opportunity % has not exactly one principal at every instant', the_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'principal_is_held';
    END IF;
    RETURN NULL;
END $$
"""

SHARES_ARE_WHOLE = """
CREATE FUNCTION shares_are_whole() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    the_id uuid := CASE WHEN TG_TABLE_NAME = 'split' THEN (to_jsonb(NEW) ->> 'id')::uuid
                        ELSE (to_jsonb(NEW) ->> 'split_id')::uuid END;
BEGIN
    IF (SELECT coalesce(sum(share), 0) FROM split_share WHERE split_id = the_id) <> 1 THEN
        RAISE EXCEPTION 'the shares of % do not sum to 1', the_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'shares_are_whole';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "funnel_counter",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unknown_amount", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "reach", "place", "quarter", "currency", name=op.f("pk_funnel_counter")),
    )
    op.create_table(
        "funnel_delta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unknown_amount", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_delta")),
    )
    op.create_table(
        "funnel_fold",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("past_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_fold")),
    )
    op.create_table(
        "criterion_done",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_criterion_done_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_done")),
    )
    op.create_index(
        "uq_criterion_done_opportunity_id_criterion", "criterion_done", ["opportunity_id", "criterion"], unique=True
    )
    op.create_table(
        "principal_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("chart_version", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("opportunity_id"), "="),
            (sa.text("tstzrange(from_at, until_at)"), "&&"),
            using="gist",
            name="ex_principal_history_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_principal_history_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principal_history")),
    )
    op.create_index("ix_principal_history_principal_id", "principal_history", ["principal_id"], unique=False)
    op.create_index(
        "uq_principal_history_present",
        "principal_history",
        ["opportunity_id"],
        unique=True,
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_table(
        "sales_team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role <> 'principal'", name=op.f("ck_sales_team_member_principal_by_ownership")),
        sa.CheckConstraint("until_at >= from_at", name=op.f("ck_sales_team_member_ends_after_beginning")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_sales_team_member_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_team_member")),
    )
    op.create_index("ix_sales_team_member_opportunity_id", "sales_team_member", ["opportunity_id"], unique=False)
    op.create_index(
        "ix_sales_team_member_person_id",
        "sales_team_member",
        ["person_id", "opportunity_id"],
        unique=False,
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_index(
        "uq_sales_team_member_present",
        "sales_team_member",
        ["opportunity_id", "person_id", "role"],
        unique=True,
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_table(
        "split",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_split_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split")),
    )
    op.create_index("ix_split_opportunity_id_at_id", "split", ["opportunity_id", "at", "id"], unique=False)
    op.create_table(
        "stage_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("funnel_version", sa.Integer(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("loss_reason", sa.Text(), nullable=True),
        sa.Column("win_reason", sa.Text(), nullable=True),
        sa.Column("competitor_id", sa.Uuid(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_stage_change_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
    )
    op.create_index("ix_stage_change_at", "stage_change", ["at"], unique=False)
    op.create_index(
        "ix_stage_change_opportunity_id_at_id", "stage_change", ["opportunity_id", "at", "id"], unique=False
    )
    op.create_table(
        "split_share",
        sa.Column("split_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Numeric(precision=9, scale=8), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_split_share_share_part")),
        sa.ForeignKeyConstraint(["split_id"], ["split.id"], name=op.f("fk_split_share_split_id")),
        sa.PrimaryKeyConstraint("split_id", "person_id", name=op.f("pk_split_share")),
    )

    op.execute("INSERT INTO funnel_fold (id) VALUES (1)")
    for table in ("stage_change", "split", "split_share"):
        install_append_only(table)
    for table in ("criterion_done", "sales_team_member", "split", "split_share"):
        install_audit(table, "opportunity", "opportunity_id")
    _hold_principal()
    _hold_shares()


def _hold_principal() -> None:
    op.execute(ONLY_CLOSES)
    op.execute(PRINCIPAL_IS_HELD)
    op.execute(
        "CREATE TRIGGER only_closes BEFORE UPDATE OR DELETE ON principal_history "
        "FOR EACH ROW EXECUTE FUNCTION only_closes()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER principal_is_held AFTER INSERT OR UPDATE OF principal_id ON opportunity "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION principal_is_held()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER principal_is_held AFTER INSERT OR UPDATE ON principal_history "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION principal_is_held()"
    )


def _hold_shares() -> None:
    op.execute(SHARES_ARE_WHOLE)
    for table in ("split", "split_share"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER shares_are_whole AFTER INSERT ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shares_are_whole()"
        )


def downgrade() -> None:
    raise NotImplementedError("The first revisions are not undone: drop the schema instead.")
