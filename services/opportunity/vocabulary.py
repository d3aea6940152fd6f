"""Words that every feature of the service uses."""

from enum import StrEnum


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
