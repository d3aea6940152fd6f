"""What people do with contacts; who may change a customer may change its contacts."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart import questions
from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import KeyaccountError, NotVisible
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.rules.describing import check_not_emptied, search_text
from services.customer.customers.rules.refusals import ReferenceTaken, UnknownPerson
from services.customer.customers.rules.values import Reference
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerRow
from services.customer.events import CONTACT_CREATED, CONTACT_UPDATED
from services.customer.relationships import rules, store
from services.customer.relationships.rules import ContactErased, ContactExists, ContactOfAnother, UnknownCustomer
from services.customer.relationships.store import Contact

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class TypedContact:
    """A contact as it was typed or imported; `given` names the fields that were sent."""

    customer_id: UUID
    fields: Mapping[str, Any]
    reference: Reference | None = None


async def create(tx: Writing, viewer: Viewer, typed: TypedContact, *, today: date, salt: str | None = None) -> Contact:
    """Add a contact to a customer.

    Raises:
        ContactExists: the customer has one with this e-mail address.
    """
    try:
        present = await records.lock(tx, viewer, typed.customer_id)
    except NotVisible:
        raise UnknownCustomer from None
    await check_may_change(tx, viewer, present, today=today)
    contact_id = new_id()
    await _check_superior(tx, present.id, contact_id, typed.fields.get("reports_to_id"))
    await _check_named(tx, present.id, contact_id, typed.fields)
    values = contact_values(tx, typed, contact_id, salt or secrets.token_hex(SALT_BYTES))
    values["customer_id"] = present.id
    if values["email_key"]:
        other = await store.find_by_email(tx, present.id, values["email_key"])
        if other is not None:
            raise ContactExists(other)
    if await tx.value(store.INSERT_IF_NEW, **values) is None:
        raise await _what_stands_against(tx, values)
    return await _publish(tx, viewer, CONTACT_CREATED, contact_id)


def contact_values(tx: Writing, typed: TypedContact, contact_id: UUID, salt: str) -> dict[str, Any]:
    """Return the row of a new contact."""
    return _values(typed.fields) | {
        "id": contact_id,
        "version": 1,
        "customer_id": typed.customer_id,
        "personal_salt": salt,
        "merged_into_id": None,
        "erased_at": None,
        "external_system": typed.reference.system if typed.reference else None,
        "external_id": typed.reference.id if typed.reference else None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def event_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what other services learn of a contact: nothing personal."""
    return {name: row[name] for name in ("id", "version", "customer_id", "has_left")}


def event_of_contact(contact: Contact) -> dict[str, Any]:
    """Return what other services learn of a contact as it is now."""
    return event_of(asdict(contact))


async def _what_stands_against(tx: Writing, values: Mapping[str, Any]) -> KeyaccountError:
    key = values["email_key"]
    existing = await store.find_by_email(tx, values["customer_id"], key) if key else None
    return ContactExists(existing) if existing else ReferenceTaken()


async def change(
    tx: Writing, viewer: Viewer, contact_id: UUID, expected_version: int, fields: Mapping[str, Any], *, today: date
) -> Contact:
    """Lay a merge patch over a contact."""
    seen = await store.get(tx, viewer, contact_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    present = await store.lock(tx, viewer, contact_id)
    check_belongs(present, customer)
    await check_may_change(tx, viewer, customer, today=today)
    check_version(present.version, expected_version)
    check_not_emptied(fields, {"name", "has_left", *_SEVERAL})
    return await lay_over(tx, viewer, present, fields)


def check_belongs(contact: Contact, customer: CustomerRow) -> None:
    """Refuse to go on where a merge, or its undoing, came between seeing the contact and locking its customer."""
    if contact.customer_id != customer.id:
        raise Busy


async def lay_over(tx: Writing, viewer: Viewer, present: Contact, fields: Mapping[str, Any]) -> Contact:
    """Write the fields that are given over a locked contact, whose customer is locked too."""
    if present.erased_at is not None:
        raise ContactErased
    if fields.get("reports_to_id") is not None:
        await _check_superior(tx, present.customer_id, present.id, fields["reports_to_id"])
    await _check_named(tx, present.customer_id, present.id, fields)
    names = ("name", "email", "phone", "department", "title", "has_left", *_DESCRIBING)
    kept = {name: getattr(present, name) for name in names} | {"reports_to_id": present.own_reports_to_id}
    if "reports_to_id" in fields and fields["reports_to_id"] == present.reports_to_id:
        fields = {name: value for name, value in fields.items() if name != "reports_to_id"}
    values = _values(kept | dict(fields))
    if values["email_key"]:
        other = await store.find_by_email(tx, present.customer_id, values["email_key"])
        if other not in (None, present.id):
            raise ContactExists(other)
    await store.update_contact(tx, present.id, values)
    return await _publish(tx, viewer, CONTACT_UPDATED, present.id)


async def _check_superior(tx: Writing, customer_id: UUID, contact_id: UUID, superior_id: UUID | None) -> None:
    """The customer is locked, so that no two changes of its contacts close a cycle that neither sees."""
    if superior_id is None:
        return
    line = await store.line_from(tx, superior_id)
    if not line or line[0][1] != customer_id:
        raise ContactOfAnother
    rules.check_reporting(contact_id, [step for step, _ in line])


async def _check_named(tx: Writing, customer_id: UUID, contact_id: UUID, fields: Mapping[str, Any]) -> None:
    influenced = fields.get("influences_ids") or []
    if contact_id in influenced or not await store.are_of(tx, customer_id, influenced):
        raise rules.InfluenceUnknown
    known_by = set(fields.get("known_by_ids") or ())
    people = await questions.people_of(tx, sorted(known_by)) if known_by else {}
    if any(each not in people or people[each].kind != "person" for each in known_by):
        raise UnknownPerson("/known_by_ids")


_DESCRIBING = ("decision_role", "attitude", "closeness", "influences_ids", "known_by_ids")
_SEVERAL = ("influences_ids", "known_by_ids")


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
    email = fields.get("email")
    found_by = [fields[name] for name in ("name", "email", "department", "title") if fields.get(name)]
    return {
        "name": fields["name"],
        "email": email,
        "email_key": rules.email_key(email) if email else None,
        "phone": fields.get("phone"),
        "department": fields.get("department"),
        "title": fields.get("title"),
        "reports_to_id": fields.get("reports_to_id"),
        "has_left": fields.get("has_left", False),
        **{name: fields.get(name) for name in _DESCRIBING if name not in _SEVERAL},
        **{name: list(dict.fromkeys(fields.get(name) or ())) for name in _SEVERAL},
        "search_text": search_text(found_by, ()),
    }


async def _publish(tx: Writing, viewer: Viewer, event_type: str, contact_id: UUID) -> Contact:
    found = await store.get(tx, viewer, contact_id)
    tx.publish(event_type, contact_id, event_of_contact(found))
    return found
