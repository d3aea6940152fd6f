"""Questions about criteria and the stage history of one opportunity."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.funnel.tables import criterion_done
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.store.appending import StageChangeRow
from services.opportunity.opportunities.tables import opportunity, stage_change


@dataclass(frozen=True, slots=True)
class CriterionDone:
    """A duty of the checklist that is done."""

    criterion: str
    done_on: date
    done_by: UUID | None
    note: str | None
    evidence: str | None


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


async def criteria_done(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> list[CriterionDone]:
    """Return the duties that are done, of an opportunity that the viewer may see."""
    return await tx.all(DONE, viewer=viewer, id=opportunity_id)


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
