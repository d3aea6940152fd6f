"""Questions about the lines of a comparison, and the decisions on them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import InTransaction, Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.comparison.rules.comparing import ComparedLine, Figure, Key
from services.forecast.comparison.tables import comparison_decision, comparison_line, forecast_comparison
from services.forecast.cycles.tables import forecast_cycle


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a line, and what it came to; the latest number counts."""

    id: UUID
    comparison_id: UUID
    product_line_id: UUID | None
    month: date
    number: int
    choice: str
    source_id: UUID | None
    weights: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    basis: dict[str, Any]
    amount: Decimal
    quantity: Decimal | None
    unit: str | None
    unit_is_whole: bool
    reason: str
    decided_by: UUID
    on_behalf_of: UUID | None
    decided_at: datetime
    currency: str

    @property
    def key(self) -> Key:
        """The line that it is about."""
        return Key(self.product_line_id, self.month)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as it was gathered, with the decision that counts, if there is one."""

    id: UUID
    comparison_id: UUID
    product_line_id: UUID | None
    month: date
    basis: dict[str, Any]
    is_beyond: bool
    needs_decision: bool
    decision_id: UUID | None
    decision_is_stale: bool
    currency: str
    choice: str | None
    decided_amount: Decimal | None
    decided_quantity: Decimal | None

    @property
    def line(self) -> ComparedLine:
        """The line as rules speak of it."""
        sales = self.basis["sales"]
        return ComparedLine(
            Key(self.product_line_id, self.month),
            Figure.of_told(sales) if sales else None,
            {UUID(source_id): Figure.of_told(told) for source_id, told in self.basis["sources"].items()},
        )


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line to be kept, and how a decision stands to it."""

    line: ComparedLine
    is_beyond: bool
    decision_id: UUID | None
    decision_is_stale: bool

    @property
    def needs_decision(self) -> bool:
        """Whether somebody has to decide: it was never decided and differs too much, or holds no more."""
        return self.decision_is_stale or (self.is_beyond and self.decision_id is None)


@dataclass(frozen=True, slots=True)
class _OfComparison:
    comparison_id: UUID

    @property
    def binds(self) -> dict[str, object]:
        return {"comparison_id": self.comparison_id}


c, d = comparison_line.c, comparison_decision.c
_OF = bindparam("comparison_id", type_=Uuid())
_lines = (
    select(
        *(c[name] for name in list(LineRow.__dataclass_fields__)[:9]),
        forecast_cycle.c.currency,
        d.choice,
        d.amount.label("decided_amount"),
        d.quantity.label("decided_quantity"),
    )
    .select_from(comparison_line)
    .join(forecast_comparison, forecast_comparison.c.id == c.comparison_id)
    .join(forecast_cycle, forecast_cycle.c.id == forecast_comparison.c.cycle_id)
    .outerjoin(comparison_decision, d.id == c.decision_id)
)
_decisions = (
    select(*(d[name] for name in Decision.__dataclass_fields__ if name != "currency"), forecast_cycle.c.currency)
    .select_from(comparison_decision)
    .join(forecast_comparison, forecast_comparison.c.id == d.comparison_id)
    .join(forecast_cycle, forecast_cycle.c.id == forecast_comparison.c.cycle_id)
)
ALL = prepared(_lines.where(c.comparison_id == _OF).order_by(c.id), into=LineRow)
LATEST = prepared(
    _decisions.where(d.comparison_id == _OF)
    .ext(distinct_on(d.product_line_id, d.month))
    .order_by(d.product_line_id, d.month, d.number.desc()),
    into=Decision,
)
COUNTING = prepared(
    _decisions.join(comparison_line, c.decision_id == d.id)
    .where(c.comparison_id == _OF)
    .order_by(d.product_line_id.nulls_first(), d.month),
    into=Decision,
)
LINES = Listing(
    _lines.where(c.comparison_id == _OF),
    into=LineRow,
    filters={
        "product_line_id": c.product_line_id == bindparam("product_line_id", type_=Uuid()),
        "month": c.month == bindparam("month"),
        "is_beyond": c.is_beyond == bindparam("is_beyond", type_=Boolean()),
        "needs_decision": c.needs_decision == bindparam("needs_decision", type_=Boolean()),
    },
    keys={"month": SortKey(c.month)},
    identifier=c.id,
    default="month",
)
DECISIONS = Listing(
    _decisions.where(d.comparison_id == _OF),
    into=Decision,
    filters={
        "product_line_id": d.product_line_id == bindparam("product_line_id", type_=Uuid()),
        "month": d.month == bindparam("month"),
    },
    keys={"decided_at": SortKey(d.decided_at)},
    identifier=d.id,
    default="-decided_at",
)
FORGET = prepared(delete(comparison_line).where(c.comparison_id == _OF))
INSERT = prepared(insert(comparison_line))
INSERT_DECISION = prepared(insert(comparison_decision))
STAND = prepared(
    update(comparison_line)
    .where(and_(c.comparison_id == bindparam("of_comparison"), c.id == bindparam("at_line")))
    .values(
        is_beyond=bindparam("beyond"),
        needs_decision=bindparam("needs"),
        decision_id=bindparam("decision", type_=Uuid()),
        decision_is_stale=bindparam("stale"),
    )
)


async def all_of(tx: Questions, comparison_id: UUID) -> list[LineRow]:
    """Return every line of a comparison."""
    return await tx.all(ALL, comparison_id=comparison_id)


async def latest_decisions(tx: Questions, comparison_id: UUID) -> dict[Key, Decision]:
    """Return the decision that counts on each line that was ever decided."""
    return {found.key: found for found in await tx.all(LATEST, comparison_id=comparison_id)}


def each_decision(tx: InTransaction, comparison_id: UUID) -> AsyncIterator[Decision]:
    """Yield the decision that counts on each line that a comparison has now, by product line and month."""
    return tx.each(COUNTING, comparison_id=comparison_id)


async def list_lines(tx: Questions, comparison_id: UUID, window: Window, filters: Mapping[str, Any]) -> Slice[LineRow]:
    """Return a page of the lines of a comparison."""
    return await LINES.page(tx, window, filters, viewer=_OfComparison(comparison_id))


async def list_decisions(
    tx: Questions, comparison_id: UUID, window: Window, filters: Mapping[str, Any]
) -> Slice[Decision]:
    """Return a page of what was decided in a comparison, what counts no more too."""
    return await DECISIONS.page(tx, window, filters, viewer=_OfComparison(comparison_id))


async def rewrite(tx: Writing, comparison_id: UUID, lines: Sequence[StandingLine]) -> None:
    """Let a comparison have these lines in place of those it had."""
    await tx.execute(FORGET, comparison_id=comparison_id)
    await tx.execute_many(INSERT, [{"comparison_id": comparison_id} | _row(each) for each in lines])


async def stand(tx: Writing, comparison_id: UUID, lines: Mapping[UUID, StandingLine]) -> None:
    """Say how decisions stand to lines, by the ids of these."""
    rows: list[dict[str, Any]] = [
        {
            "of_comparison": comparison_id,
            "at_line": line_id,
            "beyond": each.is_beyond,
            "needs": each.needs_decision,
            "decision": each.decision_id,
            "stale": each.decision_is_stale,
        }
        for line_id, each in lines.items()
    ]
    await tx.execute_many(STAND, rows)


async def append_decisions(tx: Writing, decisions: Sequence[Mapping[str, Any]]) -> None:
    """Write what was decided."""
    await tx.execute_many(INSERT_DECISION, [dict(each) for each in decisions])


def _row(each: StandingLine) -> dict[str, Any]:
    return {
        "id": new_id(),
        "product_line_id": each.line.key.product_line_id,
        "month": each.line.key.month,
        "basis": each.line.basis,
        "is_beyond": each.is_beyond,
        "needs_decision": each.needs_decision,
        "decision_id": each.decision_id,
        "decision_is_stale": each.decision_is_stale,
    }
