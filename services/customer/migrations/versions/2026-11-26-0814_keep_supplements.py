"""Keep supplements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "supplements0001"
down_revision = "customer_targeting"
branch_labels = None
depends_on = None

NOTE_AGE = """
CREATE FUNCTION note_age() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after jsonb := to_jsonb(NEW);
    before jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
    ages jsonb := '{}';
    name text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT confirmed INTO ages FROM customer_age WHERE customer_id = NEW.id FOR UPDATE;
    END IF;
    ages := coalesce(ages, '{}');
    FOREACH name IN ARRAY ARRAY['legal_name', 'city', 'phone', 'website', 'industry', 'annual_revenue', 'employees'] LOOP
        IF after ->> name IS NULL THEN
            ages := ages - name;
        ELSIF before IS NULL OR before -> name IS DISTINCT FROM after -> name THEN
            ages := jsonb_set(ages, ARRAY[name], to_jsonb(NEW.updated_at));
        END IF;
    END LOOP;
    INSERT INTO customer_age AS age (customer_id, confirmed, oldest_at)
        VALUES (NEW.id, ages, (SELECT min(value::timestamptz) FROM jsonb_each_text(ages)))
        ON CONFLICT (customer_id) DO UPDATE SET confirmed = excluded.confirmed, oldest_at = excluded.oldest_at
        WHERE age.confirmed <> excluded.confirmed;
    RETURN NULL;
END $$
"""
"""When each field of a customer was last written; whoever confirms one writes the same table."""

FILL = """
INSERT INTO customer_age (customer_id, confirmed, oldest_at)
SELECT id, (
    SELECT jsonb_object_agg(key, to_jsonb(created_at)) FROM jsonb_each_text(to_jsonb(customer))
    WHERE value IS NOT NULL
    AND key IN ('legal_name', 'city', 'phone', 'website', 'industry', 'annual_revenue', 'employees')
), created_at FROM customer
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "change_source",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_change_source_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "first_sequence", name=op.f("pk_change_source")),
    )
    op.create_table(
        "customer_age",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("oldest_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_age_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_age")),
    )
    op.create_index("ix_customer_age_oldest_at", "customer_age", ["oldest_at", "customer_id"], unique=False)
    op.create_table(
        "field_confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_field_confirmation_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_confirmation")),
    )
    op.create_index("ix_field_confirmation_customer_id", "field_confirmation", ["customer_id", "at"], unique=False)
    op.create_table(
        "proposed_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("present", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("proposed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_proposed_change_decided_has_time")),
        sa.CheckConstraint("state IN ('open', 'accepted', 'rejected')", name=op.f("ck_proposed_change_state_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_proposed_change_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_change")),
    )
    op.create_index(
        "ix_proposed_change_customer_id", "proposed_change", ["customer_id", "proposed_at", "id"], unique=False
    )
    op.create_index(
        "ix_proposed_change_open",
        "proposed_change",
        ["proposed_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_proposed_change_proposed_at", "proposed_change", ["proposed_at", "id"], unique=False)
    op.create_index(
        "uq_proposed_change_customer_id_field_digest",
        "proposed_change",
        ["customer_id", "field", "digest"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    for table in ("change_source", "field_confirmation"):
        install_append_only(table)
    for table in ("proposed_change", "field_confirmation"):
        install_audit(table, "customer", "customer_id")
    op.execute(NOTE_AGE)
    op.execute(
        "CREATE TRIGGER aged AFTER INSERT OR UPDATE OF legal_name, city, phone, website, industry, annual_revenue, employees "
        "ON customer FOR EACH ROW EXECUTE FUNCTION note_age()"
    )
    op.execute(FILL)


def downgrade() -> None:
    op.execute("DROP TRIGGER aged ON customer")
    op.execute("DROP FUNCTION note_age()")
    for table in ("proposed_change", "field_confirmation", "customer_age", "change_source"):
        op.drop_table(table)
