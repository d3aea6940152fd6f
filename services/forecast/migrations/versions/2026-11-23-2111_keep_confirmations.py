"""Keep what is known of opportunities, confirmations and live lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_append_only, install_audit

revision = "forecast0002"
down_revision = "forecast0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "known_customer",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_known_customer")),
    )
    op.create_table(
        "known_opportunity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("probability", sa.Numeric(precision=7, scale=6), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_known_opportunity_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_opportunity")),
    )
    op.create_index(
        op.f("ix_known_opportunity_decided_on"),
        "known_opportunity",
        ["decided_on"],
        unique=False,
        postgresql_where=sa.text("state = 'won'"),
    )
    op.create_index(
        op.f("ix_known_opportunity_principal_id_expected_close"),
        "known_opportunity",
        ["principal_id", "expected_close"],
        unique=False,
    )
    op.create_table(
        "known_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_product")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_version", sa.Integer(), nullable=False),
        sa.Column("opportunity_name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("stated_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("stated_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=30, scale=15), nullable=False),
        sa.Column("probability", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('closed', 'commit', 'best_case', 'pipeline', 'omitted')",
            name=op.f("ck_confirmation_category"),
        ),
        sa.CheckConstraint("amount >= 0 AND stated_amount >= 0", name=op.f("ck_confirmation_amount")),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_confirmation_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_confirmation_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("id", "seat_id", "opportunity_id", name=op.f("uq_confirmation_id_seat_id_opportunity_id")),
    )
    op.create_index(
        op.f("ix_confirmation_cycle_id_opportunity_id_at"),
        "confirmation",
        ["cycle_id", "opportunity_id", "at"],
        unique=False,
    )
    op.create_table(
        "confirmation_line",
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.Column("place_in_list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.CheckConstraint("date_part('day', month) = 1", name=op.f("ck_confirmation_line_month")),
        sa.CheckConstraint("(unit IS NULL) = (quantity IS NULL)", name=op.f("ck_confirmation_line_counted")),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["confirmation.id"], name=op.f("fk_confirmation_line_confirmation_id")
        ),
        sa.PrimaryKeyConstraint("confirmation_id", "place_in_list", name=op.f("pk_confirmation_line")),
    )
    op.create_table(
        "live_line",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id", "seat_id", "opportunity_id"],
            ["confirmation.id", "confirmation.seat_id", "confirmation.opportunity_id"],
            name=op.f("fk_live_line_confirmation_id_seat_id_opportunity_id"),
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_live_line_cycle_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_live_line_seat_id")),
        sa.PrimaryKeyConstraint("cycle_id", "opportunity_id", name=op.f("pk_live_line")),
    )
    op.create_index(op.f("ix_live_line_opportunity_id"), "live_line", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_live_line_seat_id"), "live_line", ["seat_id"], unique=False)
    install_append_only("confirmation")
    install_append_only("confirmation_line")
    install_audit("confirmation", "seat", "seat_id")
    install_audit("live_line", "seat", "seat_id")


def downgrade() -> None:
    op.drop_table("live_line")
    op.drop_table("confirmation_line")
    op.drop_table("confirmation")
    op.drop_table("known_product")
    op.drop_table("known_opportunity")
    op.drop_table("known_customer")
