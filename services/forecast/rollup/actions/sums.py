"""What a draft comes to by category: read from the sums of what it gathered, from its cells only where it must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.data.transactions import Questions
from services.forecast.confirmation.store import live
from services.forecast.cycles.rules.definition import Category, Cycle
from services.forecast.rollup.actions.contents import contents_of
from services.forecast.rollup.rules import adjustments, sums
from services.forecast.rollup.rules.adjustments import Applied
from services.forecast.rollup.rules.cells import Part, Total, composed, totals
from services.forecast.rollup.rules.states import Record
from services.forecast.rollup.store import records, submissions
from services.forecast.rollup.store.records import MadeAdjustment

Totals = Mapping[Category, Total]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a draft gathered, how that is adjusted, and what all comes to by category."""

    gathered: Sequence[Part]
    made: Sequence[MadeAdjustment]
    applied: Sequence[Applied]
    totals: Totals


async def gathered_totals(tx: Questions, record: Record) -> dict[UUID, Totals]:
    """Return the totals by category of the records that a record has gathered, by seat."""
    parts = await records.gathered_by(tx, record.id)
    found = await submissions.totals_of(tx, parts.values())
    return {seat_id: found[forecast_id] for seat_id, forecast_id in parts.items()}


async def sums_of(tx: Questions, cycle: Cycle, record: Record, below: Mapping[UUID, Totals] | None = None) -> Sums:
    """Return what a draft comes to now; its parts are sums by report and category wherever that says the same.

    `below` are the totals by category of the records that it has gathered, by seat, where those are at hand.
    """
    made = await records.adjustments_in(tx, record.id)
    rules = [each.as_rule() for each in made]
    if not sums.suffice(rules, cycle.plan):
        contents = await contents_of(tx, cycle, record)
        return Sums(contents.gathered, contents.made, contents.applied, contents.totals)
    own = [sums.part_of(None, *each) for each in await live.own_sums(tx, record.seat_id)]
    taken = await gathered_totals(tx, record) if below is None else below
    gathered = [
        sums.part_of(seat_id, category, total.result)
        for seat_id, by_category in taken.items()
        for category, total in by_category.items()
    ]
    outcomes = adjustments.applied(rules, gathered, cycle.plan, cycle.scale)
    changes = [change for outcome in outcomes for change in outcome.parts]
    return Sums(gathered, made, outcomes, totals(composed(own, gathered, changes)))
