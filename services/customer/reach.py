"""The people whose customers a viewer sees: themselves and everybody below them, by the chart in memory."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from orgchart.following import chart_of
from orgchart.viewer import Viewer
from servicekit.web.service import service_of


async def _people(request: Request) -> list[UUID]:
    viewer: Viewer = request.state.caller
    if viewer.sees_all:
        return []
    inside = viewer.path + "."
    members = chart_of(service_of(request)).members.values()
    return [one.id for one in members if one.id == viewer.acts_as or one.path.startswith(inside)]


ViewersPeople = Annotated[list[UUID], Depends(_people)]
"""Empty for those who see everything."""
