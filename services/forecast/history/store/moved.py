"""What moved between two records that were handed in, summed up by cause in the database."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, and_, any_, bindparam, case, exists, func, literal, or_, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.confirmation.tables import confirmation
from services.forecast.cycles.rules.definition import Category
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.history.rules.movement import Cause
from services.forecast.rollup.tables import forecast, submission_confirmation, submission_part, submission_total

_COUNTED = any_(bindparam("categories", type_=ARRAY(Text())))
_CYCLE_ID = bindparam("cycle_id", type_=Uuid())
_TO_AT = bindparam("to_at", type_=DateTime(timezone=True))
_CLOSED = Category.CLOSED.value


def _records(root: str) -> Any:
    """Return a record and all that it gathered, down to the lowest."""
    whole = select(bindparam(root, type_=Uuid()).label("forecast_id")).cte(f"{root}_records", recursive=True)
    below = select(submission_part.c.from_forecast_id).join(whole, submission_part.c.forecast_id == whole.c.forecast_id)
    return whole.union_all(below)


def _confirmed(root: str) -> Any:
    """Return the opportunities that a record rests on, each once, and what each adds to the figure."""
    records = _records(root)
    held = submission_confirmation
    return (
        select(
            confirmation.c.opportunity_id,
            confirmation.c.category,
            confirmation.c.amount,
            case((confirmation.c.category == _COUNTED, confirmation.c.amount), else_=0).label("counts"),
        )
        .join(held, held.c.confirmation_id == confirmation.c.id)
        .join(records, records.c.forecast_id == held.c.forecast_id)
        .cte(f"{root}_confirmed")
    )


def _adjusted(root: str) -> Any:
    """Return by how much each seat adjusts the figure."""
    records = _records(root)
    total = submission_total
    return (
        select(forecast.c.seat_id, func.sum(total.c.adjustment).label("counts"))
        .join(total, total.c.forecast_id == forecast.c.id)
        .join(records, records.c.forecast_id == forecast.c.id)
        .where(total.c.category == _COUNTED)
        .group_by(forecast.c.seat_id)
        .cte(f"{root}_adjusted")
    )


_b, _a = _confirmed("before_id"), _confirmed("after_id")
_opportunity_id = func.coalesce(_b.c.opportunity_id, _a.c.opportunity_id)
_elsewhere, _other, _this = confirmation.alias("elsewhere"), forecast_cycle.alias("other"), forecast_cycle.alias("this")
_in_another_period = exists(
    select(1)
    .select_from(_elsewhere.join(_other, _other.c.id == _elsewhere.c.cycle_id).join(_this, _this.c.id == _CYCLE_ID))
    .where(
        _elsewhere.c.opportunity_id == _opportunity_id,
        _elsewhere.c.category != Category.OMITTED.value,
        _elsewhere.c.at <= _TO_AT,
        or_(_other.c.period_end <= _this.c.period_start, _other.c.period_start >= _this.c.period_end),
    )
    .correlate(_b, _a)
)
_is_new, _is_gone = _b.c.opportunity_id.is_(None), _a.c.opportunity_id.is_(None)
_cause = case(
    (and_(_a.c.category == _CLOSED, or_(_is_new, _b.c.category != _CLOSED)), literal(Cause.WON.value)),
    (and_(_is_new, _in_another_period), literal(Cause.MOVED_IN.value)),
    (_is_new, literal(Cause.NEW.value)),
    (and_(_is_gone, _in_another_period), literal(Cause.MOVED_OUT.value)),
    (_is_gone, literal(Cause.WITHDRAWN.value)),
    (_a.c.category != _b.c.category, literal(Cause.CATEGORY_CHANGED.value)),
    (_a.c.amount > _b.c.amount, literal(Cause.RAISED.value)),
    else_=literal(Cause.LOWERED.value),
)
_change = (func.coalesce(_a.c.counts, 0) - func.coalesce(_b.c.counts, 0)).label("amount")
_each = (
    select(_cause.label("cause"), _change)
    .select_from(_b.outerjoin(_a, _a.c.opportunity_id == _b.c.opportunity_id, full=True))
    .where(func.coalesce(_a.c.counts, 0) != func.coalesce(_b.c.counts, 0))
    .subquery("each")
)
BY_CAUSE = prepared(
    select(_each.c.cause, func.sum(_each.c.amount).label("amount"), func.count().label("count")).group_by(_each.c.cause)
)
_ab, _aa = _adjusted("before_id"), _adjusted("after_id")
_difference = func.coalesce(_aa.c.counts, 0) - func.coalesce(_ab.c.counts, 0)
ADJUSTMENTS = prepared(
    select(func.coalesce(func.sum(_difference), 0).label("amount"), func.count().label("count"))
    .select_from(_ab.outerjoin(_aa, _aa.c.seat_id == _ab.c.seat_id, full=True))
    .where(_difference != 0)
)


async def by_cause(
    tx: Questions,
    cycle_id: UUID,
    before_id: UUID | None,
    after_id: UUID | None,
    *,
    categories: Collection[Category],
    to_at: datetime,
) -> dict[Cause, tuple[Decimal, int]]:
    """Return by how much the figure moved between two records, and how often, by cause; None is no record at all."""
    ends: dict[str, Any] = {
        "before_id": before_id,
        "after_id": after_id,
        "categories": [each.value for each in categories],
    }
    rows = await tx.all(BY_CAUSE, **ends, cycle_id=cycle_id, to_at=to_at)
    adjusted = await tx.one(ADJUSTMENTS, **ends)
    found = {Cause(row["cause"]): (row["amount"], row["count"]) for row in rows}
    return found | {Cause.ADJUSTMENT: (adjusted["amount"], adjusted["count"])}
