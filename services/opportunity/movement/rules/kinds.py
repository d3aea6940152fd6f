"""What the opportunities behind a part have in common, in the words of the database."""

from enum import StrEnum
from functools import cache
from itertools import product

from services.opportunity.movement.rules.figures import WHOLE
from services.opportunity.movement.rules.parts import Facts, parts_of
from services.opportunity.vocabulary import State


class Kind(StrEnum):
    """A part whose opportunities can be listed; advanced and slipped are among those in at both dates."""

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
    ADVANCED = "advanced"
    SLIPPED = "slipped"


_SIGNS = (-1, 0, 1)


@cache
def facts_of(kind: Kind) -> list[str]:
    """Return every combination of facts that belongs to a part, so that the rule is told in one place only."""
    return [told for told, kinds in _every_combination() if kind in kinds]


def _every_combination() -> list[tuple[str, set[str]]]:
    found = []
    truth = (False, True)
    for was_in, is_in, was_open, start_within, end_within in product(truth, repeat=5):
        for state, direction, step in product(State, _SIGNS, _SIGNS):
            facts = Facts(was_in, is_in, was_open, state, direction, step)
            rows = (WHOLE if start_within else None, WHOLE if end_within else None)
            kinds: set[str] = set(parts_of(facts, WHOLE, *rows))
            kinds |= {Kind.ADVANCED} if step > 0 else {Kind.SLIPPED} if step < 0 else set()
            flags = "".join(str(int(flag)) for flag in (was_in, is_in, was_open, start_within, end_within))
            found.append((f"{flags}{state} {direction} {step}", kinds))
    return found
