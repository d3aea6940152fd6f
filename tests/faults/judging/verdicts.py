"""What a judge says."""

from dataclasses import dataclass
from enum import StrEnum


class Broken(StrEnum):
    """What does not hold."""

    LOST = "an acknowledged change is lost"
    DOUBLED = "a change was made more than once, or one that was refused"
    UNRESOLVED = "the outcome of a request never became known"
    PRINCIPAL = "an opportunity has not exactly one principal at every instant"
    EVENT_LOST = "an event never came"
    EVENT_DOUBLED = "an event came more than once"
    EVENT_ORDER = "events came out of order"
    SUM = "a sum is not that of its parts"
    LEAK = "somebody saw what they may not see"
    HIDDEN = "somebody did not find what they may see"
    AUDIT = "the audit trail is broken"


@dataclass(frozen=True, slots=True)
class Verdict:
    """That something does not hold, and where."""

    broken: Broken
    about: str
    detail: str

    def __str__(self) -> str:
        return f"{self.broken}: {self.about} ({self.detail})"
