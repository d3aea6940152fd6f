"""Checkpoints of the audit trail: what was signed of it, and how that is counted and cut.

Chains alone show a change only to somebody who knows their ends: the schema's owner could cut a tail, drop a chain or
work one out anew. A checkpoint holds, of every row since the one before it, its chain, place, id and digest, and is
signed with a key that the database never sees.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

FORMAT = "keyaccount-audit-checkpoint-1"
DIGEST_BYTES = 32
AT_ONCE = 5000
"""Ids of one checkpoint at most, so that neither memory nor a transaction grows with what is outstanding."""

LAST_ID = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_id_seq"
BEGUN_BEFORE = "SELECT pg_current_xact_id()::text::bigint"
"""A number of our own: whoever writes already has a lower one (a snapshot's end is not above all that run)."""
OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

LAST = "SELECT * FROM audit_checkpoint ORDER BY number DESC LIMIT 1"
AFTER = "SELECT * FROM audit_checkpoint WHERE number > $1 ORDER BY number LIMIT $2"
ENTRIES = """
SELECT aggregate, aggregate_id, min(sequence) AS first_sequence, array_agg(id ORDER BY sequence) AS ids,
    string_agg(digest, '' ORDER BY sequence) AS digests
FROM audit WHERE id > $1 AND id <= $2
GROUP BY aggregate, aggregate_id ORDER BY aggregate, aggregate_id
"""
APPEND = "SELECT append_audit_checkpoint($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows that one chain gained since the checkpoint before: their places, ids and digests."""

    aggregate: str
    aggregate_id: UUID
    first_sequence: int
    ids: tuple[int, ...]
    digests: tuple[bytes, ...]

    @classmethod
    def of(cls, row: Any) -> "Entry":
        """Return the entry that a row of the database holds."""
        joined = row["digests"]
        digests = tuple(joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES))
        return cls(row["aggregate"], row["aggregate_id"], row["first_sequence"], tuple(row["ids"]), digests)

    def content(self) -> bytes:
        """Return what is signed of it."""
        digests = [digest.hex() for digest in self.digests]
        return orjson.dumps([self.aggregate, str(self.aggregate_id), self.first_sequence, self.ids, digests])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of all rows with ids above those of the checkpoint before, and up to `until`."""

    service: str
    number: int
    until: int
    at: datetime
    rows: int
    chains: int
    root: bytes
    previous: bytes
    key_id: str
    signature: bytes = b""

    @classmethod
    def of(cls, service: str, row: Any) -> "Checkpoint":
        """Return the checkpoint that a row of the database holds."""
        names = ("number", "until", "at", "rows", "chains", "root", "previous", "key_id", "signature")
        return cls(service, *(row[name] for name in names))

    def content(self) -> bytes:
        """Return what is signed."""
        return orjson.dumps(
            {
                "format": FORMAT,
                "service": self.service,
                "number": self.number,
                "until": self.until,
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "rows": self.rows,
                "chains": self.chains,
                "root": self.root.hex(),
                "previous": self.previous.hex(),
                "key_id": self.key_id,
            }
        )

    def digest(self) -> bytes:
        """Return the digest by which the next checkpoint names this one."""
        return hashlib.sha256(self.content()).digest()


class Root:
    """The Merkle root of leaves that come one by one (RFC 6962, 2.1), without keeping them."""

    def __init__(self) -> None:
        self.leaves = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Take the next leaf."""
        self.leaves += 1
        size, digest = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while self._peaks and self._peaks[-1][0] == size:
            digest = hashlib.sha256(b"\x01" + self._peaks.pop()[1] + digest).digest()
            size *= 2
        self._peaks.append((size, digest))

    def digest(self) -> bytes:
        """Return the root of the leaves so far."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        digest = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            digest = hashlib.sha256(b"\x01" + peak + digest).digest()
        return digest


def root_of(entries: Iterable[Entry]) -> bytes:
    """Return the root of a checkpoint's entries."""
    root = Root()
    for entry in entries:
        root.add(entry.content())
    return root.digest()


async def last_of(connection: Any, service: str) -> Checkpoint | None:
    """Return the newest checkpoint in the database."""
    row = await connection.fetchrow(LAST)
    return None if row is None else Checkpoint.of(service, row)


async def entries_between(connection: Any, after: int, until: int) -> list[Entry]:
    """Return what the chains gained in rows with ids above `after` and up to `until`."""
    return [Entry.of(row) for row in await connection.fetch(ENTRIES, after, until)]


async def append(connection: Any, checkpoint: Checkpoint) -> bool:
    """Write a checkpoint; False if another process has written one meanwhile."""
    try:
        appended: bool = await connection.fetchval(
            APPEND,
            *(checkpoint.number, checkpoint.until, checkpoint.at, checkpoint.rows, checkpoint.chains),
            *(checkpoint.root, checkpoint.previous, checkpoint.digest(), checkpoint.key_id, checkpoint.signature),
        )
    except asyncpg.UniqueViolationError:
        return False
    return appended
