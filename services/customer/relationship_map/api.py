"""Route: the map of a customer's people, as data or as a picture."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.customer.relationship_map import actions
from services.customer.relationship_map.actions import ReadMap
from services.customer.relationship_map.rules.drawing import draw
from services.customer.relationship_map.schemas import RelationshipMapAnswer

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])

PICTURE, DATA = "image/svg+xml", "application/json"
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The map, as data or with `Accept: image/svg+xml` as a picture.",
        "content": {PICTURE: {"schema": {"type": "string"}}},
    }
}


@router.get("/relationship-map", response_model=RelationshipMapAnswer, responses=problems(NotVisible) | FORMS)
async def get_relationship_map(
    customer_id: UUID, request: Request, viewer: CurrentViewer, tx: CurrentSnapshot
) -> Response:
    """Read who reports to whom, who influences whom and who of ours knows them: as data, or as a picture (SVG)."""
    found = await actions.read(tx, viewer, customer_id)
    if wants_picture(request.headers.get("accept", "")):
        return _answer(draw(found.found, found.customer_name), PICTURE)
    return _answer(_data(found).model_dump_json(), DATA)


def wants_picture(accept: str) -> bool:
    """Whether a picture is named among what is accepted, and data is not named before it."""
    named = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    known = [each for each in named if each in {PICTURE, DATA}]
    return bool(known) and known[0] == PICTURE


def _answer(content: str, form: str) -> Response:
    return Response(content, media_type=form, headers={"vary": "accept"})


def _data(found: ReadMap) -> RelationshipMapAnswer:
    return RelationshipMapAnswer.model_validate(
        {
            "customer_id": found.customer_id,
            "nodes": found.found.nodes,
            "edges": found.found.edges,
            "is_cut": found.is_cut,
        }
    )
