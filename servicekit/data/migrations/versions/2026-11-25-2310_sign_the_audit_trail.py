"""Keep signed checkpoints of the audit trail, written by a function of the owner's only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import hide_from_service, install_append_only

revision = "servicekit0003"
down_revision = "servicekit0002"
branch_labels = None
depends_on = None

SIGNATURE = "append_audit_checkpoint(bigint, bigint, timestamptz, bigint, bigint, bytea, bytea, bytea, text, bytea)"
APPEND = """
CREATE FUNCTION append_audit_checkpoint(
    the_number bigint, the_until bigint, the_instant timestamptz, the_rows bigint, the_chains bigint,
    the_root bytea, the_previous bytea, the_digest bytea, the_key text, the_signature bytea
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    last_number bigint;
    last_until bigint;
BEGIN
    SELECT number, until INTO last_number, last_until FROM audit_checkpoint ORDER BY number DESC LIMIT 1;
    IF the_number <> coalesce(last_number, 0) + 1 OR the_until <= coalesce(last_until, 0) THEN
        RETURN false;
    END IF;
    INSERT INTO audit_checkpoint (number, until, at, rows, chains, root, previous, digest, key_id, signature)
        VALUES (the_number, the_until, the_instant, the_rows, the_chains, the_root, the_previous, the_digest,
                the_key, the_signature);
    INSERT INTO audit_checkpoint_entry (checkpoint, aggregate, aggregate_id, first_sequence, ids, digests)
        SELECT the_number, aggregate, aggregate_id, min(sequence), array_agg(id ORDER BY sequence),
               string_agg(digest, '' ORDER BY sequence)
        FROM audit WHERE id > coalesce(last_until, 0) AND id <= the_until GROUP BY aggregate, aggregate_id;
    RETURN true;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("chains", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoint"),
    )
    op.create_table(
        "audit_checkpoint_entry",
        sa.Column("checkpoint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("checkpoint", "aggregate", "aggregate_id", name="pk_audit_checkpoint_entry"),
    )
    for table in ("audit_checkpoint", "audit_checkpoint_entry"):
        install_append_only(table)
        hide_from_service(table)
    op.execute(APPEND)
    op.execute(
        f"""
        DO $$ BEGIN
            EXECUTE format('ALTER FUNCTION {SIGNATURE} SET search_path = %I, extensions, pg_temp', current_schema());
            EXECUTE 'REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC';
            EXECUTE format('GRANT EXECUTE ON FUNCTION {SIGNATURE} TO %I', current_schema() || '_service');
        END $$
        """
    )


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.drop_table("audit_checkpoint_entry")
    op.drop_table("audit_checkpoint")
