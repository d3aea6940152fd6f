"""What a change adds to the counts of its principal: out of one place, into another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from servicekit.values.dates import quarter_of
from services.opportunity.vocabulary import Origin, State

NO_QUARTER = date(1, 1, 1)
"""The quarter of what is not decided yet."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An opportunity as the counts see it; `amount` is None where unknown."""

    principal_id: UUID
    stage: str
    state: str
    decided_on: date | None
    currency: str
    amount: Decimal | None
    origin: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What is added to a person's place (an open stage, `won` or `lost`), by quarter of decision and currency."""

    person_id: UUID
    place: str
    quarter: date
    currency: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated: int
    late: bool


def place_of(stage: str, state: str) -> str:
    """Return where an opportunity is counted: its stage while it is open, else its outcome."""
    return stage if state == State.OPEN else state


def deltas(before: Counted | None, after: Counted | None, *, late: bool = False) -> list[Delta]:
    """Return what a change adds; nothing where the counts see no difference, unless it concerns the past."""
    if before == after and not late:
        return []
    taken = [_delta(before, -1, late)] if before else []
    added = [_delta(after, 1, late)] if after else []
    return [*taken, *added]


def _delta(counted: Counted, sign: int, late: bool) -> Delta:
    known = counted.amount is not None
    return Delta(
        counted.principal_id,
        place_of(counted.stage, counted.state),
        quarter_of(counted.decided_on).start if counted.decided_on else NO_QUARTER,
        counted.currency,
        sign,
        sign * (counted.amount or Decimal(0)),
        0 if known else sign,
        sign if counted.origin == Origin.SIMULATED else 0,
        late,
    )
