"""Note when a contact's personal data were erased; department and title are personal too."""

import sqlalchemy as sa
from alembic import op

from servicekit.data.installing import install_audit

revision = "customer0002"
down_revision = "customer0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("contact", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("DROP TRIGGER audited ON contact")
    install_audit(
        "contact", "contact", personal=("name", "email", "email_key", "phone", "department", "title", "search_text")
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER audited ON contact")
    install_audit("contact", "contact", personal=("name", "email", "email_key", "phone", "search_text"))
    op.drop_column("contact", "erased_at")
