"""Contacts: seen by whoever sees their customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    ScalarSelect,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.tables import audit
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.rules.values import Reference
from services.customer.customers.store.identity import group_array, is_of, of_survivor
from services.customer.customers.store.identity import survivor_of as customer_survivor_of
from services.customer.customers.store.scope import is_visible, legs
from services.customer.customers.tables import customer, import_record
from services.customer.relationships import rules
from services.customer.relationships.tables import contact

_c = contact.c
_ID = bindparam("the_id", type_=Uuid())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a customer.

    `own_reports_to_id` is the superior as it was set; `reports_to_id` is whom that one stands for.
    """

    id: UUID
    version: int
    customer_id: UUID
    name: str
    email: str | None
    phone: str | None
    department: str | None
    title: str | None
    reports_to_id: UUID | None
    own_reports_to_id: UUID | None
    decision_role: str | None
    attitude: str | None
    closeness: str | None
    influences_ids: list[UUID]
    known_by_ids: list[UUID]
    has_left: bool
    external_system: str | None
    external_id: str | None
    erased_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def external_reference(self) -> Reference | None:
        """The id that another system knows them by."""
        if self.external_system is None or self.external_id is None:
            return None
        return Reference(self.external_system, self.external_id)


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact of another system, with what is needed to compare what comes again; the customer's survivor."""

    id: UUID
    stands_for: UUID
    customer_id: UUID
    external_system: str
    external_id: str
    personal_salt: str
    digests: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Processing:
    """That a contact's row was written: when, by whom, and which of its columns."""

    at: datetime
    actor: str
    on_behalf_of: str | None
    operation: str
    after: dict[str, Any] | None

    @property
    def fields(self) -> list[str]:
        """The columns that were written."""
        return sorted(self.after or {})


_one = contact.alias("one")


def survivor_of(contact_id: Any) -> ScalarSelect[Any]:
    """Return which contact an id stands for, as a part of a statement; null where there is no such contact."""
    return (
        select(func.coalesce(_one.c.merged_into_id, _one.c.id))
        .where(_one.c.id == contact_id)
        .correlate_except(_one)
        .scalar_subquery()
    )


COLUMNS = (
    *(_c.id, _c.version, customer.c.id.label("customer_id"), _c.name, _c.email, _c.phone, _c.department, _c.title),
    survivor_of(_c.reports_to_id).label("reports_to_id"),
    _c.reports_to_id.label("own_reports_to_id"),
    *(_c.decision_role, _c.attitude, _c.closeness, _c.influences_ids, _c.known_by_ids),
    *(_c.has_left, _c.external_system, _c.external_id, _c.erased_at, _c.created_at, _c.updated_at),
)
_of_customer = of_survivor(select(*COLUMNS).select_from(contact), _c.customer_id)
"""Contacts with whom their customer stands for now."""

GET = prepared(_of_customer.where(_c.id == survivor_of(_ID), is_visible()), into=Contact)
LOCK = prepared(_of_customer.where(_c.id == survivor_of(_ID), is_visible()).with_for_update(of=contact), into=Contact)
BY_EMAIL = prepared(
    select(_c.id).where(
        _c.customer_id == any_(group_array(bindparam("customer_id", type_=Uuid()))),
        _c.email_key == bindparam("email_key"),
        _c.merged_into_id.is_(None),
    )
)
MERGED_OF = prepared(_of_customer.where(_c.merged_into_id == _ID).order_by(_c.id), into=Contact)
AMONG = prepared(
    select(func.count()).where(
        _c.id == any_(_IDS), _c.customer_id == any_(group_array(bindparam("customer_id", type_=Uuid())))
    )
)
INSERT = prepared(insert(contact).returning(_c.id))
INSERT_IF_NEW = prepared(insert(contact).on_conflict_do_nothing().returning(_c.id))
MUTABLE = (
    *("name", "email", "email_key", "phone", "department", "title", "reports_to_id", "has_left", "search_text"),
    *("decision_role", "attitude", "closeness", "influences_ids", "known_by_ids"),
)
UPDATE = prepared(
    update(contact)
    .where(_c.id == _ID)
    .values(
        {name: bindparam(name, type_=_c[name].type) for name in MUTABLE}
        | {"version": _c.version + 1, "updated_at": bindparam("now", type_=_c.updated_at.type)}
    )
)
ERASE = prepared(
    update(contact)
    .where(_c.id == _ID)
    .values(
        rules.ERASED
        | {name: bindparam("now", type_=_c[name].type) for name in ("erased_at", "updated_at")}
        | {"version": _c.version + 1}
    )
)
FORGET_IMPORT = prepared(delete(import_record).where(import_record.c.record_id == _ID))
PROCESSING = prepared(
    select(audit.c.at, audit.c.actor, audit.c.on_behalf_of, audit.c.operation, audit.c.after)
    .where(audit.c.aggregate == "contact", audit.c.aggregate_id == any_(_IDS))
    .order_by(audit.c.at, audit.c.aggregate_id, audit.c.sequence),
    into=Processing,
)
_superior = survivor_of(_c.reports_to_id).label("reports_to_id")
_customer = customer_survivor_of(_c.customer_id).label("customer_id")
_first = select(_c.id, _customer, _superior, literal_column("0", Integer()).label("distance")).where(
    _c.id == survivor_of(_ID)
)
_line = _first.cte("line", recursive=True)
_line = _line.union_all(
    select(_c.id, _customer, _superior, _line.c.distance + 1)
    .join(_line, _c.id == _line.c.reports_to_id)
    .where(_line.c.distance < DEEPEST)
)
LINE = prepared(select(_line.c.id, _line.c.customer_id).order_by(_line.c.distance))

_asked = (
    func.unnest(bindparam("systems", type_=ARRAY(Text())), bindparam("ids", type_=ARRAY(Text())))
    .table_valued("system", "id")
    .render_derived()
)
KNOWN = prepared(
    select(
        *(_c.id, func.coalesce(_c.merged_into_id, _c.id).label("stands_for"), _customer),
        *(_c.external_system, _c.external_id, _c.personal_salt, import_record.c.digests),
    )
    .select_from(contact.outerjoin(import_record, import_record.c.record_id == _c.id))
    .where(tuple_(_c.external_system, _c.external_id).in_(select(_asked.c.system, _asked.c.id))),
    into=KnownContact,
)

_SEARCH = bindparam("search", type_=Text())
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_c.customer_id, bindparam("customer_id", type_=Uuid())),
    "email": _c.email_key == bindparam("email", type_=Text()),
    "decision_role": _c.decision_role == bindparam("decision_role", type_=Text()),
    "has_left": _c.has_left == bindparam("has_left"),
    "external_system": _c.external_system == bindparam("external_system", type_=Text()),
    "external_id": _c.external_id == bindparam("external_id", type_=Text()),
    "search": or_(
        _c.search_text.like(literal_column("'% '", Text()) + _SEARCH + literal_column("'%'", Text())),
        _SEARCH.op("<%", is_comparison=True)(_c.search_text),
    ),
}


def _listing(conditions: Sequence[ColumnElement[bool]]) -> Listing[Contact]:
    return Listing(
        *[_of_customer.where(_c.merged_into_id.is_(None), condition) for condition in conditions],
        into=Contact,
        filters=FILTERS,
        keys={"name": SortKey(_c.name), "created_at": SortKey(_c.created_at)},
        identifier=_c.id,
        default="name",
    )


_ALL, _SEEN = _listing([true()]), _listing(legs())


def listing(viewer: Viewer) -> Listing[Contact]:
    """Return the list of all contacts, or of those whose customers the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, contact_id: UUID) -> Contact:
    """Return a contact, or raise `NotVisible`."""
    return await tx.visible(GET, "contact", contact_id, viewer=viewer, the_id=contact_id)


async def lock(tx: Writing, viewer: Viewer, contact_id: UUID) -> Contact:
    """Return the contact, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "contact", contact_id, viewer=viewer, the_id=contact_id)


async def find_by_email(tx: Questions, customer_id: UUID, key: str) -> UUID | None:
    """Return the contact of an e-mail address, of a customer (a survivor) or of whom it stands for."""
    found: UUID | None = await tx.value(BY_EMAIL, customer_id=customer_id, email_key=key)
    return found


async def are_of(tx: Questions, customer_id: UUID, ids: Sequence[UUID]) -> bool:
    """Whether all of them are contacts of a customer (a survivor) or of whom it stands for."""
    return not ids or await tx.value(AMONG, customer_id=customer_id, ids=list(ids)) == len(set(ids))


async def line_from(tx: Questions, contact_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the contact and those above them, each with their customer; nothing if there is no such contact."""
    return [(row[0], row[1]) for row in await tx.all(LINE, the_id=contact_id)]


async def known(tx: Questions, references: Sequence[Reference]) -> dict[Reference, KnownContact]:
    """Return those contacts that the base has, by reference."""
    systems, ids = [one.system for one in references], [one.id for one in references]
    rows = await tx.all(KNOWN, systems=systems, ids=ids)
    return {Reference(row.external_system, row.external_id): row for row in rows}


async def update_contact(tx: Writing, contact_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the mutable columns of a contact."""
    await tx.execute(UPDATE, the_id=contact_id, now=tx.now, **values)


async def erase(tx: Writing, contact_id: UUID) -> None:
    """Empty what is personal in a contact's row, and forget what was imported for it."""
    await tx.execute(ERASE, the_id=contact_id, now=tx.now)
    await tx.execute(FORGET_IMPORT, the_id=contact_id)


async def processing_of(tx: Questions, ids: Sequence[UUID]) -> list[Processing]:
    """Return when and by whom contacts were written, the oldest first."""
    return await tx.all(PROCESSING, ids=list(ids))


async def merged_of(tx: Questions, contact_id: UUID) -> list[Contact]:
    """Return the contacts that stand for this one."""
    return await tx.all(MERGED_OF, the_id=contact_id)
