"""Walking along the lines of several results at once: all are in the order of the lines, and only one line is held."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from services.forecast.comparison.rules.comparing import Key

T = TypeVar("T")
Lines = AsyncIterator[tuple[Key, list[T]]]


async def by_line(rows: AsyncIterator[T], key_of: Callable[[T], Key]) -> Lines[T]:
    """Yield each line with its rows, which are neighbours."""
    key, found = None, list[T]()
    async for row in rows:
        of_row = key_of(row)
        if key is not None and of_row != key:
            yield key, found
            found = []
        key = of_row
        found.append(row)
    if key is not None:
        yield key, found


async def side_by_side(*sides: Lines[Any]) -> AsyncIterator[tuple[Key, list[list[Any]]]]:
    """Yield each line that a side has, with what every one has of it: nothing where it does not know the line."""
    heads = [await anext(side, None) for side in sides]
    while known := [head[0] for head in heads if head is not None]:
        key = min(known, key=lambda each: each.order)
        yield key, [head[1] if head is not None and head[0] == key else [] for head in heads]
        heads = [
            await anext(side, None) if head is not None and head[0] == key else head
            for side, head in zip(sides, heads, strict=True)
        ]
