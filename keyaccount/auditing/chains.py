"""Goes through every chain: each row has its digest, follows the one before it, and is what was signed.

Chains, their heads and what checkpoints say of them come in one order, so nothing is kept but the chain at hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from keyaccount.auditing.findings import Report
from keyaccount.auditing.streams import Stream, streamed
from servicekit.data.checkpoints import Checkpoint, Entry

ROWS = """
SELECT id, aggregate, aggregate_id, sequence, previous_digest, digest,
    pg_catalog.sha256(coalesce(previous_digest, '') || pg_catalog.convert_to(pg_catalog.jsonb_build_array(
        aggregate, aggregate_id, sequence, extract(epoch FROM at), actor, on_behalf_of, request_id,
        operation, table_name, before, after)::text, 'UTF8')) AS worked_out,
    CASE WHEN $1 > 0 THEN (
        SELECT before_it.digest FROM audit AS before_it WHERE before_it.aggregate = audit.aggregate
            AND before_it.aggregate_id = audit.aggregate_id AND before_it.sequence = audit.sequence - 1
    ) END AS digest_before
FROM audit WHERE id > $1 ORDER BY aggregate, aggregate_id, sequence, id
"""
HEADS = "SELECT aggregate, aggregate_id, sequence, digest FROM audit_head ORDER BY aggregate, aggregate_id"
ENTRIES = """
SELECT checkpoint, aggregate, aggregate_id, first_sequence, ids, digests FROM audit_checkpoint_entry
WHERE checkpoint > $1 ORDER BY aggregate, aggregate_id, first_sequence, checkpoint
"""
TOLD_EVERY_ROWS = 10_000

Key = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a checkpoint says of one row."""

    id: int
    digest: bytes
    checkpoint: int


@dataclass(slots=True)
class Walk:
    """The streams, and from where on rows are looked at: `after` a checkpoint, or from the beginning."""

    report: Report
    last: Checkpoint | None
    from_beginning: bool
    rows: Stream[Any]
    heads: Stream[Any]
    entries: Stream[Any]
    tell: Callable[[int], None]

    def next_key(self) -> Key | None:
        """Return the chain that comes next in any stream."""
        keys = [_key(stream.next) for stream in (self.rows, self.heads, self.entries) if stream.next is not None]
        return min(keys, default=None)


async def check_chains(
    connection: asyncpg.Connection,
    report: Report,
    since: Checkpoint | None,
    last: Checkpoint | None,
    tell: Callable[[int], None],
) -> None:
    """Check all rows, or those after the checkpoint `since`; `last` is the newest one, `tell` hears how many rows."""
    walk = Walk(
        report=report,
        last=last,
        from_beginning=since is None,
        rows=await streamed(connection, ROWS, since.until if since else 0),
        heads=await streamed(connection, HEADS),
        entries=await streamed(connection, ENTRIES, since.number if since else 0),
        tell=tell,
    )
    while (key := walk.next_key()) is not None and not report.is_full:
        await _check_chain(walk, key)


async def _check_chain(walk: Walk, key: Key) -> None:
    def belongs(row: Any) -> bool:
        return _key(row) == key

    signed = await _signed(walk, belongs)
    chain = Chain(walk, key, signed)
    async for row in walk.rows.while_(belongs):
        walk.report.rows += 1
        if walk.report.rows % TOLD_EVERY_ROWS == 0:
            walk.tell(walk.report.rows)
        chain.follow(row)
    head = None
    async for row in walk.heads.while_(belongs):
        head = row
    chain.end(head)


async def _signed(walk: Walk, belongs: Callable[[Any], bool]) -> dict[int, Signed]:
    """Return what checkpoints say of a chain; of a place that two speak of, what the first says."""
    signed: dict[int, Signed] = {}
    async for row in walk.entries.while_(belongs):
        entry = Entry.of(row)
        for step, (row_id, digest) in enumerate(zip(entry.ids, entry.digests, strict=False)):
            signed.setdefault(entry.first_sequence + step, Signed(row_id, digest, row["checkpoint"]))
    return signed


class Chain:
    """One chain while its rows come by; its first fault is noted, for everything after it follows from that."""

    def __init__(self, walk: Walk, key: Key, signed: dict[int, Signed]) -> None:
        self._walk = walk
        self._key = key
        self._signed = signed
        self._last: Any = None
        self._is_bad = False

    def follow(self, row: Any) -> None:
        """Look at the next row."""
        if self._is_bad:
            return
        if self._last is None:
            self._walk.report.chains += 1
        begins_inside = self._last is None and not self._walk.from_beginning
        expected = row["sequence"] if begins_inside else (self._last["sequence"] + 1 if self._last else 1)
        before = row["digest_before"] if begins_inside else (self._last["digest"] if self._last else None)
        self._check_place(row, expected)
        if not self._is_bad:
            self._check_row(row, before)
        self._last = row

    def end(self, head: Any) -> None:
        """Look at what must be there after the last row."""
        if self._is_bad:
            return
        present = self._last["sequence"] if self._last else 0
        if missing := [place for place in self._signed if place > present]:
            self._lack(min(missing))
        elif self._last is None:
            if self._walk.from_beginning:
                self._fault("The chain has a head and no row.", None)
        elif head is None:
            self._fault("The chain has no head: its row of audit_head is missing.", self._last)
        elif (head["sequence"], head["digest"]) != (present, self._last["digest"]):
            what = f"The chain's head names sequence {head['sequence']}, and this is the last row there is"
            same = " with another digest" if head["sequence"] == present else ""
            self._fault(f"{what}{same}.", self._last)

    def _check_place(self, row: Any, expected: int) -> None:
        if row["sequence"] > expected:
            self._lack(expected)
        elif row["sequence"] < expected:
            self._fault("Another row has the same place in the chain.", row)

    def _check_row(self, row: Any, digest_before: bytes | None) -> None:
        signed = self._signed.get(row["sequence"])
        last = self._walk.last
        if row["worked_out"] != row["digest"]:
            self._fault("The row was altered: its content does not have its digest.", row)
        elif row["previous_digest"] != digest_before:
            self._fault("The row does not follow the one before it: its previous digest is another.", row)
        elif signed is None:
            if last is not None and row["id"] <= last.until:
                self._fault(f"The row was not there when checkpoint {last.number} was signed.", row)
            else:
                self._walk.report.unsigned_rows += 1
        elif row["digest"] != signed.digest:
            what = f"The row was written anew: its digest is not the one that checkpoint {signed.checkpoint} signed."
            self._fault(what, row)
        elif row["id"] != signed.id:
            self._fault(f"The row's id was {signed.id} when checkpoint {signed.checkpoint} was signed.", row)

    def _lack(self, sequence: int) -> None:
        signed = self._signed.get(sequence)
        self._is_bad = True
        self._walk.report.add(
            f"The row is missing{f'; checkpoint {signed.checkpoint} signed it' if signed else ''}.",
            aggregate=self._key[0],
            aggregate_id=self._key[1],
            sequence=sequence,
            id=signed.id if signed else None,
        )

    def _fault(self, what: str, row: Any) -> None:
        self._is_bad = True
        self._walk.report.add(
            what,
            aggregate=self._key[0],
            aggregate_id=self._key[1],
            sequence=row["sequence"] if row else None,
            id=row["id"] if row else None,
        )


def _key(row: Any) -> Key:
    return row["aggregate"], row["aggregate_id"]
