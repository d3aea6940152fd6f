"""One superior on each day, never in a circle."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


@dataclass(frozen=True, slots=True)
class Edge:
    """Somebody reports to somebody, from a day and until (not including) another; None is without end."""

    person_id: UUID
    superior_id: UUID
    from_date: date
    until_date: date | None


class DecisionsNotShown(NotAllowed):
    """Why somebody got another superior is no part of the directory."""

    code = "decisions_not_shown"

    def __init__(self) -> None:
        super().__init__(
            "Decisions on somebody's superior are shown to the person, those above them, administrators and auditors; "
            "who stands above whom on a day is in `superiors`."
        )


class UnknownSuperior(RuleViolated):
    """Nobody of this id can be a superior."""

    code = "unknown_superior"

    def __init__(self) -> None:
        super().__init__("There is no person of this id; a machine client is nobody's superior.", field="/superior_id")


class SuperiorHasLeft(RuleViolated):
    """The superior is there no longer on that day."""

    code = "superior_has_left"

    def __init__(self, left_on: date) -> None:
        super().__init__(f"They are there until {left_on} only.", field="/superior_id")


class LineInCircle(RuleViolated):
    """Somebody would report to themselves, through others or not."""

    code = "line_in_circle"
    members = ("on",)

    def __init__(self, on: date) -> None:
        super().__init__(
            f"From {on} on they would report to themselves: change the superior of whoever is in between first.",
            field="/superior_id",
        )
        self.on = on


class SuperiorUnchanged(Conflict):
    """The line is so already, from that day on."""

    code = "superior_unchanged"

    def __init__(self) -> None:
        super().__init__("The reporting line is so already, from that day on.")


def check_reads_decisions(
    reader: UUID | None, person_id: UUID, superiors: Collection[UUID], *, reads_audit: bool
) -> None:
    """Refuse whoever is neither the person, above them today, nor entitled to the audit trail."""
    if not (reads_audit or reader == person_id or reader in superiors):
        raise DecisionsNotShown


def circle_begins(edges: Iterable[Edge], person_id: UUID, superior_id: UUID, from_date: date) -> date | None:
    """Return the first day on which somebody would report to themselves, if they got that superior from a day on.

    `edges` are in no circle themselves and contain at least those of the superior and of everybody above them.
    """
    upwards: dict[UUID, list[Edge]] = defaultdict(list)
    for edge in edges:
        upwards[edge.person_id].append(edge)
    first: date | None = None
    to_visit: list[tuple[UUID, date, date | None]] = [(superior_id, from_date, None)]
    while to_visit:
        somebody, start, end = to_visit.pop()
        if somebody == person_id:
            first = start if first is None else min(first, start)
            continue
        for edge in upwards[somebody]:
            overlap_start, overlap_end = max(start, edge.from_date), _earlier(end, edge.until_date)
            if overlap_end is None or overlap_start < overlap_end:
                to_visit.append((edge.superior_id, overlap_start, overlap_end))
    return first


def check_no_circle(edges: Iterable[Edge], person_id: UUID, superior_id: UUID, from_date: date) -> None:
    """Refuse a superior who would report to their own subordinate on any day from then on."""
    begins = circle_begins(edges, person_id, superior_id, from_date)
    if begins is not None:
        raise LineInCircle(begins)


def line_after(own: Sequence[Edge], person_id: UUID, superior_id: UUID | None, from_date: date) -> list[Edge]:
    """Return somebody's edges after a change from a day on: what was in force ends then, what was planned falls away.

    Raises:
        SuperiorUnchanged: nothing would be different on any day.
    """
    kept = [
        replace(edge, until_date=_earlier(edge.until_date, from_date)) for edge in own if edge.from_date < from_date
    ]
    new = [] if superior_id is None else [Edge(person_id, superior_id, from_date, None)]
    if _spans([*kept, *new]) == _spans(own):
        raise SuperiorUnchanged
    return [*kept, *new]


def superior_on(own: Iterable[Edge], day: date) -> UUID | None:
    """Return the superior on a day."""
    return next((edge.superior_id for edge in own if _covers(edge, day)), None)


def check_superior(kind: str, left_on: date | None, from_date: date) -> None:
    """Refuse a machine client as a superior, and whoever is there no longer."""
    if kind != "person":
        raise UnknownSuperior
    if left_on is not None and left_on <= from_date:
        raise SuperiorHasLeft(left_on)


def _spans(edges: Iterable[Edge]) -> list[tuple[UUID, date, date | None]]:
    spans: list[tuple[UUID, date, date | None]] = []
    for edge in sorted(edges, key=lambda edge: edge.from_date):
        if spans and spans[-1][0] == edge.superior_id and spans[-1][2] == edge.from_date:
            spans[-1] = (edge.superior_id, spans[-1][1], edge.until_date)
        else:
            spans.append((edge.superior_id, edge.from_date, edge.until_date))
    return spans


def _covers(edge: Edge, day: date) -> bool:
    return edge.from_date <= day and (edge.until_date is None or day < edge.until_date)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)
