"""How a service asks and writes: `Reading` without a transaction, `Snapshot` and `Writing` in one.

A `Writing` begins by itself at its first statement and is ended by the router (or by `Unit` elsewhere),
never by application code.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
from asyncpg import exceptions

from servicekit.data import outbox
from servicekit.data.actors import Actor
from servicekit.data.database import Database
from servicekit.data.idempotency import Claim, ClaimTaken, KeptAnswer
from servicekit.data.statements import Statement
from servicekit.data.violations import meaning_of
from servicekit.values.deadlines import seconds_left
from servicekit.values.errors import DeadlinePassed, NotVisible

if TYPE_CHECKING:
    from contextvars import Token

T = TypeVar("T")

LONGEST_WAIT_SECONDS = 86_400.0
ROWS_AHEAD = 500
"""Of a result that is read row by row, how many are fetched at a time."""

writing_has_begun: ContextVar[bool] = ContextVar("writing_has_begun", default=False)
"""Read by the peer client, which refuses to be called inside a transaction."""


class BindsViewer(Protocol):
    """Somebody in whose name a statement asks."""

    @property
    def binds(self) -> dict[str, object]:
        """The binds that scope a statement to what they may see."""


class NothingFound(LookupError):
    """A row that must be there is not: a bug, not an answer."""


class UsedAfterEnd(RuntimeError):
    """A statement after the end, such as in the body of a streamed answer: nobody would give its connection back."""


class Questions:
    """Runs statements on one connection, taken at the first of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: asyncpg.Connection | None = None
        self._ended = False

    async def _ready(self) -> Any:
        if self._connection is None:
            await self._acquire()
        return self._connection

    async def _acquire(self) -> asyncpg.Connection:
        if self._ended:
            raise UsedAfterEnd
        self._connection = await self.database.pool.acquire()
        return self._connection

    async def first(self, statement: Statement[T], *, viewer: BindsViewer | None = None, **binds: object) -> T | None:
        """Return the first row, or None."""
        connection = await self._ready()
        with translated():
            row = await connection.fetchrow(statement.sql, *statement.arguments(_all_binds(viewer, binds)))
        return None if row is None else statement.make(row)

    async def visible(
        self,
        statement: Statement[T],
        kind: str,
        identifier: object,
        /,
        *,
        viewer: BindsViewer | None = None,
        **binds: object,
    ) -> T:
        """Return the first row, or raise `NotVisible`: there is no such `kind` of thing, or not for the viewer."""
        found = await self.first(statement, viewer=viewer, **binds)
        if found is None:
            raise NotVisible(kind, identifier)
        return found

    async def one(self, statement: Statement[T], *, viewer: BindsViewer | None = None, **binds: object) -> T:
        """Return the first row, which must be there."""
        found = await self.first(statement, viewer=viewer, **binds)
        if found is None:
            raise NothingFound(statement.sql)
        return found

    async def all(self, statement: Statement[T], *, viewer: BindsViewer | None = None, **binds: object) -> list[T]:
        """Return every row."""
        connection = await self._ready()
        with translated():
            rows = await connection.fetch(statement.sql, *statement.arguments(_all_binds(viewer, binds)))
        make = statement.make
        return [make(row) for row in rows]

    async def value(self, statement: Statement[Any], *, viewer: BindsViewer | None = None, **binds: object) -> Any:
        """Return the first column of the first row, or None."""
        connection = await self._ready()
        with translated():
            return await connection.fetchval(statement.sql, *statement.arguments(_all_binds(viewer, binds)))

    async def raw_connection(self) -> asyncpg.Connection:
        """Return the connection itself, for servicekit's own statements."""
        return await self._ready()

    async def release(self) -> None:
        """Give the connection back; a transaction still open on it is rolled back."""
        self._ended = True
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                if not _is_gone(connection) and connection.is_in_transaction():
                    await connection.execute("ROLLBACK")
            finally:
                await self.database.pool.release(connection)


class Reading(Questions):
    """Asks without a transaction: each statement sees what is committed when it starts.

    It holds no connection between statements: a route that asks, then waits for a peer or writes, would else
    hold one while it waits for another, and enough of them at once wait for each other for ever. So the body of
    a streamed answer may ask as well.
    """

    async def _ready(self) -> Any:
        return self._connection or self.database.pool

    async def raw_connection(self) -> asyncpg.Connection:
        """Return a connection that is kept until the end."""
        return self._connection or await self._acquire()

    async def all_planned(
        self, statement: Statement[T], *, viewer: BindsViewer | None = None, **binds: object
    ) -> list[T]:
        """Return every row, planned for the values at hand.

        A plan for any value is wrong where one value is rare and another is not. The setting is local to a
        transaction of its own, so that a pooler may stand in between.
        """
        async with self.database.connection() as connection:
            await connection.execute("BEGIN READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan")
            try:
                with translated():
                    rows = await connection.fetch(statement.sql, *statement.arguments(_all_binds(viewer, binds)))
            finally:
                await connection.execute("COMMIT")
        return [statement.make(row) for row in rows]


class InTransaction(Questions):
    """Asks in one transaction, so a result may be read while other statements run."""

    async def each(
        self, statement: Statement[T], *, viewer: BindsViewer | None = None, **binds: object
    ) -> AsyncIterator[T]:
        """Yield the rows one by one, some fetched at a time: however many there are, memory holds a few."""
        connection = await self._ready()
        rows = connection.cursor(statement.sql, *statement.arguments(_all_binds(viewer, binds)), prefetch=ROWS_AHEAD)
        with translated():
            async for row in rows:
                yield statement.make(row)


class Snapshot(InTransaction):
    """Asks several questions that must agree: all see one instant, and none can write."""

    async def _ready(self) -> asyncpg.Connection:
        if self._connection is None:
            connection = await self._acquire()
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return self._connection


class Writing(InTransaction):
    """Asks and writes in one transaction, which begins at the first statement.

    `now` is the instant that every row and event of the transaction carries.
    """

    def __init__(self, database: Database, actor: Actor, claim: Claim | None = None) -> None:
        super().__init__(database)
        self.actor = actor
        self.now: datetime = database.clock()
        self.is_kept_if_refused = False
        self._claim = claim
        self._events: list[outbox.Event] = []
        self._mark: Token[bool] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a statement has run."""
        return self._connection is not None

    @property
    def actor_id(self) -> UUID | None:
        """The person who acts, or None where a service acts by itself."""
        return self.actor.person_id

    async def _ready(self) -> asyncpg.Connection:
        if self._connection is None:
            bound = _time_limit()
            connection = await self._acquire()
            self._mark = writing_has_begun.set(True)
            claiming = self._claim.insertion() if self._claim else ""
            try:
                await connection.execute(f"BEGIN;{bound}{self.actor.settings()}{claiming}")
            except exceptions.UniqueViolationError as taken:
                raise ClaimTaken from taken
            except exceptions.LockNotAvailableError as busy:
                raise meaning_of(busy) or busy from busy
        return self._connection

    def keep_if_refused(self) -> None:
        """Have what was written committed also when the request is refused: a refusal that changes something.

        Raises:
            RuntimeError: the request may come again by its key, and a refusal is not kept to answer it: a bug.
        """
        if self._claim is not None:
            raise RuntimeError("A request with an Idempotency-Key leaves nothing behind when it is refused.")
        self.is_kept_if_refused = True

    async def execute(self, statement: Statement[Any], *, viewer: BindsViewer | None = None, **binds: object) -> int:
        """Run a statement and return how many rows it touched."""
        connection = await self._ready()
        with translated():
            tag = await connection.execute(statement.sql, *statement.arguments(_all_binds(viewer, binds)))
        return _rows_in(tag)

    async def execute_many(self, statement: Statement[Any], rows: Sequence[dict[str, object]]) -> None:
        """Run a statement for each row, in one round trip."""
        if rows:
            connection = await self._ready()
            with translated():
                await connection.executemany(statement.sql, [statement.arguments(row) for row in rows])

    def publish(self, event_type: str, aggregate_id: UUID, data: dict[str, Any]) -> None:
        """Add an event, written to the outbox before the transaction is committed."""
        self._events.append(outbox.Event(event_type, aggregate_id, data))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what runs inside if it fails, and keep the rest of the transaction."""
        connection = await self._ready()
        events = len(self._events)
        await connection.execute("SAVEPOINT inner_step")
        try:
            yield
        except BaseException:
            del self._events[events:]
            await connection.execute("ROLLBACK TO SAVEPOINT inner_step; RELEASE SAVEPOINT inner_step")
            raise
        await connection.execute("RELEASE SAVEPOINT inner_step")

    async def finish(self, answer: KeptAnswer | None = None) -> bool:
        """Write the events and the kept answer, and commit; return whether anything was published."""
        if self._connection is None:
            if not self._events:
                return False
            await self._ready()
        connection = self._connection
        assert connection is not None  # noqa: S101 (narrowing: _ready has set it)
        with translated():
            if self._events:
                await outbox.write(connection, self._events, str(self.actor), self.now)
            keeping = self._claim.keeping(answer) if self._claim and answer else ""
            tag = await connection.execute(f"{keeping}COMMIT")
        if tag != "COMMIT":
            raise TransactionLost
        return bool(self._events)

    async def release(self) -> None:
        """Give the connection back, rolled back unless it was finished."""
        try:
            await super().release()
        finally:
            if self._mark is not None:
                writing_has_begun.set(False)
                self._mark = None


class TransactionLost(RuntimeError):
    """The database rolled back what was to be committed, because an earlier error was swallowed."""


@asynccontextmanager
async def writing(database: Database, actor: Actor | None = None, claim: Claim | None = None) -> AsyncIterator[Writing]:
    """Write outside a request (relay, consumers, batches): committed if the block ends, else rolled back."""
    tx = Writing(database, actor or Actor.of_service(database.name), claim)
    try:
        yield tx
        await tx.finish()
    finally:
        await tx.release()


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Reading]:
    """Ask outside a request."""
    questions = Reading(database)
    try:
        yield questions
    finally:
        await questions.release()


class translated:  # noqa: N801 (reads as a phrase: with translated())
    """Turns a refusal of the database into what it means; what has no meaning stays a bug."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, exceptions.PostgresError | exceptions.InterfaceError):
            meaning = meaning_of(error)
            if meaning is not None:
                raise meaning from error


def _is_gone(connection: asyncpg.Connection) -> bool:
    """Whether a connection broke: the pool has then taken it back, and what was lent refuses every question."""
    try:
        return bool(connection.is_closed())
    except exceptions.InterfaceError:
        return True


def _all_binds(viewer: BindsViewer | None, binds: dict[str, object]) -> dict[str, object]:
    return {**viewer.binds, **binds} if viewer is not None else binds


def _time_limit() -> str:
    """Return the SQL that ends a transaction's statements when nobody waits for them any longer."""
    left = seconds_left()
    if left <= 0:
        raise DeadlinePassed
    return f"SET LOCAL statement_timeout={int(left * 1000) + 1};" if left < LONGEST_WAIT_SECONDS else ""


def _rows_in(tag: str) -> int:
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
