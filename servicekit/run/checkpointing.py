"""Signs the audit trail, regularly and when asked to.

Ids are given out before commit, so a checkpoint up to the highest id would leave out rows that are committed later. So
the highest id is noted first and nothing is counted until every transaction that was running then is over: rows up to
that id are then there or will never be. Nobody waits for that but the checkpoint itself; writers meet no lock.
"""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from servicekit.data import checkpoints
from servicekit.data.checkpoint_file import CheckpointFile
from servicekit.data.checkpoints import Checkpoint
from servicekit.data.database import Database
from servicekit.run.keys import Keys
from servicekit.run.settings import Settings
from servicekit.values.dates import Clock, utc_now

LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 5.0
_FILED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Cut:
    """Up to which id rows shall be signed, and which transactions have to be over before."""

    until: int
    begun_before: int


class Signer:
    """The key of an instance's audit trail, which the database never sees."""

    def __init__(self, key: OKPKey) -> None:
        private = key.private_key
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("The audit trail is signed with an Ed25519 key.")
        self.key_id = str(key.kid)
        self._key = private

    def sign(self, content: bytes) -> bytes:
        """Return the Ed25519 signature."""
        return self._key.sign(content)


class Checkpointing:
    """Writes the checkpoints of one service: into its schema, then into a file beside the database."""

    def __init__(
        self, service: str, signer: Signer, file: CheckpointFile | None = None, clock: Clock = utc_now
    ) -> None:
        self.service = service
        self.file = file
        self._signer = signer
        self._clock = clock
        self._cut: Cut | None = None

    async def step(self, connection: Any, patience_seconds: float = PATIENCE_SECONDS) -> int | None:
        """Sign what is outstanding; return how many rows, or None if a transaction of then is still running."""
        signed = 0
        cut = self._cut = self._cut or await _cut(connection)
        if not await _is_settled(connection, cut, patience_seconds):
            return None
        self._cut = None
        last = await checkpoints.last_of(connection, self.service)
        after = end = last.until if last else 0
        while end < cut.until:
            end = min(cut.until, end + checkpoints.AT_ONCE)
            made = await self._sign(connection, last, after, end)
            if made is None:
                continue
            if not await checkpoints.append(connection, made):
                break  # another process is at it
            last, after, signed = made, end, signed + made.rows
        await self._file(connection)
        return signed

    async def _sign(self, connection: Any, last: Checkpoint | None, after: int, until: int) -> Checkpoint | None:
        entries = await checkpoints.entries_between(connection, after, until)
        if not entries:
            return None
        unsigned = Checkpoint(
            service=self.service,
            number=last.number + 1 if last else 1,
            until=until,
            at=self._clock(),
            rows=sum(len(entry.ids) for entry in entries),
            chains=len(entries),
            root=checkpoints.root_of(entries),
            previous=last.digest() if last else b"",
            key_id=self._signer.key_id,
        )
        return replace(unsigned, signature=self._signer.sign(unsigned.content()))

    async def _file(self, connection: Any) -> None:
        """Bring the file up to what the database holds; a crash may have come between the two."""
        if self.file is None:
            return
        last = await asyncio.to_thread(self.file.last)
        known = last.number if last else 0
        while rows := await connection.fetch(checkpoints.AFTER, known, _FILED_AT_ONCE):
            found = [Checkpoint.of(self.service, row) for row in rows]
            await asyncio.to_thread(self.file.catch_up, found)
            known = found[-1].number


def file_in(folder: Path, service: str) -> CheckpointFile:
    """Return the second record of a service's checkpoints."""
    return CheckpointFile(folder / f"{service}.checkpoints")


async def keep_signing_for(database: Database, keys: Keys, settings: Settings) -> None:
    """Sign a service's trail as its settings say."""
    file = file_in(settings.audit_folder, settings.service) if settings.audit_folder else None
    checkpointing = Checkpointing(settings.service, Signer(keys.audit), file, database.clock)
    await keep_signing(database, checkpointing, settings.checkpoint_seconds)


async def keep_signing(database: Database, checkpointing: Checkpointing, every_seconds: float) -> None:
    """Sign every so often, until cancelled."""
    waiting_since: float | None = None
    while True:
        await asyncio.sleep(every_seconds)
        async with database.connection() as connection:
            signed = await checkpointing.step(connection)
        now = asyncio.get_running_loop().time()
        if signed is not None:
            waiting_since = None
            continue
        waiting_since = waiting_since or now
        structlog.get_logger().warning("audit_checkpoint_waits", seconds=round(now - waiting_since))


async def _cut(connection: Any) -> Cut:
    """Note the highest id first: who was given one by then has begun before the next question is asked."""
    until = await connection.fetchval(checkpoints.LAST_ID)
    return Cut(until, await connection.fetchval(checkpoints.BEGUN_BEFORE))


async def _is_settled(connection: Any, cut: Cut, patience_seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_seconds
    while await connection.fetchval(checkpoints.OLDEST_RUNNING) < cut.begun_before:
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True
