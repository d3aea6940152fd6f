"""Remind of forecasts that are not handed in, and find them."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only

revision = "forecast_reminders"
down_revision = "forecast_of_customer"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, days in (("remind_before_days", "{2,1}"), ("remind_after_days", "{0,2,5}")):
        column: sa.Column[list[int]] = sa.Column(
            name, sa.ARRAY(sa.Integer()), server_default=sa.text(f"'{days}'"), nullable=False
        )
        op.add_column("forecast_cycle", column)
    op.create_index(
        "ix_standing_missing",
        "standing",
        ["cycle_id", "level", "seat_id"],
        postgresql_where=sa.text("handed_in_id IS NULL"),
    )
    op.create_table(
        "forecast_reminder",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days >= 0 OR superior_id IS NULL", name=op.f("ck_forecast_reminder_superior")),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_forecast_reminder_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_forecast_reminder_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_reminder")),
    )
    op.create_index("uq_forecast_reminder_once_a_turn", "forecast_reminder", ["seat_id", "due_at", "days"], unique=True)
    op.create_index(op.f("ix_forecast_reminder_cycle_id_at_id"), "forecast_reminder", ["cycle_id", "at", "id"])
    install_append_only("forecast_reminder")


def downgrade() -> None:
    op.drop_table("forecast_reminder")
    op.drop_index("ix_standing_missing", "standing")
    for name in ("remind_before_days", "remind_after_days"):
        op.drop_column("forecast_cycle", name)
