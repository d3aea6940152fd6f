"""Goes through the checkpoints: signed by our key, each following the one before it, and the same in the file."""

from collections.abc import Iterator
from typing import Any

import asyncpg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey

from keyaccount.auditing.findings import Report
from keyaccount.auditing.streams import Stream, streamed
from servicekit.data.checkpoint_file import Line
from servicekit.data.checkpoints import Checkpoint, Entry, Root

CHECKPOINTS = "SELECT * FROM audit_checkpoint WHERE number > $1 ORDER BY number"
ENTRIES = """
SELECT checkpoint, aggregate, aggregate_id, first_sequence, ids, digests FROM audit_checkpoint_entry
WHERE checkpoint > $1 ORDER BY checkpoint, aggregate, aggregate_id
"""


async def check_checkpoints(
    connection: asyncpg.Connection, report: Report, key: OKPKey, since: Checkpoint | None, filed: Iterator[Line] | None
) -> Checkpoint | None:
    """Check all checkpoints, or those after `since`, and compare them with the file's lines; return the newest."""
    first = since.number if since else 0
    rows = await streamed(connection, CHECKPOINTS, first)
    entries = await streamed(connection, ENTRIES, first)
    lines = None if filed is None else Lines(filed, key, first)
    last = since
    while rows.next is not None:
        row = await rows.take()
        checkpoint = Checkpoint.of(report.service, row)
        report.checkpoints += 1
        report.signed_until = checkpoint.at
        before = len(report.faults)
        _check_place(report, checkpoint, row["digest"], last)
        _check_signature(report, checkpoint, key)
        await _check_entries(report, checkpoint, entries)
        if lines is not None and len(report.faults) == before:
            lines.compare(report, checkpoint)
        last = checkpoint
    if entries.next is not None:
        number = entries.next["checkpoint"]
        report.add("There are entries of a checkpoint that is missing.", checkpoint=number)
    if lines is not None:
        lines.end(report)
    elif report.checkpoints:
        report.add("The file of the checkpoints, the second record of them, is missing.")
    return last


def _check_place(report: Report, checkpoint: Checkpoint, kept_digest: bytes, last: Checkpoint | None) -> None:
    expected = last.number + 1 if last else 1
    if checkpoint.number != expected:
        report.add("The checkpoint is missing.", checkpoint=expected)
    elif checkpoint.previous != (last.digest() if last else b""):
        report.add("The checkpoint does not follow the one before it.", checkpoint=checkpoint.number)
    elif checkpoint.digest() != kept_digest or checkpoint.until <= (last.until if last else 0):
        report.add("The checkpoint was altered.", checkpoint=checkpoint.number)


def _check_signature(report: Report, checkpoint: Checkpoint, key: OKPKey) -> None:
    if not is_signed(checkpoint.content(), checkpoint.signature, key):
        other = "" if checkpoint.key_id == key.kid else f" (it names the key {checkpoint.key_id})"
        report.add(f"The checkpoint was not signed with the audit key{other}.", checkpoint=checkpoint.number)


async def _check_entries(report: Report, checkpoint: Checkpoint, entries: Stream[Any]) -> None:
    root, rows = Root(), 0
    async for row in entries.while_(lambda row: row["checkpoint"] <= checkpoint.number):
        entry = Entry.of(row)
        rows += len(entry.ids)
        root.add(entry.content())
    if (root.digest(), rows, root.leaves) != (checkpoint.root, checkpoint.rows, checkpoint.chains):
        report.add("The checkpoint's entries are not those that were signed.", checkpoint=checkpoint.number)


def is_signed(content: bytes, signature: bytes, key: OKPKey) -> bool:
    """Whether the audit key signed this."""
    public = key.public_key
    if not isinstance(public, Ed25519PublicKey):
        return False
    try:
        public.verify(signature, content)
    except InvalidSignature:
        return False
    return True


class Lines:
    """The file's lines beside the database's checkpoints; the first difference is noted."""

    def __init__(self, lines: Iterator[Line], key: OKPKey, after: int) -> None:
        self._lines = (line for line in lines if line.number > after or line.number < 0)
        self._key = key
        self._is_bad = False

    def compare(self, report: Report, checkpoint: Checkpoint) -> None:
        """Compare a checkpoint with the next line; the file may end a little earlier than the database."""
        line = None if self._is_bad else next(self._lines, None)
        if line is None:
            return
        if not is_signed(line.content, line.signature, self._key):
            what = "A line of the file of checkpoints was altered"
        elif line.number != checkpoint.number:
            what = f"The file of checkpoints goes on with checkpoint {line.number} instead"
        elif line.content != checkpoint.content():
            what = "The checkpoint is another than the one in the file"
        else:
            return
        self._is_bad = True
        report.add(f"{what}.", checkpoint=checkpoint.number)

    def end(self, report: Report) -> None:
        """Note what the file has and the database lacks."""
        line = None if self._is_bad else next(self._lines, None)
        if line is None:
            return
        if is_signed(line.content, line.signature, self._key):
            what = "The checkpoint is in the file and not in the database: it was deleted, or this is an older state."
            report.add(what, checkpoint=line.number)
        else:
            report.add("A line of the file of checkpoints was altered.")
