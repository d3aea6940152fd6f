"""Opportunities as they are now."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.data.tables import audited, guarded
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.opportunity.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.opportunity.metadata import metadata
from services.opportunity.refusals import ReferenceTaken, UnknownCustomer
from services.opportunity.vocabulary import DIMENSIONS


class OpportunityColumns(TypedColumns):
    """An opportunity as it is now.

    `account_manager_id` is the customer's, kept here for the list of those who look after the customer;
    `lines` is a whole value, replaced as one, and `product_ids` what it names.
    `last_activity_on` is told by `customer`; it is of no version, so that nobody's change is refused because of it.
    `contract_until` is the last day of the contract that a won one is.
    `assessment_id` is the assessment in force, with its day, its yeses (`score`), those plus what is unanswered
    (`score_most`), what it is worth by it, and the yeses of each dimension that its model has.
    `funnel_since` is when it was moved to its version of the funnel, null where it has run on no other; that changes
    nothing in `stage_since`, so what held at a past instant is told by this row from the later of the two on.
    `stood_in` is the stage in which the outcome found it; `age_known` says whether `stage_since` was ever told.
    `manual_probability` is what a person said of the chance to win, a ratio in [0, 1]; null where nobody did,
    which is not 0. It stays through an outcome, which makes it irrelevant, and holds again after a reopening.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False, server_default=text("1"))
    name: Column[str] = Column(Text, nullable=False)
    search_name: Column[str] = Column(Text, nullable=False)
    customer_id: Column[UUID | None] = Column(ForeignKey("customer_copy.id"))
    account_manager_id: Column[UUID | None] = Column()
    principal_id: Column[UUID] = Column(nullable=False)
    principal_since: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    funnel_version: Column[int] = Column(nullable=False)
    funnel_since: Column[datetime | None] = Column(DateTime(timezone=True))
    stage: Column[str] = Column(Text, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    stage_since: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    stood_in: Column[str | None] = Column(Text)
    age_known: Column[bool] = Column(nullable=False)
    opened_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_on: Column[date | None] = Column(Date)
    loss_reason: Column[str | None] = Column(Text)
    win_reason: Column[str | None] = Column(Text)
    competitor_id: Column[UUID | None] = Column()
    currency: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    amount_is_estimate: Column[bool] = Column(nullable=False)
    expected_close: Column[date | None] = Column(Date)
    lines: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    product_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    contract_until: Column[date | None] = Column(Date)
    last_activity_on: Column[date | None] = Column(Date)
    manual_probability: Column[Decimal | None] = Column(Numeric(5, 4))
    manual_probability_since: Column[datetime | None] = Column(DateTime(timezone=True))
    manual_probability_by: Column[UUID | None] = Column()
    assessment_id: Column[UUID | None] = Column()
    assessed_at: Column[datetime | None] = Column(DateTime(timezone=True))
    score: Column[int | None] = Column()
    score_most: Column[int | None] = Column()
    assessed_value: Column[str | None] = Column(Text)
    opportunity_exists: Column[int | None] = Column()
    we_can_compete: Column[int | None] = Column()
    we_can_win: Column[int | None] = Column()
    worth_winning: Column[int | None] = Column()
    terms_since: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    origin: Column[str] = Column(Text, nullable=False)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


NO_CLOSE = date(1, 1, 1)
"""Stands for an expected close that is not known, where the order needs a value."""
NO_AMOUNT = Decimal(0)
"""Stands for an amount that is not known, where the order needs a value."""
NO_SCORE = 0
"""Stands for the score of what nobody has assessed, where the order needs a value."""
_OPEN = text("state = 'open'")
"""What most look at: without an index of its own, a walk by expected close would pass by everything closed first."""
_CLOSE = text("coalesce(expected_close, '0001-01-01'::date)")
_CLOSE_LAST = (text("(expected_close IS NULL)"), _CLOSE, "id")
_CLOSE_FIRST = (text("(expected_close IS NOT NULL)"), _CLOSE, "id")
_AMOUNT_FIRST = (text("(amount IS NOT NULL)"), text("coalesce(amount, '0'::numeric(20,4))"), "id")


def _score_first(name: str) -> tuple[Any, ...]:
    return (text(f"({name} IS NOT NULL)"), text(f"coalesce({name}, 0)"), "id")


opportunity = audited(
    Table(
        "opportunity",
        metadata,
        OpportunityColumns,
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state_known"),
        CheckConstraint("(state = 'open') = (decided_on IS NULL)", name="decided_when_closed"),
        CheckConstraint("contract_until IS NULL OR state = 'won'", name="contract_is_won"),
        CheckConstraint("manual_probability BETWEEN 0 AND 1", name="manual_probability_is_ratio"),
        CheckConstraint(
            "(manual_probability IS NULL) = (manual_probability_since IS NULL)", name="manual_probability_is_dated"
        ),
        CheckConstraint("(state = 'lost') = (loss_reason IS NOT NULL)", name="loss_has_reason"),
        Index("ix_opportunity_principal_close", "principal_id", *_CLOSE_LAST),
        Index("ix_opportunity_principal_open_close", "principal_id", *_CLOSE_LAST, postgresql_where=_OPEN),
        Index("ix_opportunity_principal_close_down", "principal_id", *_CLOSE_FIRST),
        Index("ix_opportunity_principal_created", "principal_id", "created_at", "id"),
        Index("ix_opportunity_principal_amount_down", "principal_id", *_AMOUNT_FIRST),
        Index("ix_opportunity_manager_close", "account_manager_id", *_CLOSE_LAST),
        Index("ix_opportunity_manager_open_close", "account_manager_id", *_CLOSE_LAST, postgresql_where=_OPEN),
        Index("ix_opportunity_manager_created", "account_manager_id", "created_at", "id"),
        Index("ix_opportunity_close", *_CLOSE_LAST),
        Index("ix_opportunity_open_close", *_CLOSE_LAST, postgresql_where=_OPEN),
        Index("ix_opportunity_close_down", *_CLOSE_FIRST),
        Index("ix_opportunity_expected_close", "expected_close"),
        Index("ix_opportunity_amount_down", *_AMOUNT_FIRST),
        Index("ix_opportunity_amount", "amount"),
        CheckConstraint(
            "num_nulls(assessment_id, assessed_at, score, score_most, assessed_value) IN (0, 5)", name="assessed_whole"
        ),
        CheckConstraint("score BETWEEN 0 AND score_most", name="score_within_bounds"),
        CheckConstraint("assessed_value IN ('high', 'not_high', 'undecided')", name="assessed_value_known"),
        Index("ix_opportunity_principal_score_down", "principal_id", *_score_first("score")),
        Index("ix_opportunity_score_down", *_score_first("score")),
        *(Index(f"ix_opportunity_{name}_down", *_score_first(name)) for name in DIMENSIONS),
        Index("ix_opportunity_score", "score"),
        Index(
            "ix_opportunity_assessed_value",
            "assessed_value",
            postgresql_where=text("assessed_value IS NOT NULL"),
        ),
        Index("ix_opportunity_customer", "customer_id", "id"),
        Index("ix_opportunity_created", "created_at", "id"),
        Index("ix_opportunity_stage", "stage", "state"),
        Index("ix_opportunity_currency", "currency"),
        Index("ix_opportunity_origin", "origin"),
        Index("ix_opportunity_stage_since", "stage_since"),
        Index(
            "ix_opportunity_search_name",
            "search_name",
            postgresql_using="gin",
            postgresql_ops={"search_name": "gin_trgm_ops"},
        ),
        Index("ix_opportunity_product_ids", "product_ids", postgresql_using="gin"),
    ),
    "opportunity",
)
guarded(opportunity, "principal_is_held", "stage_is_of_funnel")

register_violations(
    {
        "uq_opportunity_external_system_external_id": ReferenceTaken,
        "fk_opportunity_customer_id": UnknownCustomer,
    }
)
