"""Records of a seat: their state, which changes, and beside it what was submitted, which never does."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    Uuid,
    false,
    text,
)

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from services.forecast.confirmation.tables import confirmation
from services.forecast.cycles.tables import forecast_cycle, seat
from services.forecast.metadata import metadata

QUANTITY = Numeric(20, 4)


class ForecastColumns(TypedColumns):
    """A revision of a seat's forecast and where it stands."""

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)
    revision: Column[int] = Column(Integer, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    gathered_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    submitted_at: Column[datetime | None] = Column(DateTime(timezone=True))


forecast = audited(
    Table(
        "forecast",
        metadata,
        ForecastColumns,
        CheckConstraint("state IN ('draft', 'submitted', 'returned', 'approved', 'superseded')", "state"),
        Index("uq_forecast_seat_id_revision", "seat_id", "revision", unique=True),
        Index("uq_forecast_draft", "seat_id", unique=True, postgresql_where=text("state = 'draft'")),
        Index(
            "uq_forecast_standing", "seat_id", unique=True, postgresql_where=text("state IN ('submitted', 'approved')")
        ),
        Index(None, "cycle_id", "id"),
    ),
    "forecast",
)


class GatheredColumns(TypedColumns):
    """What a draft has gathered; copied into `submission_part` when it is submitted."""

    forecast_id = Column(Uuid, ForeignKey(forecast.c.id), primary_key=True)
    from_forecast_id = Column(Uuid, ForeignKey(forecast.c.id), primary_key=True)
    from_seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)


gathered = audited(Table("gathered", metadata, GatheredColumns), "forecast", "forecast_id")


class AdjustmentColumns(TypedColumns):
    """A judgement as it was made; without a line below to carry it, it names where it belongs."""

    id = Column(Uuid, primary_key=True)
    forecast_id: Column[UUID] = Column(Uuid, ForeignKey(forecast.c.id), nullable=False)
    mode: Column[str] = Column(Text, nullable=False)
    value: Column[Decimal] = Column(Numeric(30, 10), nullable=False)
    category: Column[str | None] = Column(Text)
    report_seat_id: Column[UUID | None] = Column(Uuid, ForeignKey(seat.c.id))
    product_id: Column[UUID | None] = Column(Uuid)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date | None] = Column(Date)
    place: Column[str | None] = Column(Text)
    is_by_week: Column[bool] = Column(Boolean, nullable=False, server_default=false())
    quantity: Column[Decimal | None] = Column(QUANTITY)
    amount: Column[Decimal | None] = Column(amount_type())
    reason: Column[str] = Column(Text, nullable=False)
    made_by: Column[UUID] = Column(Uuid, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


adjustment = audited(
    append_only(
        Table(
            "adjustment",
            metadata,
            AdjustmentColumns,
            CheckConstraint("mode IN ('delta', 'absolute', 'ratio')", "mode"),
            CheckConstraint("(month IS NULL) = (place IS NULL)", "named"),
            Index(None, "forecast_id"),
        )
    ),
    "forecast",
    "forecast_id",
)


class AdjustmentInForceColumns(TypedColumns):
    """An adjustment in force in a record, and the figure in its scope that the superior last judged."""

    forecast_id = Column(Uuid, ForeignKey(forecast.c.id), primary_key=True)
    adjustment_id = Column(Uuid, ForeignKey(adjustment.c.id), primary_key=True)
    base: Column[Decimal] = Column(amount_type(), nullable=False)


adjustment_in_force = audited(
    Table("adjustment_in_force", metadata, AdjustmentInForceColumns), "forecast", "forecast_id"
)


class SubmissionColumns(TypedColumns):
    """That a record was handed in: by whom, when."""

    forecast_id = Column(Uuid, ForeignKey(forecast.c.id), primary_key=True)
    submitted_by: Column[UUID] = Column(Uuid, nullable=False)
    on_behalf_of: Column[UUID | None] = Column(Uuid)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


submission = audited(append_only(Table("submission", metadata, SubmissionColumns)), "forecast", "forecast_id")


class SubmissionPartColumns(TypedColumns):
    """What a submitted record gathered."""

    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    from_forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    from_seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)


submission_part = append_only(Table("submission_part", metadata, SubmissionPartColumns))


class SubmissionConfirmationColumns(TypedColumns):
    """What a submitted record holds of its seat's own, and where the customer was delivered to then."""

    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    confirmation_id = Column(Uuid, ForeignKey(confirmation.c.id), primary_key=True)
    delivered_to: Column[str | None] = Column(Text)


submission_confirmation = append_only(Table("submission_confirmation", metadata, SubmissionConfirmationColumns))


class SubmissionAdjustmentColumns(TypedColumns):
    """What an adjustment came to in a submitted record: the figure in its scope, and what it added."""

    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    adjustment_id = Column(Uuid, ForeignKey(adjustment.c.id), primary_key=True)
    base: Column[Decimal] = Column(amount_type(), nullable=False)
    delta: Column[Decimal] = Column(amount_type(), nullable=False)


submission_adjustment = append_only(Table("submission_adjustment", metadata, SubmissionAdjustmentColumns))


class SubmissionShareColumns(TypedColumns):
    """What an adjustment added to a cell of a submitted record: its shares add up to its delta."""

    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    adjustment_id = Column(Uuid, ForeignKey(adjustment.c.id), primary_key=True)
    place_in_list = Column(Integer, primary_key=True, autoincrement=False)
    category: Column[str] = Column(Text, nullable=False)
    product_id: Column[UUID | None] = Column(Uuid)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    week: Column[date | None] = Column(Date)
    place: Column[str] = Column(Text, nullable=False)
    quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)


submission_share = append_only(Table("submission_share", metadata, SubmissionShareColumns))


class CellColumns(TypedColumns):
    """A submitted record's figures by category, item, month (or week) and place: own, gathered, adjustment, apart.

    Every total of the record, and of every level above, is a sum of these.
    """

    id = Column(Uuid, primary_key=True)
    forecast_id: Column[UUID] = Column(Uuid, ForeignKey(submission.c.forecast_id), nullable=False)
    category: Column[str] = Column(Text, nullable=False)
    product_id: Column[UUID | None] = Column(Uuid)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    place: Column[str] = Column(Text, nullable=False)
    own_quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    own_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    gathered_quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    gathered_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    adjustment_quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    adjustment_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    week: Column[date | None] = Column(Date)


submission_cell = append_only(
    Table(
        "submission_cell",
        metadata,
        CellColumns,
        CheckConstraint("own_amount + gathered_amount + adjustment_amount >= 0", "amount"),
        CheckConstraint("own_quantity + gathered_quantity + adjustment_quantity >= 0", "quantity"),
        Index(None, "forecast_id", "id"),
    )
)


class SubmissionTotalColumns(TypedColumns):
    """The sums of a submitted record's cells by category."""

    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)
    category = Column(Text, primary_key=True)
    own: Column[Decimal] = Column(amount_type(), nullable=False)
    gathered: Column[Decimal] = Column(amount_type(), nullable=False)
    adjustment: Column[Decimal] = Column(amount_type(), nullable=False)


submission_total = append_only(Table("submission_total", metadata, SubmissionTotalColumns))


class DecisionColumns(TypedColumns):
    """A superior's word on a submitted record."""

    id = Column(Uuid, primary_key=True)
    forecast_id: Column[UUID] = Column(Uuid, ForeignKey(forecast.c.id), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    comment: Column[str | None] = Column(Text)
    decided_by: Column[UUID] = Column(Uuid, nullable=False)
    on_behalf_of: Column[UUID | None] = Column(Uuid)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


decision = audited(
    append_only(
        Table(
            "decision",
            metadata,
            DecisionColumns,
            CheckConstraint("kind IN ('returned', 'approved')", "kind"),
            CheckConstraint("kind = 'approved' OR comment IS NOT NULL", "comment"),
            Index(None, "forecast_id"),
        )
    ),
    "forecast",
    "forecast_id",
)
