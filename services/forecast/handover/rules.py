"""What an ERP's answer to a demand plan means, how far a hand-over has come, and when it is told of again."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated

ACKNOWLEDGES = "demand_plans:acknowledge"
"""The scope by which a machine client takes plans in; who has it is expected to answer."""

MOST_ANSWERS = 500
LONGEST_PAUSE = timedelta(days=1)
_DOUBLED_AT_MOST = 30


class Verdict(StrEnum):
    """What an ERP says of a line."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"


class RejectionReason(StrEnum):
    """Why an ERP could not take a line in."""

    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_PLACE = "unknown_place"
    UNIT_DIFFERS = "unit_differs"
    PERIOD_CLOSED = "period_closed"
    NOT_PLANNED = "not_planned"
    OTHER = "other"


class HandoverState(StrEnum):
    """How far an ERP has answered: not at all, in part, or every line (some of them perhaps with a rejection)."""

    OPEN = "open"
    PARTLY = "partly"
    ACKNOWLEDGED = "acknowledged"
    WITH_REJECTIONS = "with_rejections"


class HandoverEnding(StrEnum):
    """Why an answer is waited for no longer, although lines may be open."""

    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    PERIOD_OVER = "period_over"


WAITING = (HandoverState.OPEN, HandoverState.PARTLY)


class MayNotAcknowledge(NotAllowed):
    """Plans are acknowledged by the ERPs that take them in, not by people."""

    code = "may_not_acknowledge"

    def __init__(self) -> None:
        super().__init__(f"An ERP answers for itself: a machine client with the scope {ACKNOWLEDGES}.")


class MayNotTellAgain(NotAllowed):
    """ERPs are told by those who plan production, or by sales operations."""

    code = "may_not_tell_again"

    def __init__(self) -> None:
        super().__init__("Production planning or sales operations has an ERP told again.")


class NothingToTell(Conflict):
    """Every line is acknowledged, or nobody waits for an answer to this version any more."""

    code = "nothing_to_tell"

    def __init__(self, why: str) -> None:
        super().__init__(f"There is nothing to tell the ERP of: {why}.")


class PlanLineUnknown(RuleViolated):
    """The plan has no such line; another version may have."""

    code = "plan_line_unknown"

    def __init__(self, line_id: UUID, place: int) -> None:
        super().__init__(
            f"This version of the plan has no line {line_id}: read the lines of this version.",
            field=f"/answers/{place}/line_id",
        )


class LineAnsweredTwice(RuleViolated):
    """One request answers a line twice."""

    code = "line_answered_twice"

    def __init__(self, place: int) -> None:
        super().__init__("The line is answered further up already: answer it once.", field=f"/answers/{place}/line_id")


class RejectionIncomplete(RuleViolated):
    """A rejection says why, in a word and in a sentence; an acknowledgement has no reason."""

    code = "rejection_incomplete"


@dataclass(frozen=True, slots=True)
class Said:
    """What an ERP says of a line; `reference` is what it calls what it made of it."""

    verdict: Verdict
    reason_code: RejectionReason | None = None
    reason: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines there are to answer, and how many have which answer."""

    lines: int
    acknowledged: int = 0
    rejected: int = 0

    @property
    def open(self) -> int:
        """How many have no answer."""
        return self.lines - self.acknowledged - self.rejected

    @property
    def state(self) -> HandoverState:
        """How far the ERP has answered; of a plan without lines nothing is left to say."""
        if self.open:
            return HandoverState.PARTLY if self.open < self.lines else HandoverState.OPEN
        return HandoverState.WITH_REJECTIONS if self.rejected else HandoverState.ACKNOWLEDGED


def check_answers(answers: Sequence[tuple[UUID, Said]], known: Collection[UUID]) -> None:
    """Refuse answers to lines that the plan does not have, twice to one, and rejections without a reason."""
    seen: set[UUID] = set()
    for place, (line_id, said) in enumerate(answers):
        if line_id not in known:
            raise PlanLineUnknown(line_id, place)
        if line_id in seen:
            raise LineAnsweredTwice(place)
        seen.add(line_id)
        _check_reason(said, place)


def _check_reason(said: Said, place: int) -> None:
    is_rejected = said.verdict is Verdict.REJECTED
    for name, given in (("reason_code", said.reason_code), ("reason", said.reason)):
        if is_rejected != (given is not None):
            why = "A rejection says why." if is_rejected else "Only a rejection has a reason: leave it out."
            raise RejectionIncomplete(why, field=f"/answers/{place}/{name}")


def news(answers: Iterable[tuple[UUID, Said]], present: Mapping[UUID, Said]) -> list[tuple[UUID, Said]]:
    """Return the answers that say something else than the last one to the same line: a repetition is none."""
    return [(line_id, said) for line_id, said in answers if present.get(line_id) != said]


def counted(tally: Tally, told: Iterable[tuple[UUID, Said]], present: Mapping[UUID, Said]) -> Tally:
    """Return how the lines stand after some answers, each of which takes the place of the last one to its line."""
    change: Counter[Verdict] = Counter()
    for line_id, said in told:
        change[said.verdict] += 1
        before = present.get(line_id)
        if before is not None:
            change[before.verdict] -= 1
    return Tally(
        tally.lines, tally.acknowledged + change[Verdict.ACKNOWLEDGED], tally.rejected + change[Verdict.REJECTED]
    )


def check_worth_telling(tally: Tally, *, is_over: bool) -> None:
    """Refuse to tell of a version that nobody waits for, or of which every line is acknowledged."""
    if is_over:
        raise NothingToTell("this version is superseded, or its answer is waited for no longer")
    if tally.acknowledged == tally.lines:
        raise NothingToTell("it has acknowledged every line")


def reasons_of(told: Iterable[tuple[UUID, Said]]) -> dict[str, int]:
    """Return how many of some answers reject their line, by the word that says why."""
    words = sorted(said.reason_code.value for _, said in told if said.reason_code is not None)
    return dict(Counter(words))


def next_telling(told: int, at: datetime, first_pause: timedelta) -> datetime:
    """Return when an ERP that has been told so often, the last time at an instant, is told again.

    The pause doubles each time, from the first one up to a day (or the first one, if that is longer).
    """
    doubled = first_pause * (1 << min(max(told - 1, 0), _DOUBLED_AT_MOST))
    return at + min(doubled, max(LONGEST_PAUSE, first_pause))
