"""Routes: what a merge would combine, merging, undoing, and what was merged when."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, Stale
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.rules.hierarchy import HierarchyCycle
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.customers.store import identity, records
from services.customer.merging import rules
from services.customer.merging.actions import merging, previewing, undoing
from services.customer.merging.actions.merging import Wanted
from services.customer.merging.actions.previewing import Preview
from services.customer.merging.schemas import (
    MergeAnswer,
    MergePreviewAnswer,
    MergePreviewQuery,
    MergeQuery,
    MergeRequest,
    UndoRequest,
)
from services.customer.merging.store import merges

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])

DECIDING = (
    *(NotVisible, OwnMatter, rules.MergeNotAllowed, rules.UnknownDuplicate, rules.SameCustomer, rules.KindsDiffer),
    rules.SurvivorBelow,
)


@router.get("/merge-preview", responses=problems(*DECIDING))
async def preview_customer_merge(
    customer_id: UUID,
    query: Annotated[MergePreviewQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    today: Today,
) -> MergePreviewAnswer:
    """Read what merging a duplicate into the customer would combine, and what you would have to decide."""
    return _previewed(await previewing.preview(tx, viewer, customer_id, query.merged_id, today=today))


@router.post(
    "/merges",
    status_code=201,
    responses=problems(*DECIDING, Stale, rules.MergeUndecided, rules.DecisionUnknown),
)
async def merge_customer(
    customer_id: UUID, body: MergeRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> MergeAnswer:
    """Merge a duplicate into the customer: its id stands for the customer from now on, in every service."""
    wanted = Wanted(body.merged_id, body.survivor_version, body.merged_version, body.chosen(), body.reason)
    return MergeAnswer.model_validate(await merging.merge(tx, viewer, customer_id, wanted, today=today))


@router.get("/merges", responses=problems(NotVisible))
async def list_customer_merges(
    customer_id: UUID,
    query: Annotated[MergeQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[MergeAnswer]:
    """List what was merged into the customer, and into what it was merged, undone ones included."""
    await records.check_visible(tx, viewer, customer_id)
    window = pages.window(query, *merges.MERGES.sorting)
    found = await merges.MERGES.page(tx, window, {"ids": await identity.group_of(tx, customer_id)})
    return pages.page(query, found, MergeAnswer)


@router.post(
    "/merges/{merge_id}/undo",
    responses=problems(
        *(NotVisible, OwnMatter, rules.MergeNotAllowed, rules.MergeUndone, rules.UndoTooLate, HierarchyCycle)
    ),
)
async def undo_customer_merge(
    customer_id: UUID, merge_id: UUID, body: UndoRequest, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> MergeAnswer:
    """Undo a merge within 30 days: what came from the duplicate returns, what was added since stays."""
    return MergeAnswer.model_validate(await undoing.undo(tx, viewer, customer_id, merge_id, body.reason, today=today))


def _previewed(preview: Preview) -> MergePreviewAnswer:
    merged = preview.merged
    legal_name = {"id": merged.id, "kind": "legal", "value": merged.legal_name}
    return MergePreviewAnswer.model_validate(
        {name: getattr(preview, name) for name in Preview.__dataclass_fields__}
        | {
            "survivor_id": preview.survivor.id,
            "survivor_version": preview.survivor.version,
            "merged_id": merged.id,
            "merged_version": merged.version,
            "names": [legal_name, *(_part(each, each["kind"], each["name"]) for each in merged.other_names)],
            "identifiers": [_part(each, each["scheme"], each["value"]) for each in merged.identifiers],
            "addresses": [_part(each, each["kind"], _line(each)) for each in merged.addresses],
        }
    )


def _part(row: dict[str, Any], kind: str, value: str) -> dict[str, Any]:
    return {"id": row["id"], "kind": kind, "value": value}


def _line(address: dict[str, Any]) -> str:
    told = (address[name] for name in ("line_1", "line_2", "postal_code", "city", "region", "country"))
    return ", ".join(each for each in told if each)
