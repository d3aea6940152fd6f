"""Questions about what an ERP has said of the lines of a plan: the last word on each counts, all are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, insert, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.demand_plan.tables import demand_plan_line
from services.forecast.handover.rules import RejectionReason, Said, Verdict
from services.forecast.handover.store.handovers import Handover
from services.forecast.handover.tables import line_answer

OPEN = "open"
"""What a line is called that has no answer."""


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """A line of a plan, and what the ERP has said of it last, if anything."""

    id: UUID
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    unit: str | None
    month: date
    place: str
    quantity: Decimal
    verdict: str
    reason_code: str | None
    reason: str | None
    reference: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What an ERP has said of a line at some time; `number` counts the answers of the hand-over."""

    id: UUID
    number: int
    line_id: UUID
    verdict: str
    reason_code: str | None
    reason: str | None
    reference: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _OfHandover:
    handover: Handover

    @property
    def binds(self) -> dict[str, object]:
        return {"handover_id": self.handover.id, "plan_id": self.handover.plan_id}


a, line = line_answer.c, demand_plan_line.c
_HANDOVER = bindparam("handover_id", type_=Uuid())
_of_plan = line.plan_id == bindparam("plan_id", type_=Uuid())
_last = (
    select(line_answer)
    .where(a.handover_id == _HANDOVER, a.line_id == line.id)
    .order_by(a.number.desc())
    .limit(1)
    .lateral("last")
)
_verdict = func.coalesce(_last.c.verdict, OPEN)
LINES = Listing(
    select(
        *[
            line[name]
            for name in (
                *("id", "product_id", "product_code", "product_name", "product_line_id", "unit", "month", "place"),
                "quantity",
            )
        ],
        _verdict.label("verdict"),
        _last.c.reason_code,
        _last.c.reason,
        _last.c.reference,
        _last.c.at.label("answered_at"),
    )
    .join_from(demand_plan_line, _last, true(), isouter=True)
    .where(_of_plan),
    into=HandoverLine,
    filters={"verdict": _verdict == bindparam("verdict", type_=Text())},
    keys={"month": SortKey(line.month), "place": SortKey(line.place)},
    identifier=line.id,
    default="month",
)
ANSWERS = Listing(
    select(*[a[name] for name in LineAnswer.__dataclass_fields__]).where(a.handover_id == _HANDOVER),
    into=LineAnswer,
    filters={"line_id": a.line_id == bindparam("line_id", type_=Uuid())},
    keys={"number": SortKey(a.number)},
    identifier=a.id,
    default="-number",
)
KNOWN = prepared(select(line.id).where(_of_plan, line.id == any_(bindparam("line_ids", type_=ARRAY(Uuid())))))
PRESENT = prepared(
    select(a.line_id, a.verdict, a.reason_code, a.reason, a.reference)
    .where(a.handover_id == _HANDOVER, a.line_id == any_(bindparam("line_ids", type_=ARRAY(Uuid()))))
    .ext(distinct_on(a.line_id))
    .order_by(a.line_id, a.number.desc())
)
_answered = select(a.line_id).where(a.handover_id == _HANDOVER, a.line_id == line.id).exists()
UNANSWERED = prepared(select(line.id).where(_of_plan, ~_answered).order_by(line.id))
ADD = prepared(insert(line_answer))


async def known_lines(tx: Questions, plan_id: UUID, line_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of some ids are lines of a plan."""
    return {row[0] for row in await tx.all(KNOWN, plan_id=plan_id, line_ids=list(line_ids))}


async def present(tx: Questions, handover_id: UUID, line_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """Return what was said last of some lines, of those that have an answer."""
    rows = await tx.all(PRESENT, handover_id=handover_id, line_ids=list(line_ids))
    return {
        line_id: Said(Verdict(verdict), RejectionReason(code) if code else None, reason, reference)
        for line_id, verdict, code, reason, reference in rows
    }


async def unanswered(tx: Questions, handover: Handover) -> list[UUID]:
    """Return the lines of a hand-over that have no answer."""
    rows = await tx.all(UNANSWERED, handover_id=handover.id, plan_id=handover.plan_id)
    return [row[0] for row in rows]


async def append(tx: Writing, handover: Handover, told: Sequence[tuple[UUID, Said]]) -> None:
    """Write answers, numbered on from those that the hand-over has."""
    rows: list[dict[str, object]] = [
        {
            "id": new_id(),
            "handover_id": handover.id,
            "number": number,
            "line_id": line_id,
            "verdict": said.verdict.value,
            "reason_code": said.reason_code.value if said.reason_code else None,
            "reason": said.reason,
            "reference": said.reference,
            "at": tx.now,
        }
        for number, (line_id, said) in enumerate(told, start=handover.answers + 1)
    ]
    await tx.execute_many(ADD, rows)


async def list_lines(
    tx: Questions, handover: Handover, window: Window, filters: Mapping[str, Any]
) -> Slice[HandoverLine]:
    """Return a page of the lines of a hand-over, each with the last answer."""
    return await LINES.page(tx, window, filters, viewer=_OfHandover(handover))


async def list_answers(
    tx: Questions, handover: Handover, window: Window, filters: Mapping[str, Any]
) -> Slice[LineAnswer]:
    """Return a page of all that was ever answered of a hand-over."""
    return await ANSWERS.page(tx, window, filters, viewer=_OfHandover(handover))
