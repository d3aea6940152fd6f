"""Questions about criteria and the stage history of one opportunity."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.dates import business_date
from services.opportunity.definitions.rules import Definition
from services.opportunity.funnel.tables import criterion_done
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.store.appending import StageChangeRow
from services.opportunity.opportunities.tables import opportunity, resource_request, resource_request_step, stage_change


@dataclass(frozen=True, slots=True)
class CriterionDone:
    """A duty of the checklist that is done."""

    criterion: str
    done_on: date
    done_by: UUID | None
    note: str | None
    evidence: str | None


@dataclass(frozen=True, slots=True)
class ApprovedRequest:
    """The first request for resources of an opportunity that was approved."""

    id: UUID
    what: str
    at: datetime
    actor_id: UUID


@dataclass(frozen=True, slots=True)
class StageChange(StageChangeRow):
    """A change of stage or state, at its place in the order of arrival; `from_version` is that of `from_stage`."""

    id: int
    from_version: int | None


_done = criterion_done.c
DONE = prepared(
    select(_done.criterion, _done.done_on, _done.done_by, _done.note, _done.evidence)
    .join_from(criterion_done, opportunity, opportunity.c.id == _done.opportunity_id)
    .where(_done.opportunity_id == bindparam("id"), rows.may_see())
    .order_by(_done.criterion),
    into=CriterionDone,
)
_r, _step = resource_request.c, resource_request_step.c
APPROVED = prepared(
    select(_r.id, _r.what, _step.at, _step.actor_id)
    .join_from(resource_request, opportunity, opportunity.c.id == _r.opportunity_id)
    .join(resource_request_step, (_step.request_id == _r.id) & (_step.step == literal("approved")))
    .where(_r.opportunity_id == bindparam("id"), _r.state == literal("approved"), rows.may_see())
    .order_by(_step.id)
    .limit(1),
    into=ApprovedRequest,
)
_mark = insert(criterion_done).values(
    {name: bindparam(name) for name in ("id", "opportunity_id", "criterion", "done_on", "done_by", "note", "evidence")}
)
MARK = prepared(
    _mark.on_conflict_do_update(
        index_elements=["opportunity_id", "criterion"],
        set_={name: _mark.excluded[name] for name in ("done_on", "done_by", "note", "evidence")},
    )
)
UNMARK = prepared(
    delete(criterion_done).where(
        _done.opportunity_id == bindparam("opportunity_id"), _done.criterion == bindparam("criterion")
    )
)
HISTORY = Listing(
    select(stage_change).join(opportunity, opportunity.c.id == stage_change.c.opportunity_id).where(rows.may_see()),
    into=StageChange,
    filters={"opportunity_id": stage_change.c.opportunity_id == bindparam("opportunity_id")},
    keys={"at": SortKey(stage_change.c.at)},
    identifier=stage_change.c.id,
    default="at",
)


async def criteria_done(
    tx: Questions, viewer: Viewer, opportunity_id: UUID, definition: Definition, zone: ZoneInfo
) -> dict[str, CriterionDone]:
    """Return the duties that are done, by name, of an opportunity that the viewer may see.

    `definition` is the version of the funnel that it runs on; what resources are asked for by is done since the day,
    where the enterprise is, on which the first request was approved, and seen by that request.
    """
    marked, request = await _what_does(tx, viewer, opportunity_id, definition)
    if request is None:
        return marked
    day, proof = business_date(request.at, zone), f"/v1/resource-requests/{request.id}"
    return marked | {
        duty: CriterionDone(duty, day, request.actor_id, request.what, proof) for duty in definition.done_by_request
    }


async def duties_done(tx: Questions, viewer: Viewer, opportunity_id: UUID, definition: Definition) -> set[str]:
    """Return which duties are done, of an opportunity that the viewer may see and that runs on the version."""
    marked, request = await _what_does(tx, viewer, opportunity_id, definition)
    return set(marked) if request is None else {*marked, *definition.done_by_request}


async def _what_does(
    tx: Questions, viewer: Viewer, opportunity_id: UUID, definition: Definition
) -> tuple[dict[str, CriterionDone], ApprovedRequest | None]:
    """Return what somebody said is done, where that counts, and the request that does the rest, if one was approved."""
    by_request = definition.done_by_request
    said = await tx.all(DONE, viewer=viewer, id=opportunity_id)
    marked = {one.criterion: one for one in said if one.criterion not in by_request}
    if not by_request:
        return marked, None
    approved = await tx.all(APPROVED, viewer=viewer, id=opportunity_id)
    return marked, approved[0] if approved else None


async def mark(tx: Writing, criterion_id: UUID, opportunity_id: UUID, done: CriterionDone) -> None:
    """Keep that a duty is done; said again, the later counts."""
    await tx.execute(
        MARK,
        id=criterion_id,
        opportunity_id=opportunity_id,
        criterion=done.criterion,
        done_on=done.done_on,
        done_by=done.done_by,
        note=done.note,
        evidence=done.evidence,
    )


async def unmark(tx: Writing, opportunity_id: UUID, criterion: str) -> None:
    """Take back that a duty is done."""
    await tx.execute(UNMARK, opportunity_id=opportunity_id, criterion=criterion)
