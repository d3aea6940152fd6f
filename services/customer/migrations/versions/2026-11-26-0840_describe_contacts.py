"""Say of contacts what part they have in the decision, how they stand to us, and whom they influence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.data.installing import install_audit

revision = "customer_contact_roles"
down_revision = "supplements0001"
branch_labels = None
depends_on = None

BEFORE = ("name", "email", "email_key", "phone", "department", "title", "search_text")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("decision_role", "attitude", "closeness"):
        op.add_column("contact", sa.Column(name, sa.Text(), nullable=True))
    for name in ("influences_ids", "known_by_ids"):
        op.add_column(
            "contact",
            sa.Column(name, postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        )
    op.create_check_constraint(
        op.f("ck_contact_decision_role_known"),
        "contact",
        "decision_role IN ('decision_maker', 'approver', 'influencer', 'user', 'gatekeeper', 'coach')",
    )
    op.create_check_constraint(
        op.f("ck_contact_attitude_known"), "contact", "attitude IN ('supports', 'neutral', 'opposes')"
    )
    op.create_check_constraint(
        op.f("ck_contact_closeness_known"), "contact", "closeness IN ('close', 'known', 'distant')"
    )
    op.execute("DROP TRIGGER audited ON contact")
    install_audit("contact", "contact", personal=(*BEFORE, "decision_role", "attitude", "closeness"))


def downgrade() -> None:
    op.execute("DROP TRIGGER audited ON contact")
    install_audit("contact", "contact", personal=BEFORE)
    for name in ("decision_role", "attitude", "closeness", "influences_ids", "known_by_ids"):
        op.drop_column("contact", name)
