"""Keep forecast cycles, their frozen rates and seats."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "forecast_cycle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period_kind", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_basis", sa.Text(), nullable=False),
        sa.Column("granularity", sa.Text(), nullable=False),
        sa.Column("confirmable_stages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("plan_categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("head_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("deadlines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rates_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (opened_at IS NOT NULL AND rates_on IS NOT NULL)", name=op.f("ck_forecast_cycle_opened")
        ),
        sa.CheckConstraint("state IN ('draft', 'open')", name=op.f("ck_forecast_cycle_state")),
        sa.CheckConstraint("period_start < period_end", name=op.f("ck_forecast_cycle_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_cycle")),
    )
    op.create_index(op.f("ix_forecast_cycle_period_start"), "forecast_cycle", ["period_start"], unique=False)
    op.create_table(
        "frozen_rate",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=30, scale=15), nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_frozen_rate_rate")),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_frozen_rate_cycle_id")),
        sa.PrimaryKeyConstraint("cycle_id", "currency", name=op.f("pk_frozen_rate")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("superior_seat_id", sa.Uuid(), nullable=True),
        sa.Column("line", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_seat_cycle_id")),
        sa.ForeignKeyConstraint(["superior_seat_id"], ["seat.id"], name=op.f("fk_seat_superior_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_index(op.f("ix_seat_line"), "seat", ["line"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_seat_superior_seat_id"), "seat", ["superior_seat_id"], unique=False)
    op.create_index("uq_seat_cycle_id_person_id", "seat", ["cycle_id", "person_id"], unique=True)
    op.create_table(
        "seat_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_holder_id", sa.Uuid(), nullable=True),
        sa.Column("to_holder_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('joined', 'passed')", name=op.f("ck_seat_change_kind")),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_seat_change_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_change_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_change")),
    )
    op.create_index(op.f("ix_seat_change_cycle_id"), "seat_change", ["cycle_id"], unique=False)
    op.create_table(
        "standing",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("handed_in_id", sa.Uuid(), nullable=True),
        sa.Column("stale_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stale_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_standing_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_standing_seat_id")),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_standing")),
    )
    op.create_index(op.f("ix_standing_cycle_id"), "standing", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_standing_holder_id_cycle_id"), "standing", ["holder_id", "cycle_id"], unique=False)
    install_append_only("frozen_rate")
    install_append_only("seat")
    install_append_only("seat_change")
    install_audit("forecast_cycle", "forecast_cycle")
    install_audit("seat_change", "seat", "seat_id")
    install_audit("standing", "seat", "seat_id")


def downgrade() -> None:
    op.drop_table("standing")
    op.drop_table("seat_change")
    op.drop_table("seat")
    op.drop_table("frozen_rate")
    op.drop_table("forecast_cycle")
