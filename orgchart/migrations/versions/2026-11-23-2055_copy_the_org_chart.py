"""Keep a copy of the org chart."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.types import Ltree

revision = "orgchart0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "orgchart_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("path", Ltree(), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orgchart_person"),
    )
    op.create_index("ix_orgchart_person_path", "orgchart_person", ["path"], postgresql_using="gist")
    op.create_index("ix_orgchart_person_external", "orgchart_person", ["external_system", "external_id"])
    op.create_table(
        "orgchart_edge",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("superior_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "from_date", name="pk_orgchart_edge"),
    )
    op.create_index("ix_orgchart_edge_superior_id", "orgchart_edge", ["superior_id"])
    op.create_table(
        "orgchart_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orgchart_unit"),
    )
    op.create_table(
        "orgchart_stand_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orgchart_stand_in"),
    )
    op.create_index("ix_orgchart_stand_in_stand_in_id", "orgchart_stand_in", ["stand_in_id"])
    op.create_table(
        "orgchart_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("paths_on", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orgchart_state"),
    )
    op.execute("INSERT INTO orgchart_state (id) VALUES (1)")


def downgrade() -> None:
    for table in ("state", "stand_in", "unit", "edge", "person"):
        op.drop_table(f"orgchart_{table}")
