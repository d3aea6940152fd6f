"""Look nowhere but in the schema from functions that run as its owner, and let nobody call them directly."""

from alembic import op

revision = "servicekit0002"
down_revision = "servicekit0001"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "append_audit(text, uuid, text, text, jsonb, jsonb)",
    "audit_change()",
    "audit_refusal(text, uuid, text, jsonb)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in FUNCTIONS:
        op.execute(
            f"""
            DO $$ BEGIN
                EXECUTE format(
                    'ALTER FUNCTION {function} SET search_path = %I, extensions, pg_temp', current_schema());
                EXECUTE 'REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC';
            END $$
            """
        )
    op.execute(
        """
        DO $$ BEGIN
            EXECUTE format(
                'GRANT EXECUTE ON FUNCTION audit_refusal(text, uuid, text, jsonb) TO %I',
                current_schema() || '_service');
        END $$
        """
    )


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(
            f"""
            DO $$ BEGIN
                EXECUTE format('ALTER FUNCTION {function} SET search_path = %I, extensions', current_schema());
            END $$
            """
        )
