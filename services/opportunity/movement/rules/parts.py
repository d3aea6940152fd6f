"""In which part of a movement is an opportunity? In exactly one that leaves or enters, or it is in at both dates.

An opportunity is *in* at a date if it is open, within the scope (by its owner, customer or product lines of that date)
and, where a period is asked for, expected to close in it. (NUMBERS, Movement between two dates.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.opportunity.vocabulary import State


class Part(StrEnum):
    """The parts, in the order in which they are added up.

    `new` was not open at the start: it came later, or it had been closed and was reopened. `left` has another owner,
    customer or product, `moved_out` another expected close. `raised` and `lowered` are in at both dates.
    """

    OPENING = "opening"
    NEW = "new"
    ENTERED = "entered"
    MOVED_IN = "moved_in"
    RAISED = "raised"
    LOWERED = "lowered"
    WON = "won"
    LOST = "lost"
    LEFT = "left"
    MOVED_OUT = "moved_out"
    CLOSING = "closing"


ENTERING = (Part.NEW, Part.ENTERED, Part.MOVED_IN)
LEAVING = (Part.WON, Part.LOST, Part.LEFT, Part.MOVED_OUT)
TAKEN_AWAY = frozenset({Part.LOWERED, *LEAVING})
"""Parts that make the closing less than the opening."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides of an opportunity which parts it is in.

    `was_open` holds for whoever was open at the start, in the scope or not; `state` is the one at the end.
    `direction` is the sign of what its amount changed by and `step` that of how far it went in the funnel, both 0
    unless it is in at both dates.
    """

    was_in: bool
    is_in: bool
    was_open: bool
    state: State
    direction: int
    step: int

    @property
    def stays(self) -> bool:
        """Whether it is in at both dates."""
        return self.was_in and self.is_in


@dataclass(frozen=True, slots=True)
class Alike(Facts):
    """Opportunities that moved alike, as many as `count`.

    Branches say where within the scope each stood, None where it was outside; `existed` holds for whatever was opened
    by the start. Amounts are sums of the known ones in their own currency. What is told of an end at which they were
    not in is of no meaning.
    """

    start_branch: UUID | None
    end_branch: UUID | None
    existed: bool
    start_version: int
    start_stage: str
    start_currency: str
    end_version: int
    end_stage: str
    end_currency: str
    count: int
    simulated: int
    start_amount: Decimal
    start_unknown: int
    end_amount: Decimal
    end_unknown: int


def leaving(state: State, *, is_within: bool) -> Part:
    """Return why what was in is not in any more: the first cause that applies."""
    if state is State.WON:
        return Part.WON
    if state is State.LOST:
        return Part.LOST
    return Part.MOVED_OUT if is_within else Part.LEFT


def entering(*, was_open: bool, was_within: bool) -> Part:
    """Return why what was not in is in now: the first cause that applies.

    What was closed at the start was in nobody's pipeline: reopened, it is new to it, whoever had owned it.
    """
    if not was_open:
        return Part.NEW
    return Part.MOVED_IN if was_within else Part.ENTERED


def changed(direction: int) -> Part | None:
    """Return the part of what is in at both dates; None where its amount is the same."""
    if direction == 0:
        return None
    return Part.RAISED if direction > 0 else Part.LOWERED


def parts_of(one: Facts, row: UUID | str, start_row: UUID | str | None, end_row: UUID | str | None) -> Iterator[Part]:
    """Return the parts that one has in a row, which is a scope or a part of it; the other rows are where it stood.

    What goes from one row to another leaves the first and enters the second, unless it was closed meanwhile: then it
    was won or lost by who had it at the start.
    """
    was_here, is_here = one.was_in and start_row == row, one.is_in and end_row == row
    if was_here:
        yield Part.OPENING
    if was_here and is_here:
        part = changed(one.direction)
        if part is not None:
            yield part
    elif was_here:
        yield leaving(one.state, is_within=end_row == row)
    elif is_here:
        yield entering(was_open=one.was_open, was_within=start_row == row)
    if is_here:
        yield Part.CLOSING
