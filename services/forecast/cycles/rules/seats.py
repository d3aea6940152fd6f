"""Seats: the reporting lines as they were when the cycle opened.

A seat's superior never changes within the cycle; who holds it may (a leaver's seat passes on), and a person
new to the cycle gets a seat below their superior's by a recorded decision.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the org chart; one who is not active takes no seat."""

    person_id: UUID
    superior_id: UUID | None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """A seat to be: whose, below whom (nearest first), on which level (1 has nobody below)."""

    person_id: UUID
    superiors: tuple[UUID, ...]
    level: int

    @property
    def superior_id(self) -> UUID | None:
        """The person whose seat gathers this one; None at the top."""
        return self.superiors[0] if self.superiors else None


class NobodyTakesPart(RuleViolated):
    """Nobody would have a seat."""

    code = "nobody_takes_part"


class ParticipantUnknown(RuleViolated):
    """A person named as head of those who take part is not active in the org chart."""

    code = "participant_unknown"
    members: ClassVar[tuple[str, ...]] = ("person_ids",)

    def __init__(self, person_ids: Sequence[UUID]) -> None:
        names = ", ".join(str(person_id) for person_id in person_ids)
        super().__init__(f"Not an active person of the org chart: {names}.", field="/head_ids")
        self.person_ids = [str(person_id) for person_id in person_ids]


class HasSeatAlready(Conflict):
    """The person takes part in the cycle already."""

    code = "has_seat_already"


class SeatOfAnother(NotAllowed):
    """Only a superior in the frozen line, or sales operations, decides who joins or succeeds, never for oneself."""

    code = "seat_of_another"


def freeze(members: Sequence[Member], heads: Collection[UUID], principals: Collection[UUID]) -> list[SeatPlan]:
    """Return the seats of a cycle, superiors before those below them.

    With heads, everybody at or below one of them takes part. Without, everybody does who stands in a reporting
    line or owns an opportunity. Who reports to somebody that left reports to the next superior who is there.

    Raises:
        ParticipantUnknown: a head is not an active person.
        NobodyTakesPart: no seat would be made.
    """
    chart = {member.person_id: member for member in members}
    unknown = [head for head in heads if head not in chart or not chart[head].is_active]
    if unknown:
        raise ParticipantUnknown(unknown)
    lines = {member.person_id: _superiors(chart, member) for member in members if member.is_active}
    lines = _below(lines, frozenset(heads)) if heads else _in_a_line(lines, frozenset(principals))
    if not lines:
        raise NobodyTakesPart("No active person stands in a reporting line: nobody would take part.")
    levels = _levels(lines)
    by_depth = sorted(lines.items(), key=lambda entry: (len(entry[1]), entry[0]))
    return [SeatPlan(person_id, line, levels[person_id]) for person_id, line in by_depth]


def _superiors(chart: Mapping[UUID, Member], member: Member) -> tuple[UUID, ...]:
    line: list[UUID] = []
    above = member.superior_id
    while above is not None and above in chart:
        if chart[above].is_active:
            line.append(above)
        above = chart[above].superior_id
    return tuple(line)


def _below(lines: Mapping[UUID, tuple[UUID, ...]], heads: frozenset[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Keep who is a head or below one, with their line up to the highest head."""
    kept: dict[UUID, tuple[UUID, ...]] = {}
    for person_id, line in lines.items():
        whole = (person_id, *line)
        last_head = max((place for place, above in enumerate(whole) if above in heads), default=None)
        if last_head is not None:
            kept[person_id] = whole[1 : last_head + 1]
    return kept


def _in_a_line(lines: Mapping[UUID, tuple[UUID, ...]], principals: frozenset[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    have_reports = {line[0] for line in lines.values() if line}
    return {
        person_id: line
        for person_id, line in lines.items()
        if line or person_id in have_reports or person_id in principals
    }


def _levels(lines: Mapping[UUID, tuple[UUID, ...]]) -> dict[UUID, int]:
    levels = dict.fromkeys(lines, 1)
    for person_id in sorted(lines, key=lambda each: len(lines[each]), reverse=True):
        if lines[person_id]:
            superior = lines[person_id][0]
            levels[superior] = max(levels[superior], levels[person_id] + 1)
    return levels


def raised_levels(line: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    """Return the seats above a new one, nearest first with their levels, whose level must rise, with the new level."""
    raised: dict[UUID, int] = {}
    below = 1
    for seat_id, level in line:
        if level > below:
            break
        below += 1
        raised[seat_id] = below
    return raised


def check_decides_on_seats(
    viewer_id: UUID,
    *,
    persons: Collection[UUID],
    holders_above: Collection[UUID],
    is_operations: bool,
    concerned: Collection[UUID],
) -> None:
    """Refuse a change of seats by anybody but a superior in the frozen line or sales operations, or for oneself.

    `persons` are who acts and, if they stand in, for whom: the seat may concern neither.
    """
    if not set(persons).isdisjoint(concerned):
        raise SeatOfAnother("Nobody decides on their own seat: a superior in the line, or sales operations, does.")
    if viewer_id not in holders_above and not is_operations:
        raise SeatOfAnother("Only a superior in the frozen reporting line, or sales operations, decides on a seat.")
