"""Keep what the funnel's counts rest on with its day: changes, days, checkpoints.

What is there already is counted by the service before it answers for the first time, as time zone and histories say;
`python -m services.opportunity.funnel.rebuild` does the same.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "opportunity_funnel_days"
down_revision = "opportunity_passed_over"
branch_labels = None
depends_on = None

STATE = (
    ("principal_id", sa.Uuid()),
    ("funnel_version", sa.Integer()),
    ("stage", sa.Text()),
    ("state", sa.Text()),
    ("decided_on", sa.Date()),
    ("currency", sa.Text()),
    ("amount", sa.Numeric(20, 4)),
    ("expected_close", sa.Date()),
    ("customer_id", sa.Uuid()),
    ("manual_probability", sa.Numeric(5, 4)),
)
KEY = (
    ("funnel_version", sa.Integer()),
    ("place", sa.Text()),
    ("quarter", sa.Date()),
    ("currency", sa.Text()),
)
FIGURES = (
    ("count", sa.Integer()),
    ("amount", sa.Numeric(20, 4)),
    ("unknown_amount", sa.Integer()),
    ("simulated", sa.Integer()),
    ("manual_amount", sa.Numeric(20, 4)),
    ("manual_weighted", sa.Numeric(28, 8)),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("funnel_delta")
    op.drop_table("funnel_counter")
    op.drop_column("funnel_fold", "past_revision")
    op.add_column("funnel_fold", sa.Column("time_zone", sa.Text(), nullable=True))
    op.create_table(
        "funnel_delta",
        *_changed(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("logged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_delta")),
    )
    op.create_table(
        "funnel_change",
        *_changed(),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("opportunity_id", "at", "id", name=op.f("pk_funnel_change")),
    )
    op.create_index("ix_funnel_change_day", "funnel_change", ["day"])
    op.create_index("ix_funnel_change_person", "funnel_change", ["after_principal_id", "day"])
    op.create_index(
        "ix_funnel_change_former",
        "funnel_change",
        ["before_principal_id", "day"],
        postgresql_where=sa.text("before_principal_id <> after_principal_id"),
    )
    _summed("funnel_counter", ("person_id", sa.Uuid()), ("reach", sa.Text()), *KEY)
    _summed("funnel_day", ("day", sa.Date()), *KEY)
    _summed("funnel_checkpoint", ("start", sa.Date()), ("person_id", sa.Uuid()), *KEY)
    op.create_table(
        "funnel_month",
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("start", name=op.f("pk_funnel_month")),
    )
    op.create_index("ix_principal_history_opportunity_id_from_at", "principal_history", ["opportunity_id", "from_at"])
    op.create_index("ix_terms_change_customer_id", "terms_change", ["customer_id", "opportunity_id"])
    op.create_index("ix_terms_change_product_ids", "terms_change", ["product_ids"], postgresql_using="gin")


def _changed() -> list["sa.Column[Any]"]:
    sides = [(f"{side}_{name}", kind) for side in ("before", "after") for name, kind in STATE]
    return [
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        *(sa.Column(name, kind, nullable=True) for name, kind in sides),
    ]


def _summed(table: str, *key: tuple[str, Any]) -> None:
    op.create_table(
        table,
        *(sa.Column(name, kind, nullable=False) for name, kind in (*FIGURES, *key)),
        sa.PrimaryKeyConstraint(*(name for name, _ in key), name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    raise NotImplementedError("What the counts rest on is not taken apart again: restore the backup before it instead.")
