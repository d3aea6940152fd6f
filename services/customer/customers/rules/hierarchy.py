"""Groups of companies: any depth, no cycles."""

from collections.abc import Collection, Sequence
from uuid import UUID

from servicekit.values.errors import RuleViolated


class HierarchyCycle(RuleViolated):
    """A company would stand above itself; `path` says through whom, from the new parent up, as far as that is shown."""

    code = "hierarchy_cycle"
    members = ("path",)

    def __init__(self, path: Sequence[UUID]) -> None:
        super().__init__("A company cannot stand above itself.", field="/parent_id")
        self.path = [str(step) for step in path]


def check_parent(company: UUID, line_from_parent: Sequence[UUID], shown: Collection[UUID]) -> None:
    """Refuse a parent that stands below the company, or is it; the line begins with the new parent and goes up.

    Of the line whoever asks is told those that are `shown` to them.
    """
    if company in line_from_parent:
        line = line_from_parent[: line_from_parent.index(company) + 1]
        raise HierarchyCycle([each for each in line if each in shown])
