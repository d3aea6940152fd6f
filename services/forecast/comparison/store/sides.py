"""What is compared: the unit's top records as they stand, and what each of its open sources said last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.data.transactions import Questions
from services.forecast.channels.rules.forecasts import ChannelForecast
from services.forecast.channels.store import forecasts
from services.forecast.channels.store.forecasts import LineRow
from services.forecast.comparison.rules.comparing import Key, Stated
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store import seats
from services.forecast.cycles.store.seats import Seat
from services.forecast.rollup.rules.cells import Part
from services.forecast.rollup.rules.states import RecordState, ShownState, shown_state
from services.forecast.rollup.store import records, submissions

READY = (ShownState.SUBMITTED, ShownState.APPROVED)


@dataclass(frozen=True, slots=True)
class Tops:
    """The tops of a unit's lines: what each has handed in, and how those stand that are not ready."""

    seats: Sequence[Seat]
    records: Mapping[UUID, UUID]
    wanting: Mapping[UUID, str]

    @property
    def record_ids(self) -> list[UUID]:
        """The records that are handed in, in a settled order."""
        return sorted(self.records.values())


async def tops_of(tx: Questions, cycle_id: UUID, business_unit_id: UUID) -> Tops:
    """Return the tops of a unit's lines in a cycle."""
    tops = [each for each in await seats.tops_of(tx, cycle_id) if each.business_unit_id == business_unit_id]
    handed_in: dict[UUID, UUID] = {}
    wanting: dict[UUID, str] = {}
    for top in tops:
        record = await records.get(tx, top.handed_in_id) if top.handed_in_id else None
        state = shown_state(RecordState(record.state) if record else None, is_stale=top.is_stale)
        if record is not None and state in READY:
            handed_in[top.id] = record.id
        else:
            wanting[top.holder_id] = state.value
    return Tops(tops, handed_in, wanting)


async def forecasts_of(tx: Questions, cycle_id: UUID, business_unit_id: UUID) -> list[ChannelForecast]:
    """Return what each open source of a unit said last for a cycle."""
    return [each for each in await forecasts.current_in(tx, cycle_id) if each.business_unit_id == business_unit_id]


async def sales_lines(tx: Questions, cycle: Cycle, tops: Tops) -> dict[Key, list[Stated]]:
    """Return what the tops say of each line, in the categories that become the plan."""
    return sales_by_line(cycle, await submissions.results_of(tx, tops.records, cycle.plan))


def sales_by_line(cycle: Cycle, parts: Iterable[Part]) -> dict[Key, list[Stated]]:
    """Return the parts of top records by the line that each is of; what is not counted has no quantity."""
    lines: dict[Key, list[Stated]] = {}
    for part in parts:
        if part.cell.category in cycle.plan:
            item, figures = part.cell.item, part.figures
            quantity = figures.quantity if item.is_counted else None
            stated = Stated(item, quantity, figures.amount)
            lines.setdefault(Key(item.product_line_id, part.cell.month), []).append(stated)
    return lines


async def rows_by_source(tx: Questions, said: Sequence[ChannelForecast]) -> dict[UUID, list[LineRow]]:
    """Return the lines of some forecasts by their sources."""
    sources = {each.id: each.source_id for each in said}
    rows: dict[UUID, list[LineRow]] = {each.source_id: [] for each in said}
    for row in await forecasts.lines_of(tx, list(sources)):
        rows[sources[row.channel_forecast_id]].append(row)
    return rows


def source_lines(rows: Mapping[UUID, Sequence[LineRow]]) -> dict[UUID, dict[Key, list[Stated]]]:
    """Return what each source says of each line."""
    lines: dict[UUID, dict[Key, list[Stated]]] = {}
    for source_id, listed in rows.items():
        of_source = lines.setdefault(source_id, {})
        for row in listed:
            stated = Stated(row.item, row.quantity, row.amount)
            of_source.setdefault(Key(row.product_line_id, row.month), []).append(stated)
    return lines
