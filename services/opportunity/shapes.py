"""Statements of lists, compiled once for each shape: which filters, which order, first page or a later one."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from servicekit.data.statements import Statement

T = TypeVar("T")
MOST_SHAPES = 500


class Shapes(Generic[T]):
    """Keeps statements by shape, the latest used; the number of shapes is bounded."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Statement[T]] = {}

    def statement(self, shape: Hashable, build: Callable[[], Statement[T]]) -> Statement[T]:
        """Return the statement of a shape, built at its first use."""
        found = self._kept.pop(shape, None) or build()
        self._kept[shape] = found
        if len(self._kept) > MOST_SHAPES:
            self._kept.pop(next(iter(self._kept)))
        return found
