"""People in a reporting line: a head, directors, regions, areas, teams of ten; the same ones for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

CAPACITIES = (2000, 666, 110, 10, 0)
"""How many people a director, a region's, an area's and a team's manager and a seller have below them."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the reporting line; `level` is 0 for the head."""

    id: UUID
    name: str
    superior_id: UUID | None
    path: str
    level: int
    roles: Sequence[str] = ()


@dataclass
class Organisation:
    """The people, from the top down, and those in whose name the bench asks."""

    people: list[Worker] = field(default_factory=list)
    below: dict[UUID, int] = field(default_factory=dict)

    @property
    def head(self) -> Worker:
        """Who stands above everybody."""
        return self.people[0]

    @property
    def manager(self) -> Worker:
        """The first director, with 2,000 people below (fewer in a small organisation)."""
        return self._first(1)

    @property
    def small_manager(self) -> Worker:
        """The first team's manager, with ten sellers below."""
        return next(one for one in self.people if 0 < self.below[one.id] <= CAPACITIES[-2])

    @property
    def operations(self) -> Worker:
        """Somebody beside the line who sees everything by their role."""
        return self.people[-1]

    @property
    def sellers(self) -> list[Worker]:
        """Everybody with nobody below, who sells."""
        return [one for one in self.people if not self.below[one.id] and not one.roles]

    def team_of(self, manager: Worker) -> list[Worker]:
        """Return those who report to a manager directly."""
        return [one for one in self.people if one.superior_id == manager.id]

    def _first(self, level: int) -> Worker:
        return next(one for one in self.people if one.level == level)


def organisation(people: int) -> Organisation:
    """Return an organisation of so many people, one of whom stands beside the line."""
    made = Organisation()
    _grow(made, None, people - 2)
    _add(made, None, 0, ("sales_operations",))
    return made


def _grow(made: Organisation, superior: Worker | None, below: int) -> None:
    """Add somebody with so many people below, filling one branch after the other."""
    worker = _add(made, superior, below)
    capacity = CAPACITIES[min(worker.level, len(CAPACITIES) - 1)]
    while below:
        branch = min(below, capacity + 1)
        _grow(made, worker, branch - 1)
        below -= branch


def _add(made: Organisation, superior: Worker | None, below: int, roles: Sequence[str] = ()) -> Worker:
    number = len(made.people) + 1
    identifier = UUID(int=(0x0190_0000_0000 << 80) | (0x7 << 76) | (0x2 << 62) | number)
    path = f"{superior.path}.{identifier.hex}" if superior else identifier.hex
    level = superior.level + 1 if superior else 0
    worker = Worker(identifier, f"Person {number}", superior.id if superior else None, path, level, roles)
    made.people.append(worker)
    made.below[identifier] = below
    return worker
