"""Jobs and their parts; changes of a job's state belong to the audit trail, its progress does not."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "servicekit0005"
down_revision = "servicekit0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("represents", sa.Uuid(), nullable=True),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("personal_salt", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("chunk", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", postgresql.JSONB(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name=op.f("ck_job_due_until_finished")),
        sa.CheckConstraint("(state IN ('queued', 'running')) = (due_at IS NOT NULL)", name=op.f("ck_job_due_by_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_due_at", "job", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("ix_job_finished_at", "job", ["finished_at"], postgresql_where=sa.text("finished_at IS NOT NULL"))
    op.create_index("ix_job_owner_created_at_id", "job", ["owner", "created_at", "id"])
    op.create_index("ix_job_represents_created_at_id", "job", ["represents", "created_at", "id"])
    op.create_index("ix_job_created_at_id", "job", ["created_at", "id"])
    op.create_table(
        "job_part",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_part_job_id_job"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "role", "number", name=op.f("pk_job_part")),
    )
    op.execute(
        "CREATE TRIGGER audited AFTER INSERT OR UPDATE OF state ON job "
        "FOR EACH ROW EXECUTE FUNCTION audit_change('job', 'id', 'request,position')"
    )


def downgrade() -> None:
    op.drop_table("job_part")
    op.drop_table("job")
