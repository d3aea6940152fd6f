"""What a draft holds: its own, what it gathered, what its adjustments come to, composed into cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from servicekit.data.transactions import Questions
from services.forecast.confirmation.store import live
from services.forecast.cycles.rules.definition import Category, Cycle, Granularity
from services.forecast.rollup.rules import adjustments
from services.forecast.rollup.rules.adjustments import Applied
from services.forecast.rollup.rules.cells import Cell, CellFigures, Figures, Part, Total, cell_of, composed, totals
from services.forecast.rollup.rules.states import Record
from services.forecast.rollup.store import records, submissions
from services.forecast.rollup.store.records import MadeAdjustment


@dataclass(frozen=True, slots=True)
class Contents:
    """What a draft holds, and what that adds up to."""

    parts: Mapping[UUID, UUID]
    delivered_to: Mapping[UUID, str | None]
    gathered: Sequence[Part]
    made: Sequence[MadeAdjustment]
    applied: Sequence[Applied]
    cells: Mapping[Cell, CellFigures]
    totals: Mapping[Category, Total]


async def contents_of(tx: Questions, cycle: Cycle, record: Record) -> Contents:
    """Return what a draft holds now."""
    parts = await records.gathered_by(tx, record.id)
    own = await live.own_lines(tx, record.seat_id)
    gathered = await submissions.results_of(tx, parts)
    made = await records.adjustments_in(tx, record.id)
    outcomes = adjustments.applied([each.as_rule() for each in made], gathered, cycle.plan, cycle.scale)
    changes = [change for outcome in outcomes for change in outcome.parts]
    cells = composed([_own_part(cycle, line) for line in own], gathered, changes)
    return Contents(
        parts=parts,
        delivered_to={line.confirmation_id: line.delivered_to for line in own},
        gathered=gathered,
        made=made,
        applied=outcomes,
        cells=cells,
        totals=totals(cells),
    )


def _own_part(cycle: Cycle, own: live.OwnLine) -> Part:
    granularity = Granularity(cycle.granularity)
    cell = cell_of(own.category, own.line, granularity, own.delivered_to, is_by_week=cycle.is_by_week)
    return Part(None, cell, Figures(own.line.quantity or Decimal(0), own.line.amount))
