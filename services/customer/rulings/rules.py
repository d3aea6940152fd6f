"""Who looks after a customer by the assignment rules of `team`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the assignment rules say of a customer; nobody looks after it where none of them fits.

    `number` is the version's that was asked; None where nobody could be asked, so that it is asked later.
    """

    account_manager_id: UUID | None
    number: int | None
    rule_name: str | None


LATER = Ruling(None, None, None)
"""Nobody could be asked: the customer waits in the queue until somebody can."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """What the rules in force say, one for each that was asked about; `number` is None where none are in force."""

    number: int | None
    of: list[Ruling]


Ask = Callable[[Sequence[Mapping[str, Any]]], Awaitable[Rulings | None]]
"""Asks the rules about customers, by their attributes; None where they cannot be asked now."""
