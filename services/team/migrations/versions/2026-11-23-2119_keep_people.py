"""Keep people, business units, credentials, and what changed of the org chart."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "team0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "business_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(external_system IS NULL) = (external_id IS NULL)", name=op.f("ck_business_unit_reference_whole")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_business_unit_parent_is_another")),
        sa.ForeignKeyConstraint(["parent_id"], ["business_unit.id"], name="fk_business_unit_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_business_unit"),
        sa.UniqueConstraint("external_system", "external_id", name="uq_business_unit_external_system_external_id"),
    )
    op.create_index("ix_business_unit_created_at", "business_unit", ["created_at", "id"], unique=False)
    op.create_index("ix_business_unit_name", "business_unit", ["name", "id"], unique=False)
    op.create_index("ix_business_unit_parent_id", "business_unit", ["parent_id", "name", "id"], unique=False)
    op.create_table(
        "chart_part_change",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("part", name="pk_chart_part_change"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("personal_salt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'machine')", name=op.f("ck_person_kind_known")),
        sa.CheckConstraint("(external_system IS NULL) = (external_id IS NULL)", name=op.f("ck_person_reference_whole")),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_person_joined_before_left")),
        sa.ForeignKeyConstraint(["business_unit_id"], ["business_unit.id"], name="fk_person_business_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("external_system", "external_id", name="uq_person_external_system_external_id"),
        sa.UniqueConstraint("username", name="uq_person_username"),
    )
    op.create_index("ix_person_business_unit_id", "person", ["business_unit_id", "name", "id"], unique=False)
    op.create_index("ix_person_created_at", "person", ["created_at", "id"], unique=False)
    op.create_index("ix_person_name", "person", ["name", "id"], unique=False)
    op.create_index(
        "ix_person_search_text",
        "person",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_table(
        "chart_person_change",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_chart_person_change_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_chart_person_change"),
    )
    op.create_index("ix_chart_person_change_version", "chart_person_change", ["version"], unique=False)
    op.create_table(
        "role_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("change IN ('granted', 'withdrawn')", name=op.f("ck_role_change_change_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_role_change_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_role_change"),
    )
    op.create_index("ix_role_change_person_id", "role_change", ["person_id", "decided_at", "id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_credential_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_credential"),
    )
    op.create_foreign_key("fk_business_unit_head_id", "business_unit", "person", ["head_id"], ["id"])
    install_audit("business_unit", "business_unit")
    install_audit("person", "person", personal=("name", "email", "username", "search_text"))
    install_audit("role_change", "person", "person_id")
    install_audit("credential", "person", "person_id", personal=("password_hash",))
    install_append_only("role_change")


def downgrade() -> None:
    raise NotImplementedError("Undone by dropping the schema.")
