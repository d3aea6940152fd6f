"""The parts of a figure of a plan: confirmed lines of opportunities, shares of adjustments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.comparison.tables import comparison_decision
from services.forecast.confirmation.tables import confirmation, confirmation_line
from services.forecast.demand_plan.tables import demand_plan_decision
from services.forecast.rollup.rules.cells import UNSPECIFIED, Figures
from services.forecast.rollup.tables import (
    adjustment,
    submission_adjustment,
    submission_confirmation,
    submission_share,
)
from services.forecast.tracing.rules import PartKind, TracedAdjustment, TracedDecision, TracedOpportunity, TracedPart
from services.forecast.tracing.store.reaching import CATEGORIES, REACHED, TracedLine, in_line, of_plan


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as it is listed: of an opportunity or of an adjustment, the columns of the other are None."""

    id: str
    kind: str
    category: str | None
    quantity: Decimal
    amount: Decimal
    depth: int
    forecast_id: UUID | None
    opportunity_id: UUID | None
    opportunity_version: int | None
    opportunity_name: str | None
    customer_id: UUID | None
    principal_id: UUID | None
    confirmation_id: UUID | None
    confirmed_at: datetime | None
    expected_close: date | None
    stated_amount: Decimal | None
    stated_currency: str | None
    rate: Decimal | None
    probability: Decimal | None
    is_simulated: bool | None
    adjustment_id: UUID | None
    mode: str | None
    value: Decimal | None
    adjusted_category: str | None
    report_seat_id: UUID | None
    base: Decimal | None
    delta: Decimal | None
    reason: str | None
    made_by: UUID | None
    made_at: datetime | None
    decision_id: UUID | None
    choice: str | None
    decided_amount: Decimal | None
    decided_quantity: Decimal | None
    decided_unit: str | None
    decided_because: str | None
    decided_by: UUID | None
    decided_at: datetime | None

    def as_part(self) -> TracedPart:
        """Return the plain value."""
        kind = PartKind(self.kind)
        figures = Figures(self.quantity, self.amount)
        columns, told = _TOLD[kind]
        about = {kind.value: told(*[getattr(self, name) for name in columns])}
        return TracedPart(kind, self.category, figures, self.depth, self.forecast_id, **about)


_said = submission_confirmation.c
_own_product = case(
    (and_(bindparam("by_product_line", type_=Boolean()), confirmation_line.c.product_line_id.isnot(None)), null()),
    else_=confirmation_line.c.product_id,
)
_own_week = case((bindparam("is_by_week", type_=Boolean()), confirmation_line.c.week))
_own_place = func.coalesce(
    func.nullif(confirmation_line.c.place, ""), func.nullif(_said.delivered_to, ""), literal(UNSPECIFIED)
)
_SAID = {
    "opportunity_id": confirmation.c.opportunity_id,
    "opportunity_version": confirmation.c.opportunity_version,
    "opportunity_name": confirmation.c.opportunity_name,
    "customer_id": confirmation.c.customer_id,
    "principal_id": confirmation.c.principal_id,
    "confirmation_id": confirmation.c.id,
    "confirmed_at": confirmation.c.at,
    "expected_close": confirmation.c.closes_on,
    "stated_amount": confirmation.c.stated_amount,
    "stated_currency": confirmation.c.stated_currency,
    "rate": confirmation.c.rate,
    "probability": confirmation.c.probability,
    "is_simulated": confirmation.c.is_simulated,
}
"""In the order of the fields of `TracedOpportunity`."""
_MADE = {
    "adjustment_id": adjustment.c.id,
    "mode": adjustment.c.mode,
    "value": adjustment.c.value,
    "adjusted_category": adjustment.c.category,
    "report_seat_id": adjustment.c.report_seat_id,
    "base": submission_adjustment.c.base,
    "delta": submission_adjustment.c.delta,
    "reason": adjustment.c.reason,
    "made_by": adjustment.c.made_by,
    "made_at": adjustment.c.at,
}
"""In the order of the fields of `TracedAdjustment`."""
_DECIDED = {
    "decision_id": comparison_decision.c.id,
    "choice": comparison_decision.c.choice,
    "decided_amount": comparison_decision.c.amount,
    "decided_quantity": comparison_decision.c.quantity,
    "decided_unit": comparison_decision.c.unit,
    "decided_because": comparison_decision.c.reason,
    "decided_by": comparison_decision.c.decided_by,
    "decided_at": comparison_decision.c.decided_at,
}
"""In the order of the fields of `TracedDecision`."""
_TOLD: dict[PartKind, tuple[dict[str, Any], Any]] = {
    PartKind.OPPORTUNITY: (_SAID, TracedOpportunity),
    PartKind.ADJUSTMENT: (_MADE, TracedAdjustment),
    PartKind.DECISION: (_DECIDED, TracedDecision),
}


def _part_id(of: ColumnElement[Any], number: ColumnElement[int]) -> ColumnElement[str]:
    """Return what tells a part from all others of a plan: a confirmation or adjustment, and which line or share."""
    return of.cast(Text()).concat("/").concat(number.cast(Text()))


def _none(columns: dict[str, Any]) -> list[ColumnElement[Any]]:
    return [null().cast(column.type).label(name) for name, column in columns.items()]


def _named(columns: dict[str, Any]) -> list[ColumnElement[Any]]:
    return [column.label(name) for name, column in columns.items()]


_confirmed = (
    select(
        _part_id(confirmation.c.id, confirmation_line.c.place_in_list).label("id"),
        literal(PartKind.OPPORTUNITY.value).label("kind"),
        confirmation.c.category,
        func.coalesce(confirmation_line.c.quantity, 0).label("quantity"),
        confirmation_line.c.amount,
        REACHED.c.depth,
        REACHED.c.forecast_id,
        *_named(_SAID),
        *_none(_MADE),
        *_none(_DECIDED),
    )
    .select_from(REACHED)
    .join(submission_confirmation, _said.forecast_id == REACHED.c.forecast_id)
    .join(confirmation, confirmation.c.id == _said.confirmation_id)
    .join(confirmation_line, confirmation_line.c.confirmation_id == confirmation.c.id)
    .where(
        confirmation.c.category == CATEGORIES,
        in_line(confirmation_line.c, product_id=_own_product, week=_own_week, place=_own_place),
    )
)
_shared = (
    select(
        _part_id(adjustment.c.id, submission_share.c.place_in_list).label("id"),
        literal(PartKind.ADJUSTMENT.value).label("kind"),
        submission_share.c.category,
        submission_share.c.quantity,
        submission_share.c.amount,
        REACHED.c.depth,
        REACHED.c.forecast_id,
        *_none(_SAID),
        *_named(_MADE),
        *_none(_DECIDED),
    )
    .select_from(REACHED)
    .join(submission_share, submission_share.c.forecast_id == REACHED.c.forecast_id)
    .join(adjustment, adjustment.c.id == submission_share.c.adjustment_id)
    .join(
        submission_adjustment,
        and_(
            submission_adjustment.c.forecast_id == submission_share.c.forecast_id,
            submission_adjustment.c.adjustment_id == submission_share.c.adjustment_id,
        ),
    )
    .where(of_plan(submission_share.c))
)
_decided = (
    select(
        comparison_decision.c.id.cast(Text()).label("id"),
        literal(PartKind.DECISION.value).label("kind"),
        null().cast(Text()).label("category"),
        demand_plan_decision.c.quantity,
        demand_plan_decision.c.amount,
        literal(0).label("depth"),
        null().cast(Uuid()).label("forecast_id"),
        *_none(_SAID),
        *_none(_MADE),
        *_named(_DECIDED),
    )
    .join(comparison_decision, comparison_decision.c.id == demand_plan_decision.c.decision_id)
    .where(demand_plan_decision.c.line_id == bindparam("line_id", type_=Uuid()))
)
_parts = union_all(_confirmed, _shared, _decided).subquery("parts")
_p = _parts.c
ALL_PARTS = prepared(
    select(_parts).order_by(_p.depth, _p.forecast_id, _p.kind.desc(), _p.id).limit(bindparam("limit", type_=Integer())),
    into=PartRow,
)
PARTS = Listing(
    select(_parts),
    into=PartRow,
    filters={"kind": _p.kind == bindparam("kind", type_=Text())},
    keys={"depth": SortKey(_p.depth), "amount": SortKey(_p.amount)},
    identifier=_p.id,
    default="depth",
)


async def parts_of(tx: Questions, line: TracedLine, *, most: int) -> list[TracedPart]:
    """Return the confirmed lines and the shares of adjustments that a figure of a plan consists of, at most so many."""
    rows = await tx.all(ALL_PARTS, **line.binds, limit=most)
    return [row.as_part() for row in rows]


async def list_parts(tx: Questions, line: TracedLine, window: Window, filters: Mapping[str, Any]) -> Slice[PartRow]:
    """Return a page of the parts of a figure."""
    return await PARTS.page(tx, window, filters, viewer=line)
