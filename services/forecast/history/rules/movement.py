"""What moved in a seat's forecast between two instants, by cause; the parts add up to the difference, to the cent.

A forecast that was handed in is what all below it confirmed and what all adjusted on the way. So its movement is that
of each opportunity, which has one cause, and that of the adjustments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from servicekit.values.errors import RuleViolated

ZERO = Decimal(0)


class Cause(StrEnum):
    """Why a figure moved, in the order in which it is shown.

    `won`: it has become `closed`. `moved_in`, `moved_out`: it was, or by then is, confirmed in another period.
    `category_changed`: it counts in another category. `adjustment`: what superiors made of it.
    """

    NEW = "new"
    WON = "won"
    MOVED_IN = "moved_in"
    RAISED = "raised"
    LOWERED = "lowered"
    CATEGORY_CHANGED = "category_changed"
    MOVED_OUT = "moved_out"
    WITHDRAWN = "withdrawn"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Part:
    """By how much a figure moved for a cause, and how many opportunities (or seats that adjust) that was."""

    cause: Cause
    amount: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Movement:
    """From what to what, and why: opening + the parts = closing."""

    from_at: datetime
    to_at: datetime
    currency: str
    opening: Decimal
    closing: Decimal
    parts: list[Part]


class InstantsNotInOrder(RuleViolated):
    """A movement goes from an instant to a later one that has come."""

    code = "instants_not_in_order"


class PartsDoNotAddUp(AssertionError):
    """The parts of a movement are not the whole: a bug, never an answer."""


def check_instants(from_at: datetime, to_at: datetime, now: datetime) -> None:
    """Refuse a movement backwards or into the future."""
    if from_at > to_at:
        raise InstantsNotInOrder("from_at lies after to_at: exchange them.", field="query:from_at")
    if to_at > now:
        raise InstantsNotInOrder("to_at lies in the future: ask up to now.", field="query:to_at")


def moved(
    opening: Decimal, closing: Decimal, found: Mapping[Cause, tuple[Decimal, int]]
) -> tuple[Decimal, Decimal, list[Part]]:
    """Return opening, closing and a part for every cause, of which those that are not found are nothing.

    Raises:
        PartsDoNotAddUp: they do not add up.
    """
    parts = [Part(cause, *found.get(cause, (ZERO, 0))) for cause in Cause]
    if opening + sum((part.amount for part in parts), ZERO) != closing:
        raise PartsDoNotAddUp(f"{opening} + {parts} is not {closing}")
    return opening, closing, parts
