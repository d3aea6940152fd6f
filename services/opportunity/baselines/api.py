"""Routes of baselines set by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.baselines import actions, rules, store
from services.opportunity.baselines.schemas import BaselineAnswer, BaselineEndingInput, BaselineInput, BaselineQuery
from services.opportunity.scopes.actions import authorise
from services.opportunity.scopes.rules import ScopeIncomplete
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse

router = Router(prefix="/v1/funnel/baselines", tags=["Funnel"])


@router.post(
    "",
    status_code=201,
    responses=problems(
        rules.BaselineNotAllowed,
        rules.OwnBaseline,
        rules.BaselineInPast,
        rules.BaselineUnclear,
        rules.BaselineStageUnknown,
        rules.BaselineSuperseded,
    ),
)
async def set_baseline(
    body: BaselineInput, *, viewer: CurrentViewer, reach: CurrentReach, tx: CurrentWriting, house: CurrentHouse
) -> BaselineAnswer:
    """Say what a stage of a scope is compared with from a day on: a superior of who is measured, or sales operations.

    What was set before is superseded from that day on and never changed; answers about days before stay as they are.
    """
    made = await actions.set_baseline(tx, viewer, reach, body.as_scope(), body.as_said(), today=house.today)
    return BaselineAnswer.model_validate(made)


@router.get("", responses=problems(ScopeIncomplete))
async def list_baselines(
    query: Annotated[BaselineQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[BaselineAnswer]:
    """List what was set by hand for a scope: in force, superseded, still to come and ended.

    Of a customer's group or a product line of which you see a part only, nothing is listed: it is about the whole.
    """
    scope = await authorise(tx, viewer, reach, query.as_scope())
    window = pages.window(query, *store.BASELINES.sorting)
    ids = await store.ids_of(tx, scope)
    found = await store.BASELINES.page(tx, window, query.chosen(), scope_kind=scope.kind.value, scope_ids=ids)
    items = [BaselineAnswer.model_validate(rules.told_of(one, scope)) for one in found.items]
    return pages.answered(query, found, items, BaselineAnswer)


@router.post(
    "/{baseline_id}/endings",
    status_code=201,
    responses=problems(
        rules.BaselineNotAllowed,
        rules.OwnBaseline,
        rules.BaselineInPast,
        rules.BaselineSuperseded,
        rules.BaselineEnded,
    ),
)
async def end_baseline(
    baseline_id: UUID,
    body: BaselineEndingInput,
    *,
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentWriting,
    house: CurrentHouse,
) -> BaselineAnswer:
    """Say that from a day on a stage is compared with its history again."""
    ended = await actions.end_baseline(
        tx, viewer, reach, baseline_id, from_date=body.from_date, reason=body.reason, today=house.today
    )
    return BaselineAnswer.model_validate(ended)
