"""What people do with contacts; who may change a customer may change its contacts."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done, Result
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import KeyaccountError, NotVisible
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.rules.describing import check_not_emptied, search_text
from services.customer.customers.rules.refusals import ReferenceTaken
from services.customer.customers.rules.values import Reference
from services.customer.customers.store import hierarchy, imports, records
from services.customer.customers.store.hierarchy import Standing
from services.customer.events import CONTACT_CREATED, CONTACT_UPDATED
from services.customer.relationships import rules, store
from services.customer.relationships.rules import ContactExists, ContactOfAnother, UnknownCustomer
from services.customer.relationships.store import Contact, KnownContact

DIGEST_BYTES = 8
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class TypedContact:
    """A contact as it was typed or imported; `given` names the fields that were sent."""

    customer_id: UUID
    fields: Mapping[str, Any]
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A customer and the companies above and below it, as far as the viewer sees them."""

    id: UUID
    version: int
    parent_id: UUID | None
    above: list[Standing]
    below: list[Standing]
    more_below: bool


async def group_of(tx: Questions, viewer: Viewer, customer_id: UUID) -> Group:
    """Return where a customer stands."""
    detail = await records.get(tx, viewer, customer_id)
    above = await hierarchy.above(tx, viewer, customer_id)
    below = await hierarchy.below(tx, viewer, customer_id)
    listed, more = below[: hierarchy.MOST_LISTED], len(below) > hierarchy.MOST_LISTED
    return Group(detail.id, detail.version, detail.parent_id, above, listed, more)


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
    await _check_superior(tx, typed.customer_id, contact_id, typed.fields.get("reports_to_id"))
    values = _values(typed.fields) | {
        "id": contact_id,
        "version": 1,
        "customer_id": typed.customer_id,
        "personal_salt": salt or secrets.token_hex(SALT_BYTES),
        "external_system": typed.reference.system if typed.reference else None,
        "external_id": typed.reference.id if typed.reference else None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    if await tx.value(store.INSERT_IF_NEW, **values) is None:
        raise await _what_stands_against(tx, values)
    return await _publish(tx, viewer, CONTACT_CREATED, contact_id)


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
    await check_may_change(tx, viewer, customer, today=today)
    check_version(present.version, expected_version)
    check_not_emptied(fields, {"name", "has_left"})
    return await _write(tx, viewer, present, fields)


async def _write(tx: Writing, viewer: Viewer, present: Contact, fields: Mapping[str, Any]) -> Contact:
    if fields.get("reports_to_id") is not None:
        await _check_superior(tx, present.customer_id, present.id, fields["reports_to_id"])
    names = ("name", "email", "phone", "department", "title", "reports_to_id", "has_left")
    values = _values({name: getattr(present, name) for name in names} | dict(fields))
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
        "search_text": search_text(found_by, ()),
    }


async def _publish(tx: Writing, viewer: Viewer, event_type: str, contact_id: UUID) -> Contact:
    found = await store.get(tx, viewer, contact_id)
    data = {"id": found.id, "version": found.version, "customer_id": found.customer_id, "has_left": found.has_left}
    tx.publish(event_type, contact_id, data)
    return found


async def put(tx: Writing, viewer: Viewer, typed: TypedContact, *, today: date) -> tuple[Result, Contact]:
    """Make or change the contact of a reference, and return it."""
    done = await upsert(tx, viewer, typed, today=today)
    if done.id is None:
        raise LookupError("An upsert that was not refused has an id.")
    return done.outcome, await store.get(tx, viewer, done.id)


async def upsert(tx: Writing, viewer: Viewer, typed: TypedContact, *, today: date) -> Done:
    """Make the contact of a reference, or write what the other system changed since it last told us."""
    reference = _reference(typed)
    found = (await store.known(tx, [reference])).get(reference)
    if found is None:
        salt = secrets.token_hex(SALT_BYTES)
        try:
            async with tx.savepoint():
                made = await create(tx, viewer, typed, today=today, salt=salt)
                await tx.execute(imports.KEEP, **imports.record_values(tx, made.id, _digests(typed, salt)))
                return Done("created", made.id)
        except ReferenceTaken:  # another caller has made it at the same moment
            found = (await store.known(tx, [reference]))[reference]
    return await _update(tx, viewer, typed, found, today=today)


async def upsert_chunk(
    tx: Writing, viewer: Viewer, items: Sequence[TypedContact], *, today: date
) -> list[Done | KeyaccountError]:
    """Upsert some contacts; what comes again as it was is found by one question for all."""
    found = await store.known(tx, [_reference(item) for item in items])
    seen = await records.seen_of(tx, viewer, [known.customer_id for known in found.values()])
    results: list[Done | KeyaccountError] = []
    for item in items:
        known = found.get(_reference(item))
        if known is not None and known.customer_id in seen and not _changed(item, known):
            results.append(Done("unchanged", known.id))
            continue
        try:
            async with tx.savepoint():
                results.append(await upsert(tx, viewer, item, today=today))
        except KeyaccountError as error:
            results.append(error)
    return results


async def _update(tx: Writing, viewer: Viewer, typed: TypedContact, known: KnownContact, *, today: date) -> Done:
    seen = await records.seen_of(tx, viewer, [known.customer_id])
    if typed.customer_id != known.customer_id or typed.customer_id not in seen:
        raise ReferenceTaken
    changed = _changed(typed, known)
    if not changed:
        return Done("unchanged", known.id)
    customer = await records.lock(tx, viewer, known.customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    present = await store.lock(tx, viewer, known.id)
    await _write(tx, viewer, present, {name: typed.fields[name] for name in changed & typed.fields.keys()})
    digests = (known.digests or {}) | _digests(typed, known.personal_salt)
    await tx.execute(imports.KEEP, **imports.record_values(tx, known.id, digests))
    return Done("updated", known.id)


def _changed(typed: TypedContact, known: KnownContact) -> set[str]:
    before = known.digests or {}
    return {name for name, digest in _digests(typed, known.personal_salt).items() if before.get(name) != digest}


def _digests(typed: TypedContact, salt: str) -> dict[str, str]:
    told = {**typed.fields, "customer_id": typed.customer_id}
    return {
        name: blake2b(orjson.dumps([salt, value], default=str), digest_size=DIGEST_BYTES).hexdigest()
        for name, value in sorted(told.items())
    }


def _reference(typed: TypedContact) -> Reference:
    if typed.reference is None:
        raise ValueError("What is imported has a reference.")
    return typed.reference
