"""What each submitted record on the way says for a line of a plan."""

from dataclasses import dataclass

from sqlalchemy import and_, func, literal, select

from orgchart.tables import person
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions
from services.forecast.rollup.rules.cells import Figures
from services.forecast.rollup.tables import forecast, submission, submission_cell
from services.forecast.tracing.rules import TracedPart, TracedRecord
from services.forecast.tracing.store.reaching import REACHED, TracedLine, of_plan


@dataclass(frozen=True, slots=True)
class Trace:
    """A line of a plan, the records it came through, and the parts that add up to it."""

    of: TracedLine
    records: list[TracedRecord]
    parts: list[TracedPart]


_SUMS = [
    func.sum(submission_cell.c[f"{side}_{figure}"])
    for side in ("own", "gathered", "adjustment")
    for figure in ("quantity", "amount")
]
_holder = func.coalesce(submission.c.on_behalf_of, submission.c.submitted_by)
_RECORD = [
    *(REACHED.c.forecast_id, REACHED.c.gathered_by, REACHED.c.depth),
    *(forecast.c.seat_id, _holder, func.coalesce(person.c.name, literal("")), forecast.c.revision, submission.c.at),
]
_SUMS_BEGIN = len(_RECORD)
RECORDS = prepared(
    select(*_RECORD, *_SUMS)
    .select_from(REACHED)
    .join(forecast, forecast.c.id == REACHED.c.forecast_id)
    .join(submission, submission.c.forecast_id == REACHED.c.forecast_id)
    .join(submission_cell, and_(submission_cell.c.forecast_id == REACHED.c.forecast_id, of_plan(submission_cell.c)))
    .outerjoin(person, person.c.id == _holder)
    .group_by(*_RECORD)
    .order_by(REACHED.c.depth, REACHED.c.forecast_id)
)


async def records_of(tx: Questions, line: TracedLine) -> list[TracedRecord]:
    """Return what each submitted record on the way says of a figure's place, the top's first."""
    return [_record(row) for row in await tx.all(RECORDS, **line.binds)]


def _record(row: Row) -> TracedRecord:
    about, sums = row[:_SUMS_BEGIN], row[_SUMS_BEGIN:]
    sides = [Figures(*pair) for pair in zip(sums[::2], sums[1::2], strict=True)]
    return TracedRecord(*about, *sides)
