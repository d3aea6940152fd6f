"""How far a viewer sees along the reporting line, by the chart in memory."""

from collections.abc import Mapping
from uuid import UUID

from orgchart.chart import Member
from orgchart.viewer import Viewer


def people_of(viewer: Viewer, members: Mapping[UUID, Member]) -> list[UUID]:
    """Return whom the viewer acts as and everybody below them, directly or not."""
    inside = viewer.path + "."
    return [one.id for one in members.values() if one.id == viewer.acts_as or one.path.startswith(inside)]
