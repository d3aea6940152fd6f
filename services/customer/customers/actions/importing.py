"""Upserts by another system's id: only what that system changed since it last told us is written.

So a file that comes again changes nothing, and what people changed here meanwhile stands until the other system
says something new about the same field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from orgchart import questions
from orgchart.viewer import Viewer
from servicekit.data.chunks import Done, Result
from servicekit.data.transactions import Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import KeyaccountError, NotVisible
from servicekit.values.ids import new_id
from services.customer.customers.actions import creating, parents
from services.customer.customers.actions.changing import lay_over, write_assignment, write_tier
from services.customer.customers.actions.creating import Described
from services.customer.customers.actions.matchable import findable
from services.customer.customers.actions.people import check_active, check_may_change, decider_of
from services.customer.customers.actions.publishing import publish, state_of
from services.customer.customers.rules import deciding, describing
from services.customer.customers.rules.refusals import ReferenceTaken, UnknownParent, UnknownPerson
from services.customer.customers.rules.values import (
    Imported,
    NameKind,
    Reference,
    TypedAddress,
    TypedCustomer,
    TypedName,
)
from services.customer.customers.store import hierarchy, identity, imports, records, sources, writes
from services.customer.customers.store.imports import Known
from services.customer.customers.store.records import CustomerDetail, CustomerRow
from services.customer.events import CUSTOMER_CREATED, CUSTOMER_UPDATED
from services.customer.matching.actions import keeping
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_city
from services.customer.matching.rules.text import fold

REASON = "import"
PLAIN = (
    *("kind", "legal_name", "country", "city", "phone", "website", "industry"),
    *("annual_revenue", "employees", "founded", "attributes"),
)
DIGEST_BYTES = 8


def digests_of(item: Imported) -> dict[str, str]:
    """Return a digest for each field that the other system said anything about."""
    return {name: _digest(getattr(item.typed, name)) for name in sorted(item.given)}


def _digest(value: Any) -> str:
    return blake2b(orjson.dumps(value, default=str), digest_size=DIGEST_BYTES).hexdigest()


async def upsert(tx: Writing, viewer: Viewer, item: Imported, *, today: date) -> Done:
    """Make or change the customer of a reference."""
    found = (await imports.known(tx, [item.reference])).get(item.reference)
    if found is None:
        try:
            async with tx.savepoint():
                return await _create(tx, viewer, item, today=today)
        except ReferenceTaken:  # another caller has made it at the same moment
            found = (await imports.known(tx, [item.reference]))[item.reference]
    if found.id not in await records.seen_of(tx, viewer, [found.id]):
        raise NotVisible("customer", f"{item.reference.system}/{item.reference.id}")
    return await _update(tx, viewer, item, found, today=today)


async def put(tx: Writing, viewer: Viewer, item: Imported, *, today: date) -> tuple[Result, CustomerDetail]:
    """Make or change the customer of a reference, and return it.

    Raises:
        NotVisible: there is one, which the viewer does not see.
    """
    done = await upsert(tx, viewer, item, today=today)
    if done.id is None:
        raise LookupError("An upsert that was not refused has an id.")
    return done.outcome, await records.get(tx, viewer, done.id)


async def upsert_chunk(
    tx: Writing, viewer: Viewer, items: Sequence[Imported], *, today: date
) -> list[Done | KeyaccountError]:
    """Upsert some items: new ones together as long as nothing stands against them, else each by itself."""
    found = await imports.known(tx, [item.reference for item in items])
    seen = await records.seen_of(tx, viewer, [known.id for known in found.values()])
    results: dict[int, Done | KeyaccountError] = {}
    fresh: dict[Reference, int] = {}
    for place, item in enumerate(items):
        known = found.get(item.reference)
        if known is not None and known.id in seen and not _changed(item, known):
            results[place] = Done("unchanged", known.stands_for)
        elif known is None and item.reference not in fresh:
            fresh[item.reference] = place
    made = await _create_together(tx, viewer, [items[place] for place in fresh.values()])
    if made is not None:
        results |= zip(fresh.values(), made, strict=True)
    left = [place for place in range(len(items)) if place not in results]
    for place in sorted(left, key=lambda place: (*_lock_order(items[place], found), place)):
        results[place] = await _by_itself(tx, viewer, items[place], today=today)
    return [results[place] for place in range(len(items))]


def _lock_order(item: Imported, found: Mapping[Reference, Known]) -> tuple[str, ...]:
    """New ones in the order of their keys, then known ones by id: who wants the same rows waits in turn."""
    known = found.get(item.reference)
    if known is not None:
        return ("known", str(known.id), "")
    return ("", fold(item.typed.legal_name), normalise_city(item.typed.city))


async def _by_itself(tx: Writing, viewer: Viewer, item: Imported, *, today: date) -> Done | KeyaccountError:
    try:
        async with tx.savepoint():
            return await upsert(tx, viewer, item, today=today)
    except Busy:
        raise  # not kept as an answer: the same batch may be sent again
    except KeyaccountError as error:
        return error


def _changed(item: Imported, known: Known) -> set[str]:
    before = known.digests or {}
    return {name for name, digest in digests_of(item).items() if before.get(name) != digest}


def _keeps_unverified(viewer: Viewer) -> bool:
    return viewer.is_machine or viewer.has_role(*deciding.WRITING_ROLES)


async def _create(tx: Writing, viewer: Viewer, item: Imported, *, today: date) -> Done:
    made = await creating.create(tx, viewer, item.typed, today=today, keeps_unverified=_keeps_unverified(viewer))
    await tx.execute(imports.KEEP, **imports.record_values(tx, made.id, digests_of(item)))
    return Done("created", made.id)


async def _create_together(tx: Writing, viewer: Viewer, items: Sequence[Imported]) -> list[Done] | None:
    """Create items by a few statements for all of them; None, with nothing done, where that cannot be."""
    if not items or not decider_of(viewer).has_any(deciding.ASSIGNING_ROLES):
        return None
    try:
        await _check_named(tx, viewer, items)
        described = [_describe(viewer, item) for item in items]
        async with tx.savepoint():
            await _insert_together(tx, viewer, items, described)
    except Busy:
        raise
    except KeyaccountError:
        return None
    details = await tx.all(records.READ_MANY, ids=[one.id for one in described])
    await keeping.keep(tx, {detail.id: findable(detail) for detail in details})
    for detail in details:
        tx.publish(CUSTOMER_CREATED, detail.id, state_of(detail))
    return [Done("created", one.id) for one in described]


async def _check_named(tx: Writing, viewer: Viewer, items: Sequence[Imported]) -> None:
    managers = {item.typed.account_manager_id for item in items} - {None}
    people = await questions.people_of(tx, [one for one in managers if one]) if managers else {}
    if len([one for one in people.values() if one.active and one.kind == "person"]) < len(managers):
        raise UnknownPerson
    above = {item.typed.parent_id for item in items} - {None}
    if len(await records.visible_of(tx, viewer, [one for one in above if one])) < len(above):
        raise UnknownParent


def _describe(viewer: Viewer, item: Imported) -> Described:
    typed = item.typed
    key = describing.key_of(typed.legal_name, typed.country, typed.city)
    identifiers = describing.checked_identifiers(
        typed.identifiers, key.country, keeps_unverified=_keeps_unverified(viewer)
    )
    return Described(new_id(), key, typed.account_manager_id, identifiers)


async def _insert_together(
    tx: Writing, viewer: Viewer, items: Sequence[Imported], described: Sequence[Described]
) -> None:
    """Insert in the order of the unique keys, so that two who insert the same companies wait and do not deadlock."""
    both = list(zip([item.typed for item in items], described, strict=True))
    rows = [creating.customer_values(tx, viewer, typed, one) for typed, one in both]
    rows.sort(key=lambda row: (row["name_key"], row["country"], row["city_key"]))
    await tx.execute_many(writes.INSERT_CUSTOMER, rows)
    identifiers = [writes.identifier_values(one.id, identifier) for one in described for identifier in one.identifiers]
    identifiers.sort(key=lambda row: (row["scheme"], row["value"]))
    await tx.execute_many(writes.INSERT_IDENTIFIER, identifiers)
    await tx.execute_many(writes.INSERT_NAME, [row for typed, one in both for row in creating.name_rows(one.id, typed)])
    addresses = [creating.address_values(one.id, address) for typed, one in both for address in typed.addresses]
    await tx.execute_many(writes.INSERT_ADDRESS, addresses)
    assigned = [row for _, one in both for row in creating.assignment_rows(tx, one.id, one.manager)]
    await tx.execute_many(writes.INSERT_ASSIGNMENT, assigned)
    tiers = [row for typed, one in both for row in creating.tier_rows(tx, one.id, typed)]
    await tx.execute_many(writes.INSERT_TIER_CHANGE, tiers)
    kept = [imports.record_values(tx, one.id, digests_of(item)) for item, one in zip(items, described, strict=True)]
    await tx.execute_many(imports.KEEP, kept)


async def _update(tx: Writing, viewer: Viewer, item: Imported, known: Known, *, today: date) -> Done:
    changed = _changed(item, known)
    if not changed:
        return Done("unchanged", known.stands_for)
    if "parent_id" in changed:
        await hierarchy.lock_hierarchy(tx)
    present = await records.lock(tx, viewer, known.id)
    await check_may_change(tx, viewer, present, today=today)
    if present.id != known.id:
        return await _add_to_survivor(tx, viewer, item, known, present, today=today)
    plain = {name: _plain_value(item.typed, name) for name in changed & set(PLAIN)}
    async with sources.noted(tx, known.id, REASON, item.reference.system):
        if plain:
            await lay_over(tx, viewer, present, plain, today=today)
        await _update_parts(tx, viewer, item.typed, present, changed, today=today)
        await _update_decisions(tx, viewer, item.typed, present, changed, today=today)
    await tx.execute(imports.KEEP, **imports.record_values(tx, known.id, (known.digests or {}) | digests_of(item)))
    await publish(tx, CUSTOMER_UPDATED, known.id)
    return Done("updated", known.id)


async def _add_to_survivor(
    tx: Writing, viewer: Viewer, item: Imported, known: Known, survivor: CustomerRow, *, today: date
) -> Done:
    """Add names, identifiers and addresses that another system tells of a merged customer to the survivor.

    The rest it does not decide: what is said of the survivor by its own reference, or by people, stands.
    """
    typed = replace(item.typed, legal_name=survivor.legal_name)
    changed = _changed(item, known)
    if "legal_name" in changed:
        name = TypedName(NameKind.OTHER, item.typed.legal_name)
        typed = replace(typed, other_names=(*(typed.other_names if "other_names" in changed else ()), name))
        changed |= {"other_names"}
    await _update_parts(tx, viewer, typed, survivor, changed - {"addresses"}, today=today)
    if "addresses" in changed:
        await _add_addresses(tx, survivor.id, typed.addresses)
        await tx.execute(writes.TOUCH_CUSTOMER, the_id=survivor.id, now=tx.now)
    await tx.execute(imports.KEEP, **imports.record_values(tx, known.id, (known.digests or {}) | digests_of(item)))
    await publish(tx, CUSTOMER_UPDATED, survivor.id)
    return Done("updated", survivor.id)


def _plain_value(typed: TypedCustomer, name: str) -> Any:
    value = getattr(typed, name)
    return value.value if name == "kind" else value


async def _update_parts(
    tx: Writing, viewer: Viewer, typed: TypedCustomer, present: CustomerRow, changed: set[str], *, today: date
) -> None:
    """Add names and identifiers that are new; let addresses be those that were sent."""
    for name in typed.other_names if "other_names" in changed else ():
        span = (name.from_date, name.until_date)
        row = writes.name_values(present.id, name.kind.value, name.name, normalise_name(name.name), span)
        await tx.execute(writes.INSERT_NAME_IF_NEW, **row)
    if "identifiers" in changed:
        keeps = _keeps_unverified(viewer)
        for identifier in describing.checked_identifiers(typed.identifiers, present.country, keeps_unverified=keeps):
            await writes.insert_identifier(tx, viewer, present.id, identifier)
    if "addresses" in changed:
        await _replace_addresses(tx, present.id, typed.addresses, today)
    if not changed.isdisjoint({"other_names", "identifiers"}):
        await writes.refresh_search_text(tx, present.id, typed.legal_name)
    if not changed.isdisjoint({"other_names", "identifiers", "addresses"}):
        await tx.execute(writes.TOUCH_CUSTOMER, the_id=present.id, now=tx.now)


async def _replace_addresses(tx: Writing, customer_id: UUID, sent: Sequence[TypedAddress], today: date) -> None:
    """Let the customer's own addresses be those that were sent; those of whom it survived are not spoken of."""
    contents = [_content(creating.address_values(customer_id, address)) for address in sent]
    for address in await _living_addresses(tx, customer_id):
        if address["customer_id"] == str(customer_id) and _content(address) not in contents:
            await tx.execute(writes.END_ADDRESS, the_id=customer_id, part_id=UUID(address["id"]), on=today)
    await _add_addresses(tx, customer_id, sent)


async def _add_addresses(tx: Writing, customer_id: UUID, sent: Sequence[TypedAddress]) -> None:
    there = [_content(address) for address in await _living_addresses(tx, customer_id)]
    for row in [creating.address_values(customer_id, address) for address in sent]:
        if _content(row) not in there:
            await tx.execute(writes.INSERT_ADDRESS, **row)


async def _living_addresses(tx: Writing, customer_id: UUID) -> list[dict[str, Any]]:
    detail = await records.read(tx, customer_id)
    return [address for address in detail.addresses if address["ended_on"] is None]


def _content(address: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name not in {"id", "customer_id", "ended_on"}}


async def _update_decisions(
    tx: Writing, viewer: Viewer, typed: TypedCustomer, present: CustomerRow, changed: set[str], *, today: date
) -> None:
    """Let parent, account manager and tier be decided by the same rules as anybody's decision."""
    if "parent_id" in changed:
        told = await identity.survivors_of(tx, [typed.parent_id] if typed.parent_id else [])
        parent_id = told[typed.parent_id] if typed.parent_id else None
        if parent_id != present.parent_id:
            await parents.write_parent(tx, viewer, present.id, parent_id)
    if "account_manager_id" in changed and typed.account_manager_id != present.account_manager_id:
        await check_active(tx, typed.account_manager_id)
        await write_assignment(tx, viewer, present, typed.account_manager_id, REASON, today=today)
    if "tier" in changed and typed.tier != present.tier:
        await write_tier(tx, viewer, present, typed.tier, REASON, today=today)
