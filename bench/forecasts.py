"""An open forecast cycle in which everybody has handed in but the tops: what a director and the head gather.

Each seller has confirmed some opportunities, each a line of a product, a month and a place; a superior's figures are
the sums of those below by the same, as handing in adds them up. Confirmations themselves are not filled in: gathering
does not look at those of others.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any, Self
from uuid import UUID

from bench.data import copy, fill_in_people, inside, rows_in
from bench.operations import SLOTS, Operation, Request, Token
from bench.people import Organisation, Worker
from servicekit.run.settings import Settings

SERVICE = "forecast"
PRODUCTS = 200
PLACES = ("Hamburg", "Lyon", "深圳")
CATEGORIES = ("commit", "best_case", "pipeline")
_AT_ONCE = 20_000
_MONTHS = 3
_NIL = Decimal(0)

Key = tuple[str, UUID, date, str]
"""Category, product, month, place."""
Sums = dict[Key, tuple[Decimal, Decimal]]
"""Quantity and amount."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "seat": ("id", "cycle_id", "person_id", "superior_seat_id", "line"),
    "standing": ("seat_id", "cycle_id", "holder_id", "level", "handed_in_id"),
    "forecast": ("id", "cycle_id", "seat_id", "revision", "state", "gathered_at", "submitted_at"),
    "submission": ("forecast_id", "submitted_by", "at"),
    "submission_part": ("forecast_id", "from_forecast_id", "from_seat_id"),
    "submission_cell": (
        "id",
        "forecast_id",
        "category",
        "product_id",
        "unit",
        "unit_is_whole",
        "month",
        "place",
        "own_quantity",
        "own_amount",
        "gathered_quantity",
        "gathered_amount",
        "adjustment_quantity",
        "adjustment_amount",
    ),
    "submission_total": ("forecast_id", "category", "own", "gathered", "adjustment"),
}
CYCLE = """
INSERT INTO forecast_cycle (id, name, period_kind, period_start, period_end, currency, amount_basis, granularity,
    confirmable_stages, plan_categories, head_ids, deadlines, state, opened_at, rates_on, created_at, version)
VALUES ($1, 'Measured', 'quarter', $2, $3, 'USD', 'full', 'product', '{}', '{commit}', $4, '[]', 'open', $5, $2, $5, 1)
"""
EMPTIED = ", ".join((*COLUMNS, "gathered"))
"""Whatever a run has gathered, too."""


@dataclass
class Standing:
    """Somebody's place in the cycle: what they have of their own, and what those below have handed in."""

    worker: Worker
    seat_id: UUID
    record_id: UUID
    own: Sums = field(default_factory=dict)
    gathered: Sums = field(default_factory=dict)

    def result(self) -> Sums:
        """Return what they hand in."""
        found: Sums = dict(self.own)
        add(found, self.gathered)
        return found


def add(sums: Sums, others: Sums) -> None:
    """Add figures to sums, key by key."""
    for key, (quantity, amount) in others.items():
        present = sums.get(key, (_NIL, _NIL))
        sums[key] = present[0] + quantity, present[1] + amount


def standings(staff: Organisation, lines: int, start: date, seed: int = 1) -> list[Standing]:
    """Return everybody of the reporting line, from the top down, with so many confirmed lines among the sellers."""
    random = Random(seed)
    products = [_id(random) for _ in range(PRODUCTS)]
    months = [date(start.year, start.month + month, 1) for month in range(_MONTHS)]
    line = [one for one in staff.people if not one.roles]
    made = {one.id: Standing(one, _id(random), _id(random)) for one in line}
    sellers = [made[one.id] for one in staff.sellers]
    for number in range(lines):
        key = (random.choice(CATEGORIES), random.choice(products), random.choice(months), random.choice(PLACES))
        quantity = Decimal(random.randrange(1, 500))
        add(sellers[number % len(sellers)].own, {key: (quantity, quantity * Decimal("12.50"))})
    for worker in reversed(line):  # superiors stand before those below, so the lowest come first
        if worker.superior_id is not None:
            add(made[worker.superior_id].gathered, made[worker.id].result())
    return list(made.values())


def tops(staff: Organisation) -> set[UUID]:
    """Return those who have not handed in yet: the head, and the director whose gathering is measured."""
    return {staff.head.id, staff.manager.id}


@dataclass
class ForecastBase:
    """A forecast service's database with one open cycle, and so many confirmed lines in what was handed in."""

    url: str
    staff: Organisation
    now: datetime
    cycle_id: UUID
    count: int = 0

    @classmethod
    async def begin(cls, url: str, *, people: int, most: int) -> Self:  # noqa: ARG003 (as the others begin)
        """Fill in the people, and open the cycle of this quarter."""
        staff, now = await fill_in_people(url, people)
        cycle_id = _id(Random(0))
        start = quarter_of(now.date())
        end = date(start.year + (start.month + 2) // 12, (start.month + 2) % 12 + 1, 1)
        async with inside(url, SERVICE) as connection:
            await connection.execute(CYCLE, cycle_id, start, end, [staff.head.id], now)
        return cls(url, staff, now, cycle_id)

    async def grow(self, to: int) -> None:
        """Fill the cycle anew, with so many confirmed lines."""
        made = standings(self.staff, to, quarter_of(self.now.date()))
        async with inside(self.url, SERVICE) as connection:
            await connection.execute(f"TRUNCATE {EMPTIED} CASCADE")
            async with connection.transaction():
                for table, rows in self.rows_of(made).items():
                    for first in range(0, len(rows), _AT_ONCE):
                        await copy(connection, table, rows[first : first + _AT_ONCE], COLUMNS[table])
            await connection.execute("RESET ROLE")
            await connection.execute("ANALYZE")
            await connection.execute("CHECKPOINT")
        self.count = to

    async def settle(self, settings: Settings) -> None:
        """Nothing is counted of forecasts."""

    async def rows(self) -> dict[str, int]:
        """Return how many rows the tables have."""
        return await rows_in(self.url, SERVICE)

    def rows_of(self, made: Sequence[Standing]) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows of a cycle, by table."""
        by_person, random, now = {one.worker.id: one for one in made}, Random(2), self.now
        open_tops = tops(self.staff)
        depth = max(one.worker.level for one in made)
        rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        for one in made:
            worker, line = one.worker, [each.seat_id for each in _line_of(one, by_person)]
            has_handed_in = worker.id not in open_tops
            rows["seat"].append((one.seat_id, self.cycle_id, worker.id, line[1] if line[1:] else None, line))
            handed_in = one.record_id if has_handed_in else None
            rows["standing"].append((one.seat_id, self.cycle_id, worker.id, depth - worker.level + 1, handed_in))
            if not has_handed_in:
                continue
            record = (one.record_id, self.cycle_id, one.seat_id, 1, "submitted", now, now)
            rows["forecast"].append(record)
            rows["submission"].append((one.record_id, worker.id, now))
            if worker.superior_id is not None and worker.superior_id not in open_tops:
                above = by_person[worker.superior_id]
                rows["submission_part"].append((above.record_id, one.record_id, one.seat_id))
            rows["submission_cell"] += _cells(one, random)
            rows["submission_total"] += _totals(one)
        return rows


async def gathering_operations(base: ForecastBase, token: Token) -> list[Operation]:
    """Return gathering, again and again into one draft, and reading the roll-up, as the head and as a director.

    A seat is gathered by one at a time: on several connections they would wait for each other.
    """
    cycle = f"/v1/forecast-cycles/{base.cycle_id}"
    found = []
    for name, viewer in (("manager", base.staff.manager), ("head", base.staff.head)):
        gather = [Request("POST", f"{cycle}/forecasts", token(viewer.id), {})]
        read = [Request("GET", f"{cycle}/roll-up", token(viewer.id))]
        found += [
            Operation(f"gather_of_{name}", [gather] * SLOTS, gather * 3),
            Operation(f"roll_up_of_{name}", [read] * SLOTS, read),
        ]
    return found


def quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _line_of(one: Standing, by_person: Mapping[UUID, Standing]) -> Iterator[Standing]:
    """Yield the seat and those above it, nearest first."""
    above: Standing | None = one
    while above is not None:
        yield above
        superior = above.worker.superior_id
        above = by_person[superior] if superior else None


def _cells(one: Standing, random: Random) -> Iterator[tuple[object, ...]]:
    for key in one.result():
        category, product, month, place = key
        own, gathered = one.own.get(key, (_NIL, _NIL)), one.gathered.get(key, (_NIL, _NIL))
        named = (_id(random), one.record_id, category, product, "piece", True, month, place)
        yield (*named, *own, *gathered, _NIL, _NIL)


def _totals(one: Standing) -> Iterator[tuple[object, ...]]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [_NIL, _NIL])
    for place, figures in enumerate((one.own, one.gathered)):
        for (category, *_), (_, amount) in figures.items():
            sums[category][place] += amount
    for category, (own, gathered) in sums.items():
        yield (one.record_id, category, own, gathered, _NIL)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
