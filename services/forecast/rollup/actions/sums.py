"""What a draft comes to by category: read from the sums of what it gathered, from its cells only where it must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.data.transactions import Questions
from services.forecast.confirmation.store import live
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.rollup.actions.contents import Totals, applied_to_cells, sums_below, totals_below
from services.forecast.rollup.rules import adjustments, sums
from services.forecast.rollup.rules.adjustments import Applied
from services.forecast.rollup.rules.cells import Part, composed, totals
from services.forecast.rollup.rules.states import Record
from services.forecast.rollup.store import records
from services.forecast.rollup.store.records import MadeAdjustment


@dataclass(frozen=True, slots=True)
class Sums:
    """What a draft gathered by report and category, how that is adjusted, and what all comes to by category."""

    gathered: Sequence[Part]
    made: Sequence[MadeAdjustment]
    applied: Sequence[Applied]
    totals: Totals


async def gathered_totals(tx: Questions, record: Record) -> dict[UUID, Totals]:
    """Return the totals by category of the records that a record has gathered, by seat."""
    return await totals_below(tx, await records.gathered_by(tx, record.id))


async def sums_of(tx: Questions, cycle: Cycle, record: Record, below: Mapping[UUID, Totals] | None = None) -> Sums:
    """Return what a draft comes to now.

    `below` are the totals by category of the records that it has gathered, by seat, where those are at hand.
    """
    made = await records.adjustments_in(tx, record.id)
    rules = [each.as_rule() for each in made]
    own = [sums.part_of(None, *each) for each in await live.own_sums(tx, record.seat_id)]
    gathered = sums_below(await gathered_totals(tx, record) if below is None else below)
    if sums.suffice(rules, cycle.plan):
        outcomes = adjustments.applied(rules, gathered, cycle.plan, cycle.scale)
    else:
        outcomes = await applied_to_cells(tx, cycle, rules, await records.gathered_by(tx, record.id))
    changes = [change for outcome in outcomes for change in outcome.parts]
    return Sums(gathered, made, outcomes, totals(composed(own, gathered, changes)))
