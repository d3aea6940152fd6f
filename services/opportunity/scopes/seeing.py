"""How far the viewer of a request sees, by the org chart that the process holds."""

from typing import Annotated

from fastapi import Depends, Request

from orgchart.following import chart_of
from orgchart.viewer import CurrentViewer
from servicekit.web.service import service_of
from services.opportunity.scopes.reach import Reach, reach_of


async def _reach(request: Request, viewer: CurrentViewer) -> Reach:
    return reach_of(viewer, chart_of(service_of(request)).members)


CurrentReach = Annotated[Reach, Depends(_reach)]
"""How far the viewer sees along the reporting line."""
