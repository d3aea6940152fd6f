"""Questions about duties: of one opportunity, and the open ones of many people in the order of their last days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    false,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Reading, Writing
from services.opportunity.checklist.rules import Duty
from services.opportunity.definitions.rules import Definition
from services.opportunity.funnel.store import CriterionDone
from services.opportunity.opportunities.store import Seen, rows
from services.opportunity.opportunities.tables import NO_DUE, duty, opportunity
from services.opportunity.scopes.reach import Breadth, Reach


@dataclass(frozen=True, slots=True)
class Assignment:
    """A duty that somebody was given."""

    id: UUID
    opportunity_id: UUID
    criterion: str
    duty_stage: str | None
    owner_id: UUID
    due_on: date | None
    assigned_at: datetime
    assigned_by: UUID | None


@dataclass(frozen=True, slots=True)
class OpenDuty(Assignment):
    """A duty still to be done, with what its opportunity is called and where it stands."""

    opportunity_name: str
    stage: str
    funnel_version: int


@dataclass(frozen=True, slots=True)
class Checklist:
    """The duties of an opportunity in the order of its funnel, with what is known of each."""

    opportunity: Seen
    definition: Definition
    duties: list[Duty]
    done: dict[str, CriterionDone]


_d, _o = duty.c, opportunity.c
_NAMES = list(Assignment.__dataclass_fields__)
_KEPT = [_d.stage.label(name) if name == "duty_stage" else _d[name] for name in _NAMES]
_COLUMNS: dict[str, Any] = {"stage" if name == "duty_stage" else name: bindparam(name) for name in _NAMES}
OF_OPPORTUNITY = prepared(
    select(*_KEPT)
    .join_from(duty, opportunity, _o.id == _d.opportunity_id)
    .where(_d.opportunity_id == bindparam("id"), rows.may_see()),
    into=Assignment,
)
_assign = insert(duty).values(_COLUMNS | {"is_done": False, "is_decided": False})
ASSIGN = prepared(
    _assign.on_conflict_do_update(
        index_elements=["opportunity_id", "criterion"],
        set_={name: _assign.excluded[name] for name in ("stage", "owner_id", "due_on", "assigned_at", "assigned_by")},
    )
)
WITHDRAW = prepared(
    delete(duty).where(_d.opportunity_id == bindparam("opportunity_id"), _d.criterion == bindparam("criterion"))
)
_PEOPLE = bindparam("viewer_people", type_=ARRAY(Uuid()))
_REACHED: Mapping[Breadth, ColumnElement[bool]] = {
    Breadth.EVERYTHING: true(),
    Breadth.FEW: _d.owner_id == any_(_PEOPLE),
    Breadth.MANY: _d.owner_id == any_(_PEOPLE),
    Breadth.MULTITUDE: _d.owner_id.in_(select(func.unnest(_PEOPLE))).is_(true()),
    Breadth.MOST: _d.owner_id != all_(_PEOPLE),
}
_due = func.coalesce(_d.due_on, cast(literal_column(f"'{NO_DUE}'"), Date()))


def _due_before(name: str) -> ColumnElement[bool]:
    """Return that the last day lies before one, as the index of either order has it: each begins or ends there."""
    day, has_due = bindparam(name, type_=Date()), _d.due_on.is_not(None)
    return and_(
        tuple_(_d.due_on.is_(None), _due) < tuple_(false(), day),
        tuple_(has_due, _due) < tuple_(true(), day),
        tuple_(has_due, _due) >= tuple_(true(), cast(literal_column(f"'{NO_DUE}'"), Date())),
    )


FILTERS: Mapping[str, ColumnElement[bool]] = {
    "owner_id": _d.owner_id == bindparam("owner_id", type_=Uuid()),
    "opportunity_id": _d.opportunity_id == bindparam("opportunity_id", type_=Uuid()),
    "stage": _o.stage == any_(bindparam("stage", type_=ARRAY(Text()))),
    "duty_stage": _d.stage == any_(bindparam("duty_stage", type_=ARRAY(Text()))),
    "overdue_on": _due_before("overdue_on"),
    "in_time_on": tuple_(_d.due_on.is_(None), _due) >= tuple_(false(), bindparam("in_time_on", type_=Date())),
    "due_on_lt": _due_before("due_on_lt"),
}
SORTING = ({"due_on": SortKey(_d.due_on, NO_DUE)}, _d.id, "due_on")


def _open_duties(reached: ColumnElement[bool]) -> Listing[OpenDuty]:
    """Return the list for a reach: owners first, each with an index in the order of last days; then who sees what."""
    return Listing(
        select(*_KEPT, _o.name.label("opportunity_name"), _o.stage, _o.funnel_version)
        .join_from(duty, opportunity, _o.id == _d.opportunity_id)
        .where(~_d.is_done, ~_d.is_decided, _d.stage.is_not(None), reached, rows.may_see()),
        into=OpenDuty,
        filters=FILTERS,
        keys=SORTING[0],
        identifier=_d.id,
        default=SORTING[2],
    )


OPEN = {breadth: _open_duties(reached) for breadth, reached in _REACHED.items()}


async def assignments_of(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> dict[str, Assignment]:
    """Return the duties that somebody was given, by name, of an opportunity that the viewer may see."""
    return {one.criterion: one for one in await tx.all(OF_OPPORTUNITY, viewer=viewer, id=opportunity_id)}


async def assign(tx: Writing, assignment: Assignment) -> None:
    """Give somebody a duty; given again, the later counts."""
    await tx.execute(ASSIGN, viewer=None, **{name: getattr(assignment, name) for name in _NAMES})


async def withdraw(tx: Writing, opportunity_id: UUID, criterion: str) -> None:
    """Leave a duty to the principal owner again, without a last day."""
    await tx.execute(WITHDRAW, opportunity_id=opportunity_id, criterion=criterion)


async def list_open(
    tx: Reading, viewer: Viewer, reach: Reach, window: Window, given: Mapping[str, object]
) -> Slice[OpenDuty]:
    """Return a page of the open duties of those whom the viewer reaches, on opportunities that they may see."""
    return await OPEN[reach.breadth].page(tx, window, given, viewer=viewer, viewer_people=reach.people)
