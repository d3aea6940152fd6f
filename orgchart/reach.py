"""How far a viewer sees along the reporting line, by the chart in memory."""

from collections.abc import Mapping
from uuid import UUID

from orgchart.chart import Member
from orgchart.viewer import Viewer


def people_of(viewer: Viewer, members: Mapping[UUID, Member]) -> list[UUID]:
    """Return whom the viewer acts as and everybody below them, directly or not."""
    return subtree_of(viewer.acts_as, members) if viewer.acts_as else []


def subtree_of(person_id: UUID, members: Mapping[UUID, Member]) -> list[UUID]:
    """Return somebody and everybody below them, directly or not; nobody where the chart does not know them."""
    top = members.get(person_id)
    if top is None:
        return []
    inside = top.path + "."  # by the chart that is asked; the viewer's own path may be of one before it
    return [one.id for one in members.values() if one.id == top.id or one.path.startswith(inside)]
