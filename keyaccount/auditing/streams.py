"""Rows that come one by one, with a look at the next: several streams in one order are walked together."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

import asyncpg

T = TypeVar("T")
AHEAD = 500


class Stream(Generic[T]):
    """Rows of a query in its order, never more than some hundred of them in memory."""

    def __init__(self, rows: AsyncIterator[T]) -> None:
        self._rows = rows
        self.next: T | None = None

    async def begin(self) -> "Stream[T]":
        """Look at the first row."""
        self.next = await anext(self._rows, None)
        return self

    async def take(self) -> T:
        """Return the next row and look at the one after it."""
        taken = self.next
        if taken is None:
            raise StopAsyncIteration
        self.next = await anext(self._rows, None)
        return taken

    async def while_(self, belongs: Callable[[T], bool]) -> AsyncIterator[T]:
        """Yield the rows that belong, up to the first that does not."""
        while self.next is not None and belongs(self.next):
            yield await self.take()


async def streamed(connection: asyncpg.Connection, query: str, *arguments: object) -> Stream[Any]:
    """Return the rows of a query; the connection is in a transaction."""
    cursor = connection.cursor(query, *arguments, prefetch=AHEAD)
    return await Stream[Any](aiter(cursor)).begin()
