"""Outbox, feed, idempotent answers, and the audit trail that the database writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import hide_from_service, install_append_only

revision = "servicekit0001"
down_revision = None
branch_labels = None
depends_on = None

REFUSE_ALTERATION = """
CREATE FUNCTION refuse_alteration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never altered', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

APPEND_AUDIT = """
CREATE FUNCTION append_audit(
    the_aggregate text, the_id uuid, the_operation text, the_table text, the_before jsonb, the_after jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    the_actor text := nullif(current_setting('keyaccount.actor', true), '');
    behalf text := nullif(current_setting('keyaccount.on_behalf_of', true), '');
    request text := nullif(current_setting('keyaccount.request_id', true), '');
    instant timestamptz := clock_timestamp();
    last_digest bytea;
    next_sequence bigint;
    link bytea;
BEGIN
    IF the_actor IS NULL THEN
        RAISE EXCEPTION 'a change of % without an actor', the_table;
    END IF;
    INSERT INTO audit_head AS head (aggregate, aggregate_id, sequence, digest)
        VALUES (the_aggregate, the_id, 0, '')
        ON CONFLICT (aggregate, aggregate_id) DO UPDATE SET sequence = head.sequence
        RETURNING head.sequence + 1, nullif(head.digest, '') INTO next_sequence, last_digest;
    link := sha256(coalesce(last_digest, '') || convert_to(jsonb_build_array(
        the_aggregate, the_id, next_sequence, extract(epoch FROM instant), the_actor, behalf, request,
        the_operation, the_table, the_before, the_after)::text, 'UTF8'));
    INSERT INTO audit (aggregate, aggregate_id, sequence, at, actor, on_behalf_of, request_id, operation,
                       table_name, before, after, previous_digest, digest)
        VALUES (the_aggregate, the_id, next_sequence, instant, the_actor, behalf, request, the_operation,
                the_table, the_before, the_after, last_digest, link);
    UPDATE audit_head SET sequence = next_sequence, digest = link
        WHERE aggregate = the_aggregate AND aggregate_id = the_id;
END $$
"""

WITHOUT_PERSONAL = """
CREATE FUNCTION without_personal(row_values jsonb, personal text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    name text;
    salt text := coalesce(row_values ->> 'personal_salt', '');
BEGIN
    IF row_values IS NULL OR personal = '' THEN
        RETURN row_values;
    END IF;
    FOREACH name IN ARRAY string_to_array(personal, ',') LOOP
        IF row_values ->> name IS NOT NULL THEN
            row_values := jsonb_set(row_values, ARRAY[name], to_jsonb(
                'sha256:' || encode(sha256(convert_to(salt || (row_values ->> name), 'UTF8')), 'hex')));
        END IF;
    END LOOP;
    RETURN row_values - 'personal_salt';
END $$
"""

AUDIT_CHANGE = """
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    row_before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN without_personal(to_jsonb(OLD), TG_ARGV[2]) END;
    row_after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN without_personal(to_jsonb(NEW), TG_ARGV[2]) END;
    the_id uuid := (coalesce(row_after, row_before) ->> TG_ARGV[1])::uuid;
    changed_before jsonb := row_before;
    changed_after jsonb := row_after;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, row_before -> key), jsonb_object_agg(key, value)
            INTO changed_before, changed_after
            FROM jsonb_each(row_after) WHERE row_before -> key IS DISTINCT FROM value;
        IF changed_after IS NULL THEN
            RETURN NULL;
        END IF;
        IF row_after ? 'id' THEN
            changed_after := changed_after || jsonb_build_object('id', row_after -> 'id');
        END IF;
    END IF;
    PERFORM append_audit(TG_ARGV[0], the_id, lower(TG_OP), TG_TABLE_NAME, changed_before, changed_after);
    RETURN NULL;
END $$
"""

AUDIT_REFUSAL = """
CREATE FUNCTION audit_refusal(the_aggregate text, the_id uuid, code text, attempted jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM append_audit(the_aggregate, the_id, 'refused', '', NULL,
                         jsonb_build_object('code', code, 'attempted', attempted));
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("outbox", "feed"):
        key = (
            sa.Column("id", sa.BigInteger(), sa.Identity(always=True))
            if table == "outbox"
            else sa.Column("position", sa.BigInteger(), autoincrement=False)
        )
        op.create_table(
            table,
            key,
            sa.Column("event_id", sa.Uuid(), nullable=False),
            sa.Column("type", sa.Text(), nullable=False),
            sa.Column("aggregate_id", sa.Uuid(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("actor", sa.Text(), nullable=False),
            sa.Column("data", postgresql.JSONB(), nullable=False),
            sa.PrimaryKeyConstraint(key.name, name=f"pk_{table}"),
        )
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_relay"),
    )
    op.execute("INSERT INTO relay (id) VALUES (1)")
    op.create_table(
        "consumer_cursor",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("peer", name="pk_consumer_cursor"),
    )
    op.create_table(
        "idempotency",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    _create_audit()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True)),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index(
        "ix_audit_aggregate_aggregate_id_sequence", "audit", ["aggregate", "aggregate_id", "sequence"], unique=True
    )
    op.create_table(
        "audit_head",
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", "aggregate_id", name="pk_audit_head"),
    )
    for function in (REFUSE_ALTERATION, APPEND_AUDIT, WITHOUT_PERSONAL, AUDIT_CHANGE, AUDIT_REFUSAL):
        op.execute(function)
    op.execute("REVOKE EXECUTE ON FUNCTION append_audit(text, uuid, text, text, jsonb, jsonb) FROM PUBLIC")
    op.execute(
        """
        DO $$ BEGIN
            EXECUTE format(
                'REVOKE EXECUTE ON FUNCTION append_audit(text, uuid, text, text, jsonb, jsonb) FROM %I',
                current_schema() || '_service');
        END $$
        """
    )
    install_append_only("audit")
    for table in ("audit", "audit_head"):
        hide_from_service(table)


def downgrade() -> None:
    raise NotImplementedError("The first revision is not undone: drop the schema instead.")
