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
from orgchart.viewer import Viewer
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


async def _reach(request: Request) -> Reach:
    return Reach(chart_of(service_of(request)).members)


CurrentReach = Annotated[Reach, Depends(_reach)]
ViewersPeople = Annotated[list[UUID], Depends(_people)]
"""Empty for those who see everything."""


async def _zone(request: Request) -> ZoneInfo:
    return service_of(request).settings.time_zone


CurrentZone = Annotated[ZoneInfo, Depends(_zone)]
"""The enterprise's time zone, in which its days begin."""
