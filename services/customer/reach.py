"""The people whose customers a viewer sees: themselves and everybody below them, by the chart in memory."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from orgchart.following import chart_of
from orgchart.reach import people_of
from orgchart.viewer import Viewer
from servicekit.web.service import service_of


async def _people(request: Request) -> list[UUID]:
    viewer: Viewer = request.state.caller
    if viewer.sees_all:
        return []
    return people_of(viewer, chart_of(service_of(request)).members)


ViewersPeople = Annotated[list[UUID], Depends(_people)]
"""Empty for those who see everything."""
