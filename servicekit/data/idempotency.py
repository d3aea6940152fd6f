"""Requests that may be sent again: the answer is kept in the transaction of its effect.

The key's row is inserted with the BEGIN, so a second request waits for the first; it is filled with the
COMMIT. Both are literals of hexadecimal digits made here, so that neither costs a round trip.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import asyncpg
import orjson

from servicekit.values.errors import RuleViolated

KEPT_FOR_DAYS = 7
HOLDING = """
SELECT digest, body FROM idempotency
WHERE EXISTS (SELECT FROM unnest($1::bytea[]) AS needle WHERE position(needle IN body) > 0)
ORDER BY digest FOR UPDATE
"""
LONGEST_KEY = 255


class IdempotencyKeyReused(RuleViolated):
    """The key was used with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used with a different request: use a new key for a new request.",
            field="header:Idempotency-Key",
        )


class ClaimTaken(Exception):
    """Another request with the same key has committed."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered first."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """One request's claim on its key, within caller and operation."""

    digest: bytes
    request_digest: bytes

    @classmethod
    def on(cls, key: str, *, caller: str, operation: str, request: bytes) -> Self:
        """Return the claim of a request, `request` being what must be the same when it comes again.

        The key, which is kept nowhere, salts the digest: a body may hold a password.
        """
        scope = f"{caller}\x00{operation}\x00{key}".encode()
        return cls(hashlib.sha256(scope).digest(), hashlib.sha256(scope + b"\x00" + request).digest())

    def part(self, number: int) -> "Claim":
        """Return the claim of one part of the request, which is committed by itself."""
        digest = hashlib.sha256(self.digest + number.to_bytes(4)).digest()
        return Claim(digest, self.request_digest)

    def insertion(self) -> str:
        """Return the SQL that takes the key, to be sent with a BEGIN."""
        return (
            "INSERT INTO idempotency(digest,request_digest)"
            f"VALUES('\\x{self.digest.hex()}','\\x{self.request_digest.hex()}');"
        )

    def keeping(self, answer: KeptAnswer) -> str:
        """Return the SQL that keeps the answer, to be sent with a COMMIT."""
        headers = orjson.dumps(dict(answer.headers)).hex()
        kept = f"status={int(answer.status)},headers=convert_from('\\x{headers}','UTF8')::jsonb"
        return f"UPDATE idempotency SET {kept},body='\\x{answer.body.hex()}'WHERE digest='\\x{self.digest.hex()}';"  # noqa: S608 (hexadecimal digits of our own making)

    async def find(self, pool: asyncpg.Pool) -> KeptAnswer | None:
        """Return the answer kept for this request, or None.

        Raises:
            IdempotencyKeyReused: the key was used with another request.
        """
        row = await pool.fetchrow(
            "SELECT request_digest, status, headers, body FROM idempotency WHERE digest = $1", self.digest
        )
        if row is None or row["status"] is None:
            return None
        if row["request_digest"] != self.request_digest:
            raise IdempotencyKeyReused
        return KeptAnswer(row["status"], row["headers"], row["body"])


async def rewrite_answers(
    connection: asyncpg.Connection, needles: Sequence[bytes], rewrite: Callable[[bytes], bytes]
) -> int:
    """Rewrite the kept answers whose body holds one of the needles; return how many."""
    found = await connection.fetch(HOLDING, list(needles))
    changes = [(row["digest"], rewrite(row["body"])) for row in found]
    await connection.executemany("UPDATE idempotency SET body = $2 WHERE digest = $1", changes)
    return len(changes)


async def forget_old(pool: asyncpg.Pool) -> None:
    """Delete the answers that need not be kept any more."""
    await pool.execute("DELETE FROM idempotency WHERE at < now() - make_interval(days => $1)", KEPT_FOR_DAYS)
