"""The people whose customers a viewer sees: themselves and everybody below them, by the chart in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from orgchart.chart import Member
from orgchart.following import chart_of
from orgchart.reach import people_of, subtree_of
from orgchart.viewer import NOWHERE, Viewer
from servicekit.web.service import service_of


async def _people(request: Request) -> list[UUID]:
    viewer: Viewer = request.state.caller
    if viewer.sees_all:
        return []
    return people_of(viewer, chart_of(service_of(request)).members)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who stands below whom, by the chart in memory."""

    members: Mapping[UUID, Member]

    def below(self, person_id: UUID) -> list[UUID]:
        """Return somebody and everybody below them; of somebody whom the chart does not know, nobody."""
        return subtree_of(person_id, self.members)

    def subtrees(self, viewer: Viewer, top_id: UUID | None) -> dict[UUID, list[UUID]]:
        """Return everybody whom the viewer may look at, below one person if named, with those below each of them."""
        seen = {one.id for one in self.members.values()} if viewer.sees_all else set(people_of(viewer, self.members))
        wanted = seen if top_id is None else seen & set(self.below(top_id))
        people = [self.members[each] for each in sorted(wanted) if self.members[each].kind == "person"]
        inside: dict[str, list[UUID]] = {one.path: [] for one in people}
        for one in people:
            steps = one.path.split(".")
            for depth in range(1, len(steps) + 1):
                above = ".".join(steps[:depth])
                if above in inside:
                    inside[above].append(one.id)
        return {one.id: inside[one.path] if one.path != NOWHERE else [one.id] for one in people}


async def _reach(request: Request) -> Reach:
    return Reach(chart_of(service_of(request)).members)


CurrentReach = Annotated[Reach, Depends(_reach)]
ViewersPeople = Annotated[list[UUID], Depends(_people)]
"""Empty for those who see everything."""


async def _zone(request: Request) -> ZoneInfo:
    return service_of(request).settings.time_zone


CurrentZone = Annotated[ZoneInfo, Depends(_zone)]
"""The enterprise's time zone, in which its days begin."""
