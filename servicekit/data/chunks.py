"""Chunks of a batch: some items in one transaction, an answer for each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from uuid import UUID

from servicekit.data.transactions import Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import KeyaccountError

T = TypeVar("T")

Result = Literal["created", "updated", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one item."""

    outcome: Result
    id: UUID | None


ChunkResult = Sequence[Done | KeyaccountError]
Chunk = Callable[[Writing, Sequence[T]], Awaitable[ChunkResult]]
"""Applies some items in one transaction; answers for each, in order."""


def one_by_one(step: Callable[[Writing, T], Awaitable[Done]]) -> Chunk[T]:
    """Apply items one after the other, so that a refused one leaves the others of its chunk standing.

    Where somebody else is at the same rows the whole chunk is given up: a refusal would be kept and answered
    again to whoever sends the batch again, as they must.
    """

    async def apply(tx: Writing, items: Sequence[T]) -> ChunkResult:
        results: list[Done | KeyaccountError] = []
        for item in items:
            try:
                async with tx.savepoint():
                    results.append(await step(tx, item))
            except Busy:
                raise
            except KeyaccountError as error:
                results.append(error)
        return results

    return apply
