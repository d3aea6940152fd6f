"""What people do with leads."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer import events
from services.customer.customers.actions.people import check_active, check_may_change, decider_of, superiors_of
from services.customer.customers.rules.describing import check_not_emptied
from services.customer.customers.store import identity, records
from services.customer.customers.store.records import CustomerRow
from services.customer.leads import rules, store
from services.customer.leads.rules import HandOver, LeadSource, LeadState
from services.customer.leads.store import Lead
from services.customer.relationships.rules import UnknownCustomer

ATTEMPT = timedelta(seconds=30)
"""For so long an attempt to hand a lead over is left alone before it is made again."""


async def create(tx: Writing, viewer: Viewer, fields: Mapping[str, Any], *, today: date) -> Lead:
    """Keep what was heard; it belongs to whoever heard it unless it is given to somebody below them."""
    decider = decider_of(viewer)
    owner = fields.get("owner_id") or decider.authority
    rules.check_may_own(decider, owner, await superiors_of(tx, owner, today))
    await check_active(tx, owner, "/owner_id")
    rules.check_named(fields.get("customer_id"), fields.get("company_name"))
    named = {"customer_id": await _customer_of(tx, viewer, fields.get("customer_id"))}
    made = _row(tx, dict(fields) | named | {"owner_id": owner, "state": LeadState.OPEN.value})
    await store.insert_if_new(tx, made)
    return _told(tx, events.LEAD_CREATED, await store.lock_promised(tx, made["id"]))


async def change(
    tx: Writing, viewer: Viewer, lead_id: UUID, expected_version: int, fields: Mapping[str, Any], *, today: date
) -> Lead:
    """Lay a merge patch over an open lead."""
    present = await _lock_open(tx, viewer, lead_id, today=today)
    check_version(present.version, expected_version)
    check_not_emptied(fields, {"heard", "source", "owner_id"})
    after = {name: getattr(present, name) for name in ("customer_id", "company_name")} | dict(fields)
    rules.check_named(after["customer_id"], after["company_name"])
    if fields.get("customer_id") in {present.customer_id, present.own_customer_id} - {None}:
        fields = {name: value for name, value in fields.items() if name != "customer_id"}
    elif fields.get("customer_id") is not None:
        fields = dict(fields) | {"customer_id": await _customer_of(tx, viewer, fields["customer_id"])}
    if fields.get("owner_id", present.owner_id) != present.owner_id:
        rules.check_may_own(decider_of(viewer), fields["owner_id"], await superiors_of(tx, fields["owner_id"], today))
        await check_active(tx, fields["owner_id"], "/owner_id")
    return _told(tx, events.LEAD_UPDATED, await store.write(tx, present, **fields))


async def drop(tx: Writing, viewer: Viewer, lead_id: UUID, reason: str, *, today: date) -> Lead:
    """Give an open lead up."""
    present = await _lock_open(tx, viewer, lead_id, today=today)
    dropped = await store.write(tx, present, state=LeadState.DROPPED.value, drop_reason=reason)
    return _told(tx, events.LEAD_DROPPED, dropped)


async def promise(tx: Writing, viewer: Viewer, lead_id: UUID, hand_over: HandOver, *, today: date) -> Lead:
    """Promise an open lead to `opportunity`; one that is promised or converted already is returned as it is."""
    present = await store.lock(tx, viewer, lead_id)
    await _check_may_work(tx, viewer, present, today=today)
    if present.state in {LeadState.CONVERTING, LeadState.CONVERTED}:
        return present
    rules.check_open(present.state, present.opportunity_id)
    if present.customer_id is None:
        raise rules.LeadWithoutCustomer
    terms = hand_over.terms(present.customer_id, present.owner_id)
    promised = await store.write(
        tx,
        present,
        state=LeadState.CONVERTING.value,
        refusal=None,
        hand_over=_in_the_name_of(viewer, terms),
        try_at=tx.now + ATTEMPT,
    )
    return _told(tx, events.LEAD_UPDATED, promised)


async def promise_customer(
    tx: Writing, viewer: Viewer, customer_id: UUID, hand_over: HandOver, key: bytes | None, *, today: date
) -> Lead:
    """Promise a customer to `opportunity`, by a lead made for it; the same request finds the lead it made before."""
    customer = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    owner = hand_over.principal_id or _seller_of(viewer, customer)
    await check_active(tx, owner, "/principal_id")
    customer_id = customer.id
    made = _row(
        tx,
        {
            "customer_id": customer_id,
            "heard": hand_over.name,
            "source": LeadSource.CUSTOMER_TALK.value,
            "owner_id": owner,
            "state": LeadState.CONVERTING.value,
            "hand_over": _in_the_name_of(viewer, hand_over.terms(customer_id, owner)),
            "hand_over_key": key,
            "try_at": tx.now + ATTEMPT,
        },
    )
    if await store.insert_if_new(tx, made):
        return _told(tx, events.LEAD_CREATED, await store.lock_promised(tx, made["id"]))
    assert key is not None  # noqa: S101 (narrowing: nothing else than the key can be taken)
    found = await store.find_by_key(tx, key)
    assert found is not None  # noqa: S101 (narrowing: it was there a statement before, and leads stay)
    return found


async def conclude(tx: Writing, lead_id: UUID, opportunity_id: UUID) -> Lead:
    """Keep what a promised lead became."""
    present = await store.lock_promised(tx, lead_id)
    if present.state == LeadState.CONVERTED:
        return present
    converted = await store.write(
        tx, present, state=LeadState.CONVERTED.value, opportunity_id=opportunity_id, refusal=None, drop_reason=None
    )
    return _told(tx, events.LEAD_CONVERTED, converted)


async def take_back(tx: Writing, lead_id: UUID, refusal: str) -> Lead:
    """Open a promised lead again, since `opportunity` refuses it."""
    present = await store.lock_promised(tx, lead_id)
    if present.state != LeadState.CONVERTING:
        return present
    return _told(tx, events.LEAD_UPDATED, await store.write(tx, present, state=LeadState.OPEN.value, refusal=refusal))


def _row(tx: Writing, given: Mapping[str, Any]) -> dict[str, Any]:
    empty = dict.fromkeys(("customer_id", "company_name", "drop_reason", "opportunity_id", "hand_over", "refusal"))
    made = {"id": new_id(), "version": 1, "created_by": tx.actor_id, "created_at": tx.now, "updated_at": tx.now}
    return empty | {"hand_over_key": None, "try_at": None} | dict(given) | made


def _in_the_name_of(viewer: Viewer, terms: dict[str, Any]) -> dict[str, Any]:
    """Return the terms with who promised them: `opportunity` lets them do it, or does not."""
    behalf = str(viewer.on_behalf_of) if viewer.on_behalf_of else None
    return {"terms": terms, "person_id": str(viewer.person_id), "on_behalf_of": behalf}


def _seller_of(viewer: Viewer, customer: CustomerRow) -> UUID:
    return customer.account_manager_id or decider_of(viewer).authority


async def _customer_of(tx: Writing, viewer: Viewer, customer_id: UUID | None) -> UUID | None:
    """Return whom the id stands for, or raise `UnknownCustomer` unless the viewer sees it."""
    if customer_id is None:
        return None
    if not await records.visible_of(tx, viewer, [customer_id]):
        raise UnknownCustomer
    return (await identity.survivors_of(tx, [customer_id]))[customer_id]


async def _lock_open(tx: Writing, viewer: Viewer, lead_id: UUID, *, today: date) -> Lead:
    present = await store.lock(tx, viewer, lead_id)
    await _check_may_work(tx, viewer, present, today=today)
    rules.check_open(present.state, present.opportunity_id)
    return present


async def _check_may_work(tx: Writing, viewer: Viewer, present: Lead, *, today: date) -> None:
    rules.check_may_work(decider_of(viewer), present.owner_id, await superiors_of(tx, present.owner_id, today))


def _told(tx: Writing, event_type: str, after: Lead) -> Lead:
    told = ("id", "version", "customer_id", "owner_id", "source", "state", "opportunity_id")
    tx.publish(event_type, after.id, {name: getattr(after, name) for name in told})
    return after
