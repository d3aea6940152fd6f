"""Route: the map of a customer's people, as data or as a picture."""

from uuid import UUID

from fastapi import Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.customer.relationship_map import actions
from services.customer.relationship_map.actions import ReadMap
from services.customer.relationship_map.rules.drawing import draw
from services.customer.relationship_map.schemas import RelationshipMapAnswer

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])


@router.get(
    "/relationship-map", response_model=RelationshipMapAnswer, responses=problems(NotVisible) | forms("The map")
)
async def get_relationship_map(
    customer_id: UUID, request: Request, viewer: CurrentViewer, tx: CurrentSnapshot
) -> Response:
    """Read who reports to whom, who influences whom and who of ours knows them: as data, or as a picture (SVG)."""
    found = await actions.read(tx, viewer, customer_id)
    if wants_picture(request):
        return as_picture(draw(found.found, found.customer_name))
    return as_data(_data(found))


def _data(found: ReadMap) -> RelationshipMapAnswer:
    return RelationshipMapAnswer.model_validate(
        {
            "customer_id": found.customer_id,
            "nodes": found.found.nodes,
            "edges": found.found.edges,
            "is_cut": found.is_cut,
        }
    )
