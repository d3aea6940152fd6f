"""What migrations call to install triggers and privileges, which Alembic knows nothing of.

Each call states in full what it installs: a migration never depends on what `tables.py` says today.
"""

from alembic import op


def install_append_only(table: str) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE of the table: by privilege to the service, by trigger to all."""
    op.execute(
        f"""
        DO $$ BEGIN
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM %I', current_schema() || '_service');
        END $$
        """
    )
    op.execute(
        f'CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_alteration()"
    )
    op.execute(
        f'CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()"
    )


def install_audit(table: str, aggregate: str, id_column: str = "id", personal: tuple[str, ...] = ()) -> None:
    """Write each changed row of the table into the audit trail of the aggregate found by `id_column`.

    Columns named `personal` appear as a digest salted with the row's `personal_salt`.
    """
    names = ",".join(personal)
    op.execute(
        f'CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION audit_change('{aggregate}', '{id_column}', '{names}')"
    )


def hide_from_service(table: str, *, privileges: str = "INSERT, UPDATE, DELETE, TRUNCATE") -> None:
    """Take privileges on the table away from the service's login role."""
    op.execute(
        f"""
        DO $$ BEGIN
            EXECUTE format('REVOKE {privileges} ON "{table}" FROM %I', current_schema() || '_service');
        END $$
        """
    )
