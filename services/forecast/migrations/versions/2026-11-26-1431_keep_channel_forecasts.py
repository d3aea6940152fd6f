"""Keep sources and what each forecasts for a cycle."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_append_only, install_audit

revision = "channel_forecasts"
down_revision = "forecast_erp"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "forecast_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('distributor', 'store', 'market_research', 'web_shop', 'statistics')",
            name=op.f("ck_forecast_source_kind"),
        ),
        sa.CheckConstraint(
            "(external_system IS NULL) = (external_id IS NULL)", name=op.f("ck_forecast_source_reference")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_source")),
        sa.UniqueConstraint(
            "external_system", "external_id", name=op.f("uq_forecast_source_external_system_external_id")
        ),
    )
    op.create_index(op.f("ix_forecast_source_responsible_id"), "forecast_source", ["responsible_id"], unique=False)
    op.create_index(
        "uq_forecast_source_business_unit_id_name",
        "forecast_source",
        ["business_unit_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "channel_forecast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["forecast_cycle.id"], name=op.f("fk_channel_forecast_cycle_id")),
        sa.ForeignKeyConstraint(["source_id"], ["forecast_source.id"], name=op.f("fk_channel_forecast_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_forecast")),
    )
    op.create_index(op.f("ix_channel_forecast_source_id"), "channel_forecast", ["source_id"], unique=False)
    op.create_index(
        "uq_channel_forecast_cycle_id_source_id_number",
        "channel_forecast",
        ["cycle_id", "source_id", "number"],
        unique=True,
    )
    op.create_table(
        "channel_forecast_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_forecast_id", sa.Uuid(), nullable=False),
        sa.Column("product_line_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_is_whole", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("stated_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("stated_currency", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.CheckConstraint("date_part('day', month) = 1", name=op.f("ck_channel_forecast_line_month")),
        sa.CheckConstraint("(stated_amount IS NULL) = (amount IS NULL)", name=op.f("ck_channel_forecast_line_amount")),
        sa.CheckConstraint("quantity >= 0 AND amount >= 0", name=op.f("ck_channel_forecast_line_not_negative")),
        sa.CheckConstraint("quantity IS NOT NULL OR amount IS NOT NULL", name=op.f("ck_channel_forecast_line_said")),
        sa.ForeignKeyConstraint(
            ["channel_forecast_id"], ["channel_forecast.id"], name=op.f("fk_channel_forecast_line_channel_forecast_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_forecast_line")),
        sa.UniqueConstraint(
            "channel_forecast_id",
            "product_line_id",
            "month",
            "place",
            "unit",
            name="uq_channel_forecast_line_where",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_channel_forecast_line_channel_forecast_id_id"),
        "channel_forecast_line",
        ["channel_forecast_id", "id"],
        unique=True,
    )
    op.create_index(op.f("ix_known_product_product_line_id"), "known_product", ["product_line_id"], unique=False)
    install_append_only("channel_forecast")
    install_append_only("channel_forecast_line")
    install_audit("forecast_source", "forecast_source")
    install_audit("channel_forecast", "forecast_source", "source_id")


def downgrade() -> None:
    op.drop_index(op.f("ix_known_product_product_line_id"), table_name="known_product")
    op.drop_index(op.f("ix_channel_forecast_line_channel_forecast_id_id"), table_name="channel_forecast_line")
    op.drop_table("channel_forecast_line")
    op.drop_index("uq_channel_forecast_cycle_id_source_id_number", table_name="channel_forecast")
    op.drop_index(op.f("ix_channel_forecast_source_id"), table_name="channel_forecast")
    op.drop_table("channel_forecast")
    op.drop_index(
        "uq_forecast_source_business_unit_id_name",
        table_name="forecast_source",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_forecast_source_responsible_id"), table_name="forecast_source")
    op.drop_table("forecast_source")
