"""Activities: seen by those who look after the customer, and by who takes part in what they are about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Text, Uuid, and_, any_, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.scope import VIEWER_SEES_ALL
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import BindsViewer, Questions, Writing
from services.customer.activities.tables import activity, activity_contact
from services.customer.customers.store.identity import group_array, is_of, of_survivor
from services.customer.customers.store.scope import (
    PEOPLE,
    is_below_viewer,
    parts_of_viewer,
    takes_part,
    viewer_takes_part,
)
from services.customer.customers.tables import customer, opportunity_team
from services.customer.relationships.tables import contact

_a, _c, _team, _with = activity.c, customer.c, opportunity_team.c, activity_contact.c
_ID = bindparam("the_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Activity:
    """Something planned or done with a customer; `day` is when it was done, else when it is planned."""

    id: UUID
    version: int
    customer_id: UUID
    opportunity_id: UUID | None
    kind: str
    subject: str
    planned_on: date | None
    done_on: date | None
    cancelled_on: date | None
    cancel_reason: str | None
    outcome: str | None
    owner_id: UUID
    day: date
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    contact_ids: list[UUID]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and self.cancelled_on is None


_contacts = select(_with.contact_id).where(_with.activity_id == _a.id).order_by(_with.contact_id).scalar_subquery()
_own = [_a[name] for name in Activity.__dataclass_fields__ if name not in {"customer_id", "contact_ids"}]
_about = (_c.id.label("customer_id"), func.array(_contacts, type_=ARRAY(Uuid())).label("contact_ids"))
_listed = of_survivor(select(*_own, *_about).select_from(activity), _a.customer_id)


def _is_visible() -> ColumnElement[bool]:
    """Whether the viewer may see an activity found by key; what names an opportunity is told to who may know of it."""
    return or_(
        VIEWER_SEES_ALL,
        is_below_viewer(_c.account_manager_id),
        and_(_c.account_manager_id.is_(None), is_below_viewer(_c.created_by), _a.opportunity_id.is_(None)),
        viewer_takes_part(_team.opportunity_id == _a.opportunity_id),
        and_(
            _a.opportunity_id.is_(None),
            is_below_viewer(_a.owner_id),
            viewer_takes_part(_team.customer_id == any_(group_array(_c.id))),
        ),
    )


def _legs() -> list[ColumnElement[bool]]:
    return [
        _c.account_manager_id == any_(PEOPLE),
        and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE), _a.opportunity_id.is_(None)),
        _a.opportunity_id.in_(parts_of_viewer(_team.opportunity_id)),
        and_(_a.opportunity_id.is_(None), _a.owner_id == any_(PEOPLE), takes_part()),
    ]


IS_OPEN = and_(_a.done_on.is_(None), _a.cancelled_on.is_(None))
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_a.customer_id, bindparam("customer_id", type_=Uuid())),
    "opportunity_id": _a.opportunity_id == bindparam("opportunity_id", type_=Uuid()),
    "owner_id": _a.owner_id == bindparam("owner_id", type_=Uuid()),
    "below_id": _a.owner_id == any_(bindparam("below_id", type_=ARRAY(Uuid()))),
    "contact_id": exists().where(_with.activity_id == _a.id, _with.contact_id == bindparam("contact_id", type_=Uuid())),
    "kind": _a.kind == bindparam("kind", type_=Text()),
    "day_gte": _a.day >= bindparam("day_gte", type_=Date()),
    "day_lt": _a.day < bindparam("day_lt", type_=Date()),
    "planned": and_(IS_OPEN, _a.planned_on >= bindparam("planned", type_=Date())),
    "overdue": and_(IS_OPEN, _a.planned_on < bindparam("overdue", type_=Date())),
    "done": and_(_a.done_on.isnot(None), _a.done_on <= bindparam("done", type_=Date())),
    "cancelled": and_(_a.cancelled_on.isnot(None), _a.cancelled_on <= bindparam("cancelled", type_=Date())),
}
"""By name of the query; those of a status compare with today."""

_SORTS = {"day": SortKey(_a.day), "created_at": SortKey(_a.created_at)}


def _listing(*conditions: Sequence[ColumnElement[bool]]) -> Listing[Activity]:
    legs = [_listed.where(*condition) for condition in conditions]
    return Listing(*legs, into=Activity, filters=FILTERS, keys=_SORTS, identifier=_a.id, default="day")


_ALL, _SEEN = _listing(()), _listing(*[(leg,) for leg in _legs()])

GET = prepared(_listed.where(_a.id == _ID, _is_visible()), into=Activity)
READ = prepared(_listed.where(_a.id == _ID), into=Activity)
LOCK = prepared(_listed.where(_a.id == _ID, _is_visible()).with_for_update(of=activity), into=Activity)
INSERT = prepared(insert(activity))
INSERT_CONTACT = prepared(insert(activity_contact).on_conflict_do_nothing())
FORGET_CONTACTS = prepared(activity_contact.delete().where(_with.activity_id == _ID))
MUTABLE = ("subject", "planned_on", "done_on", "cancelled_on", "cancel_reason", "outcome", "owner_id", "day")
UPDATE = prepared(
    update(activity)
    .where(_a.id == _ID)
    .values(
        {name: bindparam(name, type_=_a[name].type) for name in MUTABLE}
        | {"version": _a.version + 1, "updated_at": bindparam("now", type_=_a.updated_at.type)}
    )
)
CONTACTS_AMONG = prepared(
    select(func.count()).where(
        contact.c.customer_id == any_(group_array(bindparam("customer_id", type_=Uuid()))),
        contact.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
)
OF_CUSTOMER = prepared(
    select(_team.opportunity_id)
    .where(
        _team.opportunity_id == bindparam("opportunity_id", type_=Uuid()),
        _team.customer_id == any_(group_array(bindparam("customer_id", type_=Uuid()))),
    )
    .limit(1)
)
SEES_OPPORTUNITY = prepared(
    select(_c.id).where(
        _c.id == bindparam("customer_id", type_=Uuid()),
        or_(
            VIEWER_SEES_ALL,
            is_below_viewer(_c.account_manager_id),
            viewer_takes_part(_team.opportunity_id == bindparam("opportunity_id", type_=Uuid())),
        ),
    )
)


def listing(viewer: Viewer) -> Listing[Activity]:
    """Return the list of all activities, or of those that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, activity_id: UUID) -> Activity:
    """Return an activity, or raise `NotVisible`."""
    return await tx.visible(GET, "activity", activity_id, viewer=viewer, the_id=activity_id)


async def read(tx: Questions, activity_id: UUID) -> Activity:
    """Return an activity that an action has just written or locked."""
    return await tx.one(READ, the_id=activity_id)


async def lock(tx: Writing, viewer: Viewer, activity_id: UUID) -> Activity:
    """Return the activity, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "activity", activity_id, viewer=viewer, the_id=activity_id)


async def add(tx: Writing, values: Mapping[str, Any], contact_ids: Collection[UUID]) -> None:
    """Write a new activity with its contacts."""
    await tx.execute(INSERT, **values)
    await _keep_contacts(tx, values["id"], contact_ids)


async def change(tx: Writing, present: Activity, values: Mapping[str, Any]) -> None:
    """Write the columns of a locked activity that are given, and its contacts if they are."""
    columns = {name: getattr(present, name) for name in MUTABLE} | dict(values)
    contact_ids = columns.pop("contact_ids", None)
    columns["day"] = columns["done_on"] or columns["planned_on"]
    await tx.execute(UPDATE, the_id=present.id, now=tx.now, **columns)
    if contact_ids is not None and set(contact_ids) != set(present.contact_ids):
        await tx.execute(FORGET_CONTACTS, the_id=present.id)
        await _keep_contacts(tx, present.id, contact_ids)


async def _keep_contacts(tx: Writing, activity_id: UUID, contact_ids: Collection[UUID]) -> None:
    rows: list[dict[str, object]] = [{"activity_id": activity_id, "contact_id": each} for each in set(contact_ids)]
    await tx.execute_many(INSERT_CONTACT, rows)


async def has_contacts(tx: Questions, customer_id: UUID, contact_ids: Collection[UUID]) -> bool:
    """Whether all of them are contacts of the customer."""
    ids = list(set(contact_ids))
    return not ids or await tx.value(CONTACTS_AMONG, customer_id=customer_id, ids=ids) == len(ids)


async def is_of_customer(tx: Questions, opportunity_id: UUID, customer_id: UUID) -> bool:
    """Whether an opportunity is of the customer, as far as its events have told."""
    return await tx.value(OF_CUSTOMER, opportunity_id=opportunity_id, customer_id=customer_id) is not None


async def sees_opportunity(tx: Questions, viewer: BindsViewer, opportunity_id: UUID, customer_id: UUID) -> bool:
    """Whether somebody sees an opportunity of a customer."""
    binds = {"opportunity_id": opportunity_id, "customer_id": customer_id}
    return await tx.value(SEES_OPPORTUNITY, viewer=viewer, **binds) is not None
