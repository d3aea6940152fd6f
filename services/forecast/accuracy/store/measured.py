"""What a seat had handed in by its deadline, and what was won at it and below, as parts of statements.

Every statement here is about seats of cycles that were chosen before, and reads the cycle's own deadlines, categories
and closed lines; binds: `zone`, and with `months` the first day of a span and the first after it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from services.forecast.confirmation.tables import confirmation, confirmation_line, live_line
from services.forecast.cycles.tables import forecast_cycle, seat
from services.forecast.rollup.tables import decision, forecast, submission_cell, submission_total

ZONE = bindparam("zone", type_=Text())
_START, _END = bindparam("months_start", type_=Date()), bindparam("months_end", type_=Date())


def in_months(month: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a month lies in the span that is asked for."""
    return and_(month >= _START, month < _END)


def deadline_of(cycle: FromClause, seats: FromClause) -> FromClause:
    """Return the deadline (`at`) of a seat's level, or no row where its cycle sets none."""
    each = func.jsonb_array_elements(cycle.c.deadlines).table_valued(column("value", JSONB), name="deadline")
    at_level = cast(func.jsonb_extract_path_text(each.c.value, "level"), Integer) == seats.c.level
    at = cast(func.jsonb_extract_path_text(each.c.value, "at"), DateTime(timezone=True))
    deadline = select(at.label("at")).select_from(each).where(at_level).limit(1)
    return deadline.correlate(cycle, seats).lateral("due")


def end_of_period(cycle: Any) -> ColumnElement[Any]:
    """Return the first instant after the period of a cycle, where the enterprise is."""
    return func.timezone(ZONE, cast(cycle.period_end, TIMESTAMP(timezone=False)), type_=DateTime(timezone=True))


def won_below(cycles: ColumnElement[bool], *, months: bool) -> Subquery:
    """Return what was won at each seat and below (`above`), as it counts in its cycle; `cycles` says in which."""
    amount = confirmation_line.c.amount if months else confirmation.c.amount
    closed = live_line.join(confirmation, confirmation.c.id == live_line.c.confirmation_id)
    if months:
        closed = closed.join(confirmation_line, confirmation_line.c.confirmation_id == confirmation.c.id)
    within = [in_months(confirmation_line.c.month)] if months else []
    own = (
        select(live_line.c.seat_id, func.sum(amount).label("amount"))
        .select_from(closed)
        .where(cycles, confirmation.c.category == "closed", *within)
        .group_by(live_line.c.seat_id)
        .subquery("own")
    )
    below = seat.alias("below")
    above = func.unnest(below.c.line).table_valued(column("seat_id", Uuid), name="above").render_derived()
    return (
        select(above.c.seat_id, func.sum(own.c.amount).label("amount"))
        .select_from(own.join(below, below.c.id == own.c.seat_id).join(above, true()))
        .group_by(above.c.seat_id)
        .subquery("won_below")
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """Seats with what was handed in and won, and the columns that say so."""

    rows: FromClause
    due_at: ColumnElement[Any]
    handed_in: ColumnElement[Any]
    forecast_id: ColumnElement[Any]
    submitted_at: ColumnElement[Any]
    forecast: ColumnElement[Any]
    actual: ColumnElement[Any]


def measured(seats: Subquery, won: FromClause, *, months: bool) -> Measured:
    """Return seats (`id`, `cycle_id`, `level`) with what stood at their deadline; `forecast` is null unless in time."""
    cycle = forecast_cycle.alias("of_cycle")
    due = deadline_of(cycle, seats)
    until = func.coalesce(due.c.at, end_of_period(cycle.c))
    sent_back = (
        select(decision.c.id)
        .where(decision.c.forecast_id == forecast.c.id, decision.c.kind == "returned", decision.c.at <= until)
        .correlate(forecast, due, cycle)
        .exists()
    )
    handed_in = and_(forecast.c.seat_id == seats.c.id, forecast.c.submitted_at.isnot(None))
    stood = (
        select(forecast.c.id, forecast.c.submitted_at, sent_back.label("is_returned"))
        .where(handed_in, forecast.c.submitted_at <= until)
        .order_by(forecast.c.revision.desc())
        .limit(1)
        .correlate(seats, due, cycle)
        .lateral("stood")
    )
    state = case(
        (and_(stood.c.id.isnot(None), ~stood.c.is_returned), literal_column("'in_time'")),
        (stood.c.id.isnot(None), literal_column("'returned'")),
        (select(forecast.c.id).where(handed_in).correlate(seats).exists(), literal_column("'late'")),
        else_=literal_column("'missing'"),
    )
    counts = and_(stood.c.id.isnot(None), ~stood.c.is_returned)
    rows = (
        seats.join(cycle, cycle.c.id == seats.c.cycle_id)
        .outerjoin(due, true())
        .outerjoin(stood, true())
        .outerjoin(won, won.c.seat_id == seats.c.id)
    )
    return Measured(
        rows=rows,
        due_at=due.c.at,
        handed_in=state,
        forecast_id=case((counts, stood.c.id)),
        submitted_at=case((counts, stood.c.submitted_at)),
        forecast=case((counts, _figure(stood.c.id, cycle.c.plan_categories, months=months))),
        actual=func.coalesce(won.c.amount, 0),
    )


def _figure(forecast_id: ColumnElement[Any], plan: ColumnElement[Any], *, months: bool) -> ColumnElement[Any]:
    """Return the figure that counts of a submitted record: of all of it, or of the months asked for."""
    if months:
        c = submission_cell.c
        amounts = (c.own_amount, c.gathered_amount, c.adjustment_amount)
        figure: Select[Any] = select(func.sum(amounts[0] + amounts[1] + amounts[2])).where(in_months(c.month))
    else:
        c = submission_total.c
        figure = select(func.sum(c.own + c.gathered + c.adjustment))
    figure = figure.where(c.forecast_id == forecast_id, c.category == any_(plan))
    return func.coalesce(figure.scalar_subquery(), 0)
