"""Keep records of seats and what they submitted."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast0003"
down_revision = "forecast0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "forecast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved', 'superseded')", name=op.f("ck_forecast_state")
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_forecast_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_forecast_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast")),
    )
    op.create_index(op.f("ix_forecast_cycle_id_id"), "forecast", ["cycle_id", "id"], unique=False)
    op.create_index(
        "uq_forecast_draft", "forecast", ["seat_id"], unique=True, postgresql_where=sa.text("state = 'draft'")
    )
    op.create_index("uq_forecast_seat_id_revision", "forecast", ["seat_id", "revision"], unique=True)
    op.create_index(
        "uq_forecast_standing",
        "forecast",
        ["seat_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('submitted', 'approved')"),
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=30, scale=10), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("report_seat_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('delta', 'absolute', 'ratio')", name=op.f("ck_adjustment_mode")),
        sa.CheckConstraint("(month IS NULL) = (place IS NULL)", name=op.f("ck_adjustment_named")),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_adjustment_forecast_id")),
        sa.ForeignKeyConstraint(["report_seat_id"], ["seat.id"], name=op.f("fk_adjustment_report_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    op.create_index(op.f("ix_adjustment_forecast_id"), "adjustment", ["forecast_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind = 'approved' OR comment IS NOT NULL", name=op.f("ck_decision_comment")),
        sa.CheckConstraint("kind IN ('returned', 'approved')", name=op.f("ck_decision_kind")),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_decision_forecast_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_forecast_id"), "decision", ["forecast_id"], unique=False)
    op.create_table(
        "gathered",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("from_forecast_id", sa.Uuid(), nullable=False),
        sa.Column("from_seat_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_gathered_forecast_id")),
        sa.ForeignKeyConstraint(["from_forecast_id"], ["forecast.id"], name=op.f("fk_gathered_from_forecast_id")),
        sa.ForeignKeyConstraint(["from_seat_id"], ["seat.id"], name=op.f("fk_gathered_from_seat_id")),
        sa.PrimaryKeyConstraint("forecast_id", "from_forecast_id", name=op.f("pk_gathered")),
    )
    op.create_table(
        "submission",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_submission_forecast_id")),
        sa.PrimaryKeyConstraint("forecast_id", name=op.f("pk_submission")),
    )
    op.create_table(
        "adjustment_in_force",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_adjustment_in_force_adjustment_id")
        ),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_adjustment_in_force_forecast_id")),
        sa.PrimaryKeyConstraint("forecast_id", "adjustment_id", name=op.f("pk_adjustment_in_force")),
    )
    op.create_table(
        "submission_adjustment",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("delta", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_submission_adjustment_adjustment_id")
        ),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_adjustment_forecast_id")
        ),
        sa.PrimaryKeyConstraint("forecast_id", "adjustment_id", name=op.f("pk_submission_adjustment")),
    )
    op.create_table(
        "submission_cell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("own_quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("own_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("gathered_quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("gathered_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("adjustment_quantity", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("adjustment_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.CheckConstraint(
            "own_amount + gathered_amount + adjustment_amount >= 0", name=op.f("ck_submission_cell_amount")
        ),
        sa.CheckConstraint(
            "own_quantity + gathered_quantity + adjustment_quantity >= 0", name=op.f("ck_submission_cell_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_cell_forecast_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_cell")),
    )
    op.create_index(op.f("ix_submission_cell_forecast_id_id"), "submission_cell", ["forecast_id", "id"], unique=False)
    op.create_table(
        "submission_confirmation",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["confirmation.id"], name=op.f("fk_submission_confirmation_confirmation_id")
        ),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_confirmation_forecast_id")
        ),
        sa.PrimaryKeyConstraint("forecast_id", "confirmation_id", name=op.f("pk_submission_confirmation")),
    )
    op.create_table(
        "submission_part",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("from_forecast_id", sa.Uuid(), nullable=False),
        sa.Column("from_seat_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_part_forecast_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_part_from_forecast_id")
        ),
        sa.ForeignKeyConstraint(["from_seat_id"], ["seat.id"], name=op.f("fk_submission_part_from_seat_id")),
        sa.PrimaryKeyConstraint("forecast_id", "from_forecast_id", name=op.f("pk_submission_part")),
    )
    op.create_table(
        "submission_total",
        sa.Column("forecast_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("own", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("gathered", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("adjustment", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["submission.forecast_id"], name=op.f("fk_submission_total_forecast_id")
        ),
        sa.PrimaryKeyConstraint("forecast_id", "category", name=op.f("pk_submission_total")),
    )
    install_append_only("adjustment")
    install_append_only("decision")
    install_append_only("submission")
    install_append_only("submission_adjustment")
    install_append_only("submission_cell")
    install_append_only("submission_confirmation")
    install_append_only("submission_part")
    install_append_only("submission_total")
    install_audit("forecast", "forecast")
    install_audit("adjustment", "forecast", "forecast_id")
    install_audit("decision", "forecast", "forecast_id")
    install_audit("gathered", "forecast", "forecast_id")
    install_audit("submission", "forecast", "forecast_id")
    install_audit("adjustment_in_force", "forecast", "forecast_id")


def downgrade() -> None:
    op.drop_table("submission_total")
    op.drop_table("submission_part")
    op.drop_table("submission_confirmation")
    op.drop_table("submission_cell")
    op.drop_table("submission_adjustment")
    op.drop_table("adjustment_in_force")
    op.drop_table("submission")
    op.drop_table("gathered")
    op.drop_table("decision")
    op.drop_table("adjustment")
    op.drop_table("forecast")
