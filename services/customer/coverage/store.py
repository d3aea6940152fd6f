"""The coverage plan: seen by whoever sees the customer, as its contacts are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Uuid, and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.activities.tables import activity, activity_contact
from services.customer.coverage.rules import next_due
from services.customer.coverage.tables import coverage
from services.customer.customers.store.identity import is_of, of_survivor
from services.customer.customers.store.scope import is_visible, legs
from services.customer.customers.tables import customer

_v, _c, _a, _with = coverage.c, customer.c, activity.c, activity_contact.c
_ID = bindparam("the_id", type_=Uuid())
_OWN = ("id", "version", "contact_id", "person_id", "every_days", "from_date", "until_date", "created_at")


@dataclass(frozen=True, slots=True)
class Coverage:
    """A line of the coverage plan; `last_done_on` is when the person last did something with the contact."""

    id: UUID
    version: int
    customer_id: UUID
    contact_id: UUID
    person_id: UUID
    every_days: int
    from_date: date
    until_date: date | None
    last_done_on: date | None
    created_at: datetime

    @property
    def next_due_on(self) -> date:
        """By when the contact is to be met next."""
        return next_due(self.from_date, self.every_days, self.last_done_on)


_last = (
    select(func.max(_a.done_on))
    .join(activity_contact, _with.activity_id == _a.id)
    .where(_with.contact_id == _v.contact_id, _a.owner_id == _v.person_id, _a.done_on.isnot(None))
    .scalar_subquery()
)
_about = (_c.id.label("customer_id"), _last.label("last_done_on"))
_listed = of_survivor(select(*[_v[name] for name in _OWN], *_about).select_from(coverage), _v.customer_id)
_due = func.greatest(_v.from_date, func.coalesce(_last, _v.from_date)) + _v.every_days
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_v.customer_id, bindparam("customer_id", type_=Uuid())),
    "contact_id": _v.contact_id == bindparam("contact_id", type_=Uuid()),
    "person_id": _v.person_id == bindparam("person_id", type_=Uuid()),
    "below_id": _v.person_id == any_(bindparam("below_id", type_=ARRAY(Uuid()))),
    "gap": and_(
        _due < bindparam("gap", type_=Date()),
        or_(_v.until_date.is_(None), _v.until_date > bindparam("gap", type_=Date())),
    ),
}
"""By name of the query; a gap compares with today."""


def _listing(*conditions: Sequence[ColumnElement[bool]]) -> Listing[Coverage]:
    parts = [_listed.where(*condition) for condition in conditions]
    keys = {"created_at": SortKey(_v.created_at)}
    return Listing(*parts, into=Coverage, filters=FILTERS, keys=keys, identifier=_v.id, default="created_at")


_ALL, _SEEN = _listing(()), _listing(*[(leg,) for leg in legs()])
GET = prepared(_listed.where(_v.id == _ID, is_visible()), into=Coverage)
LOCK = prepared(_listed.where(_v.id == _ID, is_visible()).with_for_update(of=coverage), into=Coverage)
INSERT = prepared(insert(coverage))
END = prepared(
    update(coverage).where(_v.id == _ID).values(until_date=bindparam("until", type_=Date()), version=_v.version + 1)
)


def listing(viewer: Viewer) -> Listing[Coverage]:
    """Return the whole plan, or that of the customers that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, coverage_id: UUID) -> Coverage:
    """Return a line, or raise `NotVisible`."""
    return await tx.visible(GET, "line of the coverage plan", coverage_id, viewer=viewer, the_id=coverage_id)


async def lock(tx: Writing, viewer: Viewer, coverage_id: UUID) -> Coverage:
    """Return a line, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "line of the coverage plan", coverage_id, viewer=viewer, the_id=coverage_id)


async def add(tx: Writing, values: Mapping[str, Any]) -> None:
    """Add a line."""
    await tx.execute(INSERT, **values)


async def end(tx: Writing, coverage_id: UUID, until: date) -> None:
    """Let a line end."""
    await tx.execute(END, the_id=coverage_id, until=until)
