"""Keep scopes and secrets of machine clients; those that are there go on doing what they did, but follow no feed."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "team0003"
down_revision = "team0002"
branch_labels = None
depends_on = None

GO_ON = """
UPDATE person SET scopes = '{import,demand_plans:read}'::text[] || CASE WHEN external_system = 'keyaccount'
    THEN '{customer:events:read,opportunity:events:read,forecast:events:read,team:events:read}'::text[] ELSE '{}' END
WHERE kind = 'machine'
"""
"""They read and write what their roles allow, as before; feeds and access an administrator has to give them anew.
The client of the first start follows feeds: it waits until all services have taken over what it has loaded."""

PUBLISH_AGAIN = """
WITH published AS (
    UPDATE orgchart_state SET version = version + 1 WHERE id = 1 AND version > 0 RETURNING version
)
UPDATE chart_person_change AS change SET version = published.version
FROM published, person WHERE person.id = change.person_id AND (person.kind = 'machine' OR person.email IS NOT NULL)
"""
"""The other services have copied neither scopes nor addresses: a new version has them fetch who has either."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("person", sa.Column("scopes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_client_secret_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_client_secret"),
    )
    op.create_index("ix_client_secret_person_id", "client_secret", ["person_id", "id"])
    op.create_table(
        "client_secret_use",
        sa.Column("secret_id", sa.Uuid(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["secret_id"], ["client_secret.id"], name="fk_client_secret_use_secret_id"),
        sa.PrimaryKeyConstraint("secret_id", name="pk_client_secret_use"),
    )
    install_audit("client_secret", "person", "person_id", personal=("secret_hash",))
    op.execute(GO_ON)
    op.execute(
        "UPDATE orgchart_person AS copy SET scopes = person.scopes, email = person.email "
        "FROM person WHERE person.id = copy.id"
    )
    op.execute(PUBLISH_AGAIN)


def downgrade() -> None:
    raise NotImplementedError("Undone by dropping the schema.")
