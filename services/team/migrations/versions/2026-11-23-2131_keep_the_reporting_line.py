"""Keep the reporting line, the decisions it came from, and stand-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "team0002"
down_revision = "team0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "reporting_edge",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("superior_id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.text("daterange(from_date, until_date)"), "&&"),
            using="gist",
            name="ex_reporting_edge_one_superior",
        ),
        sa.CheckConstraint("superior_id <> person_id", name=op.f("ck_reporting_edge_superior_is_another")),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_reporting_edge_span_not_empty")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_reporting_edge_person_id"),
        sa.ForeignKeyConstraint(["superior_id"], ["person.id"], name="fk_reporting_edge_superior_id"),
        sa.PrimaryKeyConstraint("person_id", "from_date", name="pk_reporting_edge"),
    )
    op.create_index("ix_reporting_edge_superior_id", "reporting_edge", ["superior_id"], unique=False)
    op.create_table(
        "stand_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("stand_in_id"), "="),
            (sa.text("daterange(from_date, until_date)"), "&&"),
            using="gist",
            name="ex_stand_in_once",
        ),
        sa.CheckConstraint("stand_in_id <> person_id", name=op.f("ck_stand_in_stand_in_is_another")),
        sa.CheckConstraint("until_date >= from_date", name=op.f("ck_stand_in_span_forwards")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_stand_in_person_id"),
        sa.ForeignKeyConstraint(["stand_in_id"], ["person.id"], name="fk_stand_in_stand_in_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stand_in"),
    )
    op.create_index("ix_stand_in_person_id", "stand_in", ["person_id", "from_date", "id"], unique=False)
    op.create_index("ix_stand_in_stand_in_id", "stand_in", ["stand_in_id", "from_date", "id"], unique=False)
    op.create_table(
        "superior_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_superior_change_person_id"),
        sa.ForeignKeyConstraint(["superior_id"], ["person.id"], name="fk_superior_change_superior_id"),
        sa.PrimaryKeyConstraint("id", name="pk_superior_change"),
    )
    op.create_index("ix_superior_change_person_id", "superior_change", ["person_id", "decided_at", "id"], unique=False)
    install_audit("superior_change", "person", "person_id")
    install_append_only("superior_change")
    install_audit("reporting_edge", "person", "person_id")
    install_audit("stand_in", "person", "person_id")


def downgrade() -> None:
    raise NotImplementedError("Undone by dropping the schema.")
