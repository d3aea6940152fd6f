"""How far a viewer sees along the reporting line, which decides the form of their lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from orgchart.chart import Member
from orgchart.reach import people_of
from orgchart.viewer import Viewer

FEW = 40
"""Up to so many people a list asks each one's index, or leaves them out; in between it looks who is among them."""


HUNDREDS = 200
"""Up to so many people the planner weighs how much each of them has; beyond, that takes longer than the list."""


class Breadth(Enum):
    """The forms of a list."""

    EVERYTHING = "everything"
    MOST = "most"
    FEW = "few"
    MANY = "many"
    MULTITUDE = "multitude"


@dataclass(frozen=True, slots=True)
class Reach:
    """The breadth, and the people: those seen, or, where most are, those not seen."""

    breadth: Breadth
    people: list[UUID]
    _named: frozenset[UUID] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", frozenset(self.people))

    def includes(self, person_id: UUID | None) -> bool:
        """Whether somebody is among those seen."""
        if person_id is None or self.breadth is Breadth.EVERYTHING:
            return person_id is not None
        return (person_id in self._named) != (self.breadth is Breadth.MOST)


EVERYTHING = Reach(Breadth.EVERYTHING, [])


MOST_REMEMBERED = 10_000
_remembered: dict[tuple[UUID | None, int, int], tuple[Mapping[UUID, Member], Reach]] = {}
"""By whom the viewer acts as, with the chart that it was worked out from: another chart is another mapping."""


def reach_of(viewer: Viewer, members: Mapping[UUID, Member]) -> Reach:
    """Return how far a viewer sees; whoever stands above every person sees everything."""
    if viewer.sees_all:
        return EVERYTHING
    key = (viewer.acts_as, FEW, HUNDREDS)
    found = _remembered.get(key)
    if found is None or found[0] is not members:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        found = _remembered[key] = (members, _reach(viewer, members))
    return found[1]


def _reach(viewer: Viewer, members: Mapping[UUID, Member]) -> Reach:
    people = people_of(viewer, members)
    if len(people) <= FEW:
        return Reach(Breadth.FEW, people)
    seen = set(people)
    others = [one for one in members.values() if one.id not in seen]
    if not any(one.kind == "person" for one in others):
        return EVERYTHING
    if len(others) <= FEW:
        return Reach(Breadth.MOST, [one.id for one in others])
    return Reach(Breadth.MANY if len(people) <= HUNDREDS else Breadth.MULTITUDE, people)
