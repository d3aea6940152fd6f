"""An open forecast cycle in which everybody but the head has handed in: what a seller, managers and the head do in it.

Each seller has confirmed some opportunities, of several lines each, some in foreign currencies; superiors hold the sums
of those below, and some have revised them (`bench.confirmed`, `bench.submitted`). Beside the rows the same is added up
in another way, and the service must say the same before it is measured.
"""

import asyncio
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

import asyncpg
import httpx

from bench.confirmed import CURRENCY, KNOWN_COLUMNS, RATES, Market, Row, money
from bench.data import fill_in_people, inside, rows_in
from bench.instance import Instance
from bench.loading import RunFailed
from bench.operations import SLOTS, Operation, Request, Token
from bench.people import Organisation
from bench.submitted import HANDED_IN_COLUMNS, PLAN, Line, Standing
from servicekit.run.settings import Settings
from servicekit.values.ids import new_id

SERVICE = "forecast"
COLUMNS: Mapping[str, str] = KNOWN_COLUMNS | HANDED_IN_COLUMNS
_AT_ONCE = 50_000
_PATIENCE_SECONDS = 120
CYCLE_ID = UUID(int=(0x0190_0000_0000 << 80) | (0x7 << 76) | (0x2 << 62))
CYCLE = """
INSERT INTO forecast_cycle (id, name, period_kind, period_start, period_end, currency, amount_basis, granularity,
    confirmable_stages, plan_categories, head_ids, deadlines, state, opened_at, rates_on, created_at, version)
VALUES ($1, 'Measured', 'quarter', $2, $3, $4, 'full', 'product', '{}', $5, $6, '[]', 'open', $7, $2, $7, 1)
"""
RATE = "INSERT INTO frozen_rate (cycle_id, currency, rate, rate_date) VALUES ($1, $2, $3, $4)"
EMPTIED = ", ".join((*COLUMNS, "gathered", "demand_plan", "demand_plan_line", "demand_plan_source", "decision"))
"""Whatever a run has gathered, too."""


@dataclass
class ForecastBase:
    """A forecast service's database with one open cycle, and so many confirmed opportunities in what was handed in."""

    url: str
    staff: Organisation
    now: datetime
    cycle_id: UUID = CYCLE_ID
    count: int = 0
    line: Line = field(init=False)

    @classmethod
    async def begin(cls, url: str, *, people: int, most: int) -> Self:  # noqa: ARG003 (as the others begin)
        """Fill in the people, and open the cycle of this quarter."""
        staff, now = await fill_in_people(url, people)
        start = quarter_of(now.date())
        end = date(start.year + (start.month + 2) // 12, (start.month + 2) % 12 + 1, 1)
        async with inside(url, SERVICE) as connection:
            plan = [category.value for category in PLAN]
            await connection.execute(CYCLE, CYCLE_ID, start, end, CURRENCY, plan, [staff.head.id], now)
            await connection.executemany(RATE, [(CYCLE_ID, name, rate, start) for name, rate in RATES.items()])
        return cls(url, staff, now)

    async def grow(self, to: int) -> None:
        """Fill the cycle anew, with so many confirmed opportunities."""
        self.line = line_of(self.staff, self.now, to)
        chunks = chunked(self.line.rows())
        ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))
        async with inside(self.url, SERVICE) as connection:
            await connection.execute(f"TRUNCATE {EMPTIED} CASCADE")
            while (rows := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))  # while PostgreSQL takes these
                for table, lines in rows.items():
                    await copy_lines(connection, table, lines)
            await connection.execute("RESET ROLE")
            await connection.execute("ANALYZE")
            await connection.execute("CHECKPOINT")
        self.count = to

    async def settle(self, settings: Settings) -> None:
        """Nothing is counted of forecasts."""

    async def rows(self) -> dict[str, int]:
        """Return how many rows the tables have."""
        return await rows_in(self.url, SERVICE)

    def standing_of(self, person_id: UUID) -> Standing:
        """Return somebody's place in the cycle."""
        return self.line.standings[person_id]

    def expected_of(self, person_id: UUID) -> dict[str, Decimal]:
        """Return what somebody's figures must come to by category, added up over everybody below."""
        return {category: Decimal(money(cents)) for category, cents in self.line.expected[person_id].items()}


def line_of(staff: Organisation, now: datetime, count: int) -> Line:
    """Return the reporting line of a cycle with so many confirmed opportunities; the head has not handed in yet."""
    market = Market(staff, quarter_of(now.date()), now, CYCLE_ID.hex, count)
    return Line(staff, market, now, {staff.head.id})


def chunked(branches: Iterator[list[Row]]) -> Iterator[Mapping[str, Sequence[str]]]:
    """Yield the rows by table, some at a time."""
    rows: dict[str, list[str]] = defaultdict(list)
    waiting = 0
    for branch in branches:
        for table, line in branch:
            rows[table].append(line)
        waiting += len(branch)
        if waiting >= _AT_ONCE:
            yield rows
            rows, waiting = defaultdict(list), 0
    yield rows


async def copy_lines(connection: asyncpg.Connection, table: str, lines: Sequence[str]) -> None:
    """Fill rows into a table, each as COPY reads it."""
    source = io.BytesIO(("\n".join(lines) + "\n").encode())
    await connection.copy_to_table(table, source=source, columns=COLUMNS[table].split())


async def gathering_operations(base: ForecastBase, token: Token) -> list[Operation]:
    """Return what is done in the cycle again and again, on one connection.

    A seat is gathered by one at a time: on several connections they would wait for each other.
    """
    cycle, staff = f"/v1/forecast-cycles/{base.cycle_id}", base.staff
    found = [_alike("read", [_read(base, token, staff.sellers[0].id)])]
    viewers = (("small_manager", staff.small_manager), ("manager", staff.manager), ("head", staff.head))
    for name, viewer in viewers:
        gather = [Request("POST", f"{cycle}/forecasts", token(viewer.id), {})]
        read = [Request("GET", f"{cycle}/roll-up", token(viewer.id))]
        found += [
            Operation(f"gather_of_{name}", [gather] * SLOTS, gather * 3),
            _alike(f"roll_up_of_{name}", read),
        ]
        if viewer is not staff.head:
            found.append(_alike(f"read_of_{name}", [_read(base, token, viewer.id)]))
    lists = {
        "candidates": (f"{cycle}/candidates?limit=50", staff.sellers[0].id),
        "seats_of_head": (f"{cycle}/seats?limit=50", staff.head.id),
        "seats_of_manager": (f"{cycle}/seats?limit=50", staff.manager.id),
        "forecasts_of_head": (f"/v1/forecasts?cycle_id={base.cycle_id}&limit=50", staff.head.id),
        "forecasts_of_manager": (f"/v1/forecasts?cycle_id={base.cycle_id}&limit=50", staff.manager.id),
        "missing_of_head": (f"{cycle}/missing-forecasts?limit=50", staff.head.id),
        "progress_of_head": (f"{cycle}/progress", staff.head.id),
        "lines_of_manager": (f"{_path_of(base, staff.manager.id)}/lines?limit=50", staff.manager.id),
    }
    return found + [_alike(name, [Request("GET", path, token(who))]) for name, (path, who) in lists.items()]


async def check(base: ForecastBase, instance: Instance) -> None:
    """Compare what the service says of the head, when they gather, and of everybody with what it must say.

    Raises:
        RunFailed: a figure is another.
    """
    head, cycle = base.staff.head.id, f"/v1/forecast-cycles/{base.cycle_id}"
    url = f"http://127.0.0.1:{instance.port_of('direct')}"
    headers = {"authorization": f"Bearer {instance.token(head)}", "idempotency-key": str(new_id())}
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_SECONDS, headers=headers) as client:
        gathered = (await client.post(f"{cycle}/forecasts", json={})).raise_for_status().json()
        levels = (await client.get(f"{cycle}/roll-up")).raise_for_status().json()["levels"]
    for said in (gathered, *levels):
        found = {one["category"]: Decimal(one["result"]) for one in said["by_category"] if Decimal(one["result"])}
        expected = base.expected_of(UUID(said["person_id"]))
        if found != expected:
            raise RunFailed(f"{said['name']} has {found}, and must have {expected}.")


def _alike(name: str, requests: Sequence[Request]) -> Operation:
    return Operation(name, [requests] * SLOTS, requests)


def _read(base: ForecastBase, token: Token, person_id: UUID) -> Request:
    return Request("GET", _path_of(base, person_id), token(person_id))


def _path_of(base: ForecastBase, person_id: UUID) -> str:
    return f"/v1/forecasts/{UUID(base.standing_of(person_id).record_id)}"


def quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
