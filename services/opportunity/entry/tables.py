"""What was imported already."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    Table,
    TypedColumns,
)

from services.opportunity.metadata import metadata


class ImportRecordColumns(TypedColumns):
    """What was last imported for an opportunity, as digests: the same again changes nothing.

    `history` holds eight bytes for each entry of its history, in order.
    """

    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), primary_key=True)
    digest: Column[bytes] = Column(LargeBinary, nullable=False)
    history: Column[bytes] = Column(LargeBinary, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


import_record = Table("import_record", metadata, ImportRecordColumns)
