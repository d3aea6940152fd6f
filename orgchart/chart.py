"""The chart in memory: what every request must know of who asks, without a question to the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog
from asyncpg.exceptions import PostgresError

from orgchart.copying import AfterMoves, apply
from orgchart.difference import Difference
from servicekit.data.transactions import writing
from servicekit.values.errors import KeyaccountError, PeerUnavailable
from servicekit.web.service import Service

READ_STATE = "SELECT version, paths_on FROM orgchart_state WHERE id = 1"
READ_PEOPLE = "SELECT id, kind, roles, path, active FROM orgchart_person"
READ_STAND_INS = "SELECT person_id, stand_in_id, from_date, until_date FROM orgchart_stand_in"
EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the chart, as a viewer needs them."""

    id: UUID
    kind: str
    roles: frozenset[str]
    path: str
    active: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """A span in which somebody may act for somebody else."""

    person_id: UUID
    stand_in_id: UUID
    from_date: date
    until_date: date


class Chart:
    """One process's view of its service's copy, fetched from `team` when it is older than it must be."""

    def __init__(self, service: Service, after_moves: Sequence[AfterMoves] = ()) -> None:
        self._service = service
        self._after_moves = after_moves
        self._one_at_a_time = asyncio.Lock()
        self.version = -1
        self.on: date | None = None
        self.members: dict[UUID, Member] = {}
        self.stand_ins: list[StandIn] = []

    def member(self, person_id: UUID) -> Member | None:
        """Return somebody of the chart."""
        return self.members.get(person_id)

    def stands_in(self, stand_in_id: UUID, person_id: UUID, on: date) -> bool:
        """Whether one may act for the other on a date."""
        return any(
            span.stand_in_id == stand_in_id and span.person_id == person_id and span.from_date <= on < span.until_date
            for span in self.stand_ins
        )

    async def reload(self) -> None:
        """Read the service's copy into memory, if it is another than the one there."""
        pool = self._service.database.pool
        state = await pool.fetchrow(READ_STATE)
        if (state["version"], state["paths_on"]) == (self.version, self.on):
            return
        people = await pool.fetch(READ_PEOPLE)
        stand_ins = await pool.fetch(READ_STAND_INS)
        self.members = {
            row["id"]: Member(row["id"], row["kind"], frozenset(row["roles"]), row["path"] or "", row["active"])
            for row in people
        }
        self.stand_ins = [StandIn(*row) for row in stand_ins]
        self.version, self.on = state["version"], state["paths_on"]

    async def ensure(self, version: int) -> None:
        """Bring the copy to at least a version, if `team` has it; without `team` the older copy must do."""
        if version <= self.version:
            return
        async with self._one_at_a_time:
            await self.reload()
            if version > self.version:
                await self._fetch()

    async def refresh(self) -> None:
        """Fetch what is new."""
        async with self._one_at_a_time:
            await self.reload()
            await self._fetch()

    async def _fetch(self) -> None:
        if self._service.name == "team":
            return
        since = max(self.version, 0)
        known_on = self.on.isoformat() if self.on else None
        params = {"since": since} | ({"on": known_on} if known_on else {})
        try:
            answer = await self._service.peers["team"].get("/v1/org-chart", params)
        except PeerUnavailable:
            return
        difference = Difference.model_validate(answer)
        if difference.version == self.version and difference.on == self.on:
            return
        async with writing(self._service.database) as tx:
            await apply(tx, difference, self._after_moves)
        await self.reload()

    async def follow(self) -> None:
        """Refresh every second until cancelled; what fails is tried again."""
        while True:
            try:
                await self.refresh()
            except (KeyaccountError, PostgresError, OSError, ValueError) as error:
                structlog.get_logger().warning("org_chart_waits", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
