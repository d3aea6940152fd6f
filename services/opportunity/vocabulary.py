"""Words that every feature of the service uses."""

from enum import StrEnum


class Value(StrEnum):
    """What an opportunity is worth by its assessment: `undecided` while unanswered questions could turn it."""

    HIGH = "high"
    NOT_HIGH = "not_high"
    UNDECIDED = "undecided"


DIMENSIONS = ("opportunity_exists", "we_can_compete", "we_can_win", "worth_winning")
"""The dimensions of the first assessment model, whose scores an opportunity carries, if its model has them."""


class State(StrEnum):
    """Whether an opportunity is still worked on, or how it ended."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Origin(StrEnum):
    """Where the data come from; simulated ones are said to be so wherever they are shown."""

    ENTERED = "entered"
    IMPORTED = "imported"
    SIMULATED = "simulated"
