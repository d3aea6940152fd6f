"""What everybody of a reporting line has handed in: own, gathered and adjusted, as rows of the forecast service.

From the bottom up, each superior's cells are the sums of those directly below, and some revise them by the service's
own rules. Beside it the same is reckoned in another way, for the service's answers to be compared with.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from bench.confirmed import (
    ADJUSTMENT,
    CATEGORIES,
    CELL,
    RECORD,
    SEAT,
    Confirmed,
    Figures,
    Market,
    Row,
    money,
    numbered,
    packed,
    unpacked,
)
from bench.people import Organisation, Worker
from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules import adjustments
from services.forecast.rollup.rules.adjustments import Adjustment, Mode
from services.forecast.rollup.rules.cells import Cell, Part
from services.forecast.rollup.rules.cells import Figures as CellFigures

HANDED_IN_COLUMNS = {
    "seat": "id cycle_id person_id superior_seat_id line",
    "standing": "seat_id cycle_id holder_id level handed_in_id",
    "forecast": "id cycle_id seat_id revision state gathered_at submitted_at",
    "submission": "forecast_id submitted_by at",
    "submission_part": "forecast_id from_forecast_id from_seat_id",
    "submission_confirmation": "forecast_id confirmation_id delivered_to",
    "adjustment": ("id forecast_id mode value category report_seat_id unit_is_whole reason made_by at"),
    "adjustment_in_force": "forecast_id adjustment_id base",
    "submission_adjustment": "forecast_id adjustment_id base delta",
    "submission_share": (
        "forecast_id adjustment_id place_in_list category product_id product_line_id unit unit_is_whole month place "
        "quantity amount"
    ),
    "submission_cell": (
        "id forecast_id category product_id product_line_id unit unit_is_whole month place own_quantity own_amount "
        "gathered_quantity gathered_amount adjustment_quantity adjustment_amount"
    ),
    "submission_total": "forecast_id category own gathered adjustment",
}
PLAN = (Category.CLOSED, Category.COMMIT)
_EVERY = 7
"""Of the superiors on each level, one in so many revises what came from below."""
_JUDGEMENTS = (
    (Mode.RATIO, Decimal("0.93"), Category.COMMIT),
    (Mode.DELTA, Decimal("-1234.56"), Category.BEST_CASE),
    (Mode.RATIO, Decimal("1.05"), None),
    (Mode.ABSOLUTE, Decimal("98765.43"), Category.PIPELINE),
)
_NULL = r"\N"


@dataclass
class Standing:
    """Somebody's place in the cycle: their seat, and, where they have handed in, their record."""

    worker: Worker
    number: int
    reports: list["Standing"] = field(default_factory=list)
    own: Confirmed = field(default_factory=lambda: Confirmed((), {}))

    @property
    def seat_id(self) -> str:
        """The seat's id."""
        return numbered(SEAT, self.number)

    @property
    def record_id(self) -> str:
        """The id of what is handed in."""
        return numbered(RECORD, self.number)


Sums = dict[str, int]
"""Cents by category."""


@dataclass
class Line:
    """A reporting line in a cycle; `expected` is what everybody's figures must come to, added up line by line."""

    staff: Organisation
    market: Market
    now: datetime
    open_ids: Collection[UUID]
    """Who has not handed in."""
    expected: dict[UUID, Sums] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def __post_init__(self) -> None:
        people = [one for one in self.staff.people if not one.roles]
        self.standings = {one.id: Standing(one, number) for number, one in enumerate(people)}
        self._depth = max(one.level for one in people)
        self._cells = self._revised = 0
        self._seen: dict[int, int] = defaultdict(int)
        for one in self.standings.values():
            if one.worker.superior_id is not None:
                self.standings[one.worker.superior_id].reports.append(one)
        self._sellers = {one.id: place for place, one in enumerate(self.staff.sellers)}

    def above(self, one: Standing) -> list[Standing]:
        """Return somebody and those above them, nearest first."""
        found = [one]
        while found[-1].worker.superior_id is not None:
            found.append(self.standings[found[-1].worker.superior_id])
        return found

    def rows(self) -> Iterator[list[Row]]:
        """Yield the rows of everybody, those of a branch before those of whom they report to."""
        head = self.standings[self.staff.head.id]
        yield list(self.market.known())
        yield from self._branch(head, {})

    def _branch(self, one: Standing, results: dict[UUID, Figures]) -> Iterator[list[Row]]:
        """Yield the rows of a branch, and keep what its top hands in."""
        below: dict[UUID, Figures] = {}
        for report in one.reports:
            yield from self._branch(report, below)
        rows: list[Row] = []
        self._seat(one, rows)
        if one.worker.id in self._sellers:
            one.own = self.market.confirmed_by(self._sellers[one.worker.id], one.worker, one.seat_id, rows)
        self._expect(one, one.own.figures)
        if one.worker.id not in self.open_ids:
            results[one.worker.id] = self._hand_in(one, below, rows)
        yield rows

    def _expect(self, one: Standing, figures: Figures) -> None:
        for code, value in figures.items():
            category = CATEGORIES[self.market.cell(code)[0]]
            for each in self.above(one):
                self.expected[each.worker.id][category] += unpacked(value)[1]

    def _seat(self, one: Standing, rows: list[Row]) -> None:
        worker, line = one.worker, [each.seat_id for each in self.above(one)]
        handed_in = _NULL if worker.id in self.open_ids else one.record_id
        named = (one.seat_id, self.market.cycle_id, worker.id.hex)
        rows.append(("seat", "\t".join((*named, line[1] if line[1:] else _NULL, f"{{{','.join(line)}}}"))))
        rows.append(("standing", "\t".join((*named, str(self._depth - worker.level + 1), handed_in))))

    def _hand_in(self, one: Standing, below: Mapping[UUID, Figures], rows: list[Row]) -> Figures:
        """Return what somebody hands in, and add its rows."""
        record, at, by = one.record_id, self.now.isoformat(), one.worker.id.hex
        rows.append(("forecast", f"{record}\t{self.market.cycle_id}\t{one.seat_id}\t1\tsubmitted\t{at}\t{at}"))
        rows.append(("submission", f"{record}\t{by}\t{at}"))
        rows += [("submission_part", f"{record}\t{each.record_id}\t{each.seat_id}") for each in one.reports]
        rows += [("submission_confirmation", f"{record}\t{each}\t{home}") for each, home in one.own.confirmations]
        gathered: Figures = {}
        for figures in below.values():
            for code, value in figures.items():
                gathered[code] = gathered.get(code, 0) + value
        changes = self._revise(one, below, rows) if self._revises(one) else {}
        self._cell_rows(record, [one.own.figures, gathered], changes, rows)
        result = dict(one.own.figures)
        for figures in (gathered, {code: packed(*change) for code, change in changes.items()}):
            for code, value in figures.items():
                result[code] = result.get(code, 0) + value
        return result

    def _revises(self, one: Standing) -> bool:
        self._seen[one.worker.level] += bool(one.reports)
        return bool(one.reports) and self._seen[one.worker.level] % _EVERY == 2 % _EVERY

    def _revise(self, one: Standing, below: Mapping[UUID, Figures], rows: list[Row]) -> dict[int, tuple[int, int]]:
        """Return by what a superior's judgement changes each cell, and add its rows."""
        mode, value, category = _JUDGEMENTS[self._revised % len(_JUDGEMENTS)]
        self._revised += 1
        codes: dict[Cell, int] = {}
        parts = [
            self._part(report, code, figures, codes)
            for report in one.reports
            for code, figures in below[report.worker.id].items()
        ]
        made = Adjustment(UUID(numbered(ADJUSTMENT, self._revised)), mode, value, category, None, Decimal(0))
        outcome = adjustments.applied([made], parts, PLAN, 2)[0]
        named = (made.id.hex, one.record_id)
        judged = (mode.value, str(value), category.value if category else _NULL, _NULL, "f", "As last year.")
        rows.append(("adjustment", "\t".join((*named, *judged, one.worker.id.hex, self.now.isoformat()))))
        rows.append(("adjustment_in_force", f"{one.record_id}\t{made.id.hex}\t{outcome.base}"))
        rows.append(("submission_adjustment", f"{one.record_id}\t{made.id.hex}\t{outcome.base}\t{outcome.delta}"))
        changes: dict[int, tuple[int, int]] = {}
        for part in outcome.parts:
            units, cents = changes.get(codes[part.cell], (0, 0))
            units, cents = units + int(part.figures.quantity), cents + int(part.figures.amount.scaleb(2))
            changes[codes[part.cell]] = units, cents
        for number, (code, (units, cents)) in enumerate(changes.items()):
            share = f"{one.record_id}\t{made.id.hex}\t{number}\t{self._place(code)}\t{units}\t{money(cents)}"
            rows.append(("submission_share", share))
            for each in self.above(one):
                self.expected[each.worker.id][CATEGORIES[self.market.cell(code)[0]]] += cents
        return changes

    def _part(self, report: Standing, code: int, figures: int, codes: dict[Cell, int]) -> Part:
        category, product, month, place = self.market.cell(code)
        market = self.market
        cell = Cell(Category(CATEGORIES[category]), market.items[product], market.months[month], market.places[place])
        codes[cell] = code
        units, cents = unpacked(figures)
        return Part(report.worker.id, cell, CellFigures(Decimal(units), Decimal(cents).scaleb(-2)))

    def _place(self, code: int) -> str:
        """Return the columns that say where a figure belongs."""
        category, product, month, place = self.market.cell(code)
        item = self.market.items[product]
        named = f"{CATEGORIES[category]}\t{item.product_id}\t{item.product_line_id}\t{item.unit}\tt"
        return f"{named}\t{self.market.months[month]}\t{self.market.places[place]}"

    def _cell_rows(
        self,
        record: str,
        sides: Sequence[Figures],
        changes: Mapping[int, tuple[int, int]],
        rows: list[Row],
    ) -> None:
        totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        own, gathered = sides
        for code in {**own, **gathered}:
            category = self.market.cell(code)[0]
            figures = (unpacked(own.get(code, 0)), unpacked(gathered.get(code, 0)), changes.get(code, (0, 0)))
            for side, (_, cents) in enumerate(figures):
                totals[category][side] += cents
            self._cells += 1
            said = "\t".join(f"{units}\t{money(cents)}" for units, cents in figures)
            named = f"{numbered(CELL, self._cells)}\t{record}\t{self._place(code)}"
            rows.append(("submission_cell", f"{named}\t{said}"))
        for category, sums in totals.items():
            rows.append(("submission_total", "\t".join((record, CATEGORIES[category], *map(money, sums)))))
