"""Routes of funnel definitions."""

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.router import Router
from services.opportunity.definitions.rules import DEFINITIONS
from services.opportunity.definitions.schemas import DefinitionAnswer

router = Router(prefix="/v1/funnel-definitions", tags=["Funnel"])


@router.get("/{version}")
async def get_funnel_definition(version: int, _: CurrentViewer) -> DefinitionAnswer:
    """Read a version of the funnel; 1 is always there."""
    definition = DEFINITIONS.get(version)
    if definition is None:
        raise NotVisible("funnel definition", version)
    return DefinitionAnswer.model_validate(definition)
