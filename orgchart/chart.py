"""The chart in memory: what every request must know of who asks, without a question to the database."""

import asyncio
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog

from orgchart.copying import AfterMoves, apply
from orgchart.difference import Difference
from orgchart.viewer import ADMIN, MACHINE, NOWHERE
from servicekit.data.statements import Row
from servicekit.data.transactions import writing
from servicekit.data.violations import Busy
from servicekit.peers.client import PeerRefused
from servicekit.run.metrics import Figure
from servicekit.values.errors import PeerUnavailable
from servicekit.values.scopes import conveyed_by
from servicekit.web.service import Service

READ_STATE = "SELECT version, paths_on FROM orgchart_state WHERE id = 1"
READ_PEOPLE = """
SELECT id, kind, roles, path, active, scopes, email, external_system, external_id FROM orgchart_person
"""
READ_STAND_INS = "SELECT person_id, stand_in_id, from_date, until_date FROM orgchart_stand_in"
EVERY_SECONDS = 1.0
EVERY_SECONDS_AT_FIRST = 0.1
AGAIN_AFTER_SECONDS = 2.0
"""So long requests make do with the older copy when `team` could not be asked; `follow` goes on asking."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the chart, as a viewer needs them; `scopes` are a machine client's.

    `names` are those by which a provider of sign-in may know them: (system, id), or ("", address); kept only where
    there is a provider.
    """

    id: UUID
    kind: str
    roles: frozenset[str]
    path: str
    active: bool
    scopes: frozenset[str] | None = None
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """A span in which somebody may act for somebody else."""

    person_id: UUID
    stand_in_id: UUID
    from_date: date
    until_date: date


def names_of(members: Iterable[Member]) -> dict[tuple[str, str], UUID | None]:
    """Return who is meant by each name of those who are there; a name that several have is nobody's."""
    found: dict[tuple[str, str], UUID | None] = {}
    for member in members:
        if member.active:
            for name in member.names:
                found[name] = None if name in found else member.id
    return found


def _names(row: Row) -> tuple[tuple[str, str], ...]:
    address = (("", row["email"].lower()),) if row["email"] else ()
    return (*address, (row["external_system"], row["external_id"])) if row["external_system"] else address


def _member(row: Row, *, named: bool) -> Member:
    names = _names(row) if named else ()
    scopes = conveyed_by(row["scopes"]) if row["kind"] == MACHINE else None
    return Member(row["id"], row["kind"], frozenset(row["roles"]), row["path"] or NOWHERE, row["active"], scopes, names)


class Chart:
    """One process's view of its service's copy, fetched from `team` when it is older than it must be."""

    def __init__(self, service: Service, after_moves: Sequence[AfterMoves] = ()) -> None:
        self._service = service
        self._after_moves = after_moves
        self._one_at_a_time = asyncio.Lock()
        self._asked_at = self._failed_at = -math.inf
        self.version = -1
        self.on: date | None = None
        self.members: dict[UUID, Member] = {}
        self.stand_ins: list[StandIn] = []
        self._names: dict[tuple[str, str], UUID | None] | None = None

    @property
    def has_copy(self) -> bool:
        """Whether the service has ever heard from `team`; before that it knows nobody."""
        return self.version > 0

    @property
    def is_cut_off(self) -> bool:
        """Whether `team` could not be asked the last time: whom the copy does not know may be there all the same."""
        return self._failed_at > self._asked_at

    def member(self, person_id: UUID) -> Member | None:
        """Return somebody of the chart."""
        return self.members.get(person_id)

    def stands_in(self, stand_in_id: UUID, person_id: UUID, on: date) -> bool:
        """Whether one may act for the other on a date."""
        return any(
            span.stand_in_id == stand_in_id and span.person_id == person_id and span.from_date <= on < span.until_date
            for span in self.stand_ins
        )

    def may_receive_events(self, person_id: UUID) -> bool:
        """Whether somebody may have the service's events sent to them: an administrator or who may follow the feed."""
        member = self.members.get(person_id)
        if member is None or not member.active:
            return False
        if member.scopes is not None:
            return f"{self._service.name}:events:read" in member.scopes
        return ADMIN in member.roles

    async def reload(self) -> None:
        """Read the service's copy into memory, if it is another than the one there."""
        pool = self._service.database.pool
        state = await pool.fetchrow(READ_STATE)
        if self._is_at(state):
            return
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            state = await connection.fetchrow(READ_STATE)
            people = await connection.fetch(READ_PEOPLE)
            stand_ins = await connection.fetch(READ_STAND_INS)
        if self.version > state["version"]:
            return  # another request has read a newer one meanwhile
        has_provider = self._service.settings.sign_in.provider is not None
        self.members = {row["id"]: _member(row, named=has_provider) for row in people}
        self._names = None
        self.stand_ins = [StandIn(*row) for row in stand_ins]
        self.version, self.on = state["version"], state["paths_on"]

    def figures(self) -> Iterator[Figure]:
        """Yield how old the copy may be, and its version."""
        yield Figure("keyaccount_org_chart_version", "Version of the copy.", self.version)
        if self._asked_at > 0:
            age = time.monotonic() - self._asked_at
            yield Figure("keyaccount_org_chart_age_seconds", "Since team last told what is new.", age)

    def _is_at(self, state: Row) -> bool:
        return bool((state["version"], state["paths_on"]) == (self.version, self.on))

    async def ensure(self, version: int) -> None:
        """Bring the copy to at least a version, if `team` has it; without `team` the older copy must do."""
        if version > self.version:
            await self._catch_up(version)

    async def ensure_knows(self, person_id: UUID) -> None:
        """Bring the copy up to date if somebody is not in it."""
        if person_id not in self.members:
            await self._catch_up(None)

    async def catch_up(self) -> None:
        """Bring the copy up to date for the sake of somebody whom it does not know."""
        await self._catch_up(None)

    def named(self, system: str, name: str) -> UUID | None:
        """Return whom a provider of sign-in means: by external reference, or by address where no system is named.

        Somebody who is not there, or whose address another has as well, is nobody.
        """
        if self._names is None:
            self._names = names_of(self.members.values())
        return self._names.get((system, name))

    async def _catch_up(self, version: int | None) -> None:
        """Ask `team` once for all who wait: whoever came before it was asked has what it answered."""
        came_at = time.monotonic()
        if self.has_copy and self._failed_at > came_at - AGAIN_AFTER_SECONDS:
            return
        async with self._one_at_a_time:
            if self._asked_at > came_at or self._failed_at > came_at:
                return
            await self.reload()
            if version is None or version > self.version:
                await self._fetch()

    async def refresh(self) -> None:
        """Fetch what is new."""
        async with self._one_at_a_time:
            await self.reload()
            await self._fetch()

    async def _fetch(self) -> None:
        if self._service.name == "team":
            return
        params = {"since": max(self.version, 0)} | ({"on": self.on.isoformat()} if self.on else {})
        asked_at = time.monotonic()
        try:
            answer = await self._service.peers["team"].get("/v1/org-chart", params)
        except (PeerUnavailable, PeerRefused) as error:
            self._failed_at = time.monotonic()
            structlog.get_logger().warning("org_chart_waits", error=type(error).__name__)
            return
        self._asked_at, self._failed_at = asked_at, -math.inf
        difference = Difference.model_validate(answer)
        if difference.version == self.version and difference.on == self.on:
            return
        with suppress(Busy):  # another process of this service is at it
            async with writing(self._service.database) as tx:
                await apply(tx, difference, self._after_moves)
        await self.reload()

    async def follow(self) -> None:
        """Refresh every second until cancelled; what fails is tried again."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 (whatever it is, the chart must be followed)
                structlog.get_logger().warning("org_chart_waits", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(EVERY_SECONDS if self.has_copy else EVERY_SECONDS_AT_FIRST)
