"""Contacts by another system's id: what comes again changes nothing, new ones are made together."""

import secrets
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b

import orjson

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done, Result
from servicekit.data.transactions import Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from services.customer.customers.actions.people import check_may_change, decider_of
from services.customer.customers.rules.deciding import WRITING_ROLES
from services.customer.customers.rules.refusals import ReferenceTaken
from services.customer.customers.rules.values import Reference
from services.customer.customers.store import identity, imports, records
from services.customer.events import CONTACT_CREATED
from services.customer.relationships import store
from services.customer.relationships.actions.contacts import (
    SALT_BYTES,
    TypedContact,
    check_belongs,
    contact_values,
    create,
    event_of,
    lay_over,
)
from services.customer.relationships.rules import UnknownCustomer
from services.customer.relationships.store import Contact, KnownContact

DIGEST_BYTES = 8


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
    results: dict[int, Done | KeyaccountError] = {}
    fresh: dict[Reference, int] = {}
    for place, item in enumerate(items):
        known = found.get(_reference(item))
        if known is not None and not _changed(item, known):
            results[place] = Done("unchanged", known.stands_for)
        elif known is None:
            fresh.setdefault(_reference(item), place)
    made = await _create_together(tx, viewer, [items[place] for place in fresh.values()])
    results |= zip(fresh.values(), made, strict=False)
    left = [place for place in range(len(items)) if place not in results]
    for place in sorted(left, key=lambda place: (items[place].customer_id, place)):
        results[place] = await _by_itself(tx, viewer, items[place], today=today)
    return [results[place] for place in range(len(items))]


async def _create_together(tx: Writing, viewer: Viewer, items: Sequence[TypedContact]) -> list[Done]:
    """Create contacts by a few statements for all of them; nothing, and nothing done, where that cannot be."""
    if not items or not decider_of(viewer).has_any(WRITING_ROLES):
        return []
    if any(item.fields.get(name) for item in items for name in ("reports_to_id", "influences_ids", "known_by_ids")):
        return []
    try:
        customers = {item.customer_id for item in items}
        if len(await records.visible_of(tx, viewer, list(customers))) < len(customers):
            raise UnknownCustomer
        if not await records.hold_unmerged(tx, list(customers)):
            return []  # whether an e-mail address is taken is then a question for each by itself
        rows = [contact_values(tx, item, new_id(), secrets.token_hex(SALT_BYTES)) for item in items]
        async with tx.savepoint():
            order = sorted(rows, key=lambda row: (row["customer_id"], row["email_key"] or ""))
            await tx.execute_many(store.INSERT, order)
            both = zip(items, rows, strict=True)
            kept = [imports.record_values(tx, row["id"], _digests(item, row["personal_salt"])) for item, row in both]
            await tx.execute_many(imports.KEEP, kept)
    except Busy:
        raise
    except KeyaccountError:
        return []
    for row in rows:
        tx.publish(CONTACT_CREATED, row["id"], event_of(row))
    return [Done("created", row["id"]) for row in rows]


async def _by_itself(tx: Writing, viewer: Viewer, item: TypedContact, *, today: date) -> Done | KeyaccountError:
    try:
        async with tx.savepoint():
            return await upsert(tx, viewer, item, today=today)
    except Busy:
        raise  # not kept as an answer: the same batch may be sent again
    except KeyaccountError as error:
        return error


async def _update(tx: Writing, viewer: Viewer, typed: TypedContact, known: KnownContact, *, today: date) -> Done:
    seen = await records.seen_of(tx, viewer, [known.customer_id])
    told = (await identity.survivors_of(tx, [typed.customer_id]))[typed.customer_id]
    if told != known.customer_id or told not in seen:
        raise ReferenceTaken
    changed = _changed(typed, known) - {"customer_id"}
    if not changed:
        return Done("unchanged", known.stands_for)
    customer = await records.lock(tx, viewer, known.customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    present = await store.lock(tx, viewer, known.id)
    check_belongs(present, customer)
    await lay_over(tx, viewer, present, {name: typed.fields[name] for name in changed & typed.fields.keys()})
    digests = (known.digests or {}) | _digests(typed, known.personal_salt)
    await tx.execute(imports.KEEP, **imports.record_values(tx, known.id, digests))
    return Done("updated", present.id)


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
