"""Routes of funnel definitions."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.definitions import actions, store
from services.opportunity.definitions.rules.drafting import (
    DraftExists,
    FunnelNotPossible,
    FunnelsKept,
    MappingIncomplete,
)
from services.opportunity.definitions.schemas import (
    DefinitionAnswer,
    FunnelDefinitionQuery,
    FunnelDraftAnswer,
    FunnelDraftRequest,
    FunnelPublicationRequest,
    draft_answer,
)

router = Router(prefix="/v1/funnel-definitions", tags=["Funnel"])


@router.get("")
async def list_funnel_definitions(
    query: Annotated[FunnelDefinitionQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[DefinitionAnswer]:
    """List the published versions of the funnel, the newest first: that one is the current one."""
    found = await store.DEFINITIONS.page(tx, pages.window(query, *store.DEFINITIONS.sorting), {})
    return pages.page(query, found, DefinitionAnswer)


@router.get("/current")
async def get_current_funnel_definition(_: CurrentViewer, tx: CurrentReading) -> DefinitionAnswer:
    """Read the version of the funnel that new opportunities run on."""
    return DefinitionAnswer.model_validate(await store.get(tx, await store.current_version(tx)))


@router.post("/draft", status_code=201, responses=problems(FunnelsKept, FunnelNotPossible, DraftExists))
async def create_funnel_draft(body: FunnelDraftRequest, viewer: CurrentViewer, tx: CurrentWriting) -> FunnelDraftAnswer:
    """Begin the next version of the funnel; one is drafted at a time."""
    await actions.create_draft(tx, viewer, body.as_drafted())
    return draft_answer(*await actions.read_draft(tx, viewer))


@router.get("/draft", responses=problems(FunnelsKept, NotVisible))
async def get_funnel_draft(viewer: CurrentViewer, tx: CurrentReading) -> FunnelDraftAnswer:
    """Read the next version of the funnel while it is drafted."""
    return draft_answer(*await actions.read_draft(tx, viewer))


@router.put("/draft", responses=problems(FunnelsKept, NotVisible, FunnelNotPossible, Stale))
async def replace_funnel_draft(
    body: FunnelDraftRequest, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> FunnelDraftAnswer:
    """Draft the next version of the funnel anew, in place of what was drafted."""
    await actions.replace_draft(tx, viewer, body.as_drafted(), version)
    return draft_answer(*await actions.read_draft(tx, viewer))


@router.delete("/draft", responses=problems(FunnelsKept, NotVisible, Stale))
async def discard_funnel_draft(version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting) -> FunnelDraftAnswer:
    """Give up what was drafted; the answer is what it was."""
    return draft_answer(*await actions.discard_draft(tx, viewer, version))


@router.post(
    "/draft/publications",
    status_code=201,
    responses=problems(FunnelsKept, NotVisible, FunnelNotPossible, MappingIncomplete, Stale),
)
async def publish_funnel_draft(
    body: FunnelPublicationRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> DefinitionAnswer:
    """Make the draft the current version; what runs on older ones stays there until it is moved."""
    return DefinitionAnswer.model_validate(await actions.publish(tx, viewer, body.draft_version))


@router.get("/{version}", responses=problems(NotVisible))
async def get_funnel_definition(version: int, _: CurrentViewer, tx: CurrentReading) -> DefinitionAnswer:
    """Read a published version of the funnel; 1 is always there."""
    return DefinitionAnswer.model_validate(await store.get(tx, version))
