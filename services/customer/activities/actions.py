"""Planning activities, carrying them out and cancelling them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart import questions
from orgchart.viewer import SEE_ALL, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer.activities import rules, store
from services.customer.activities.rules import TypedActivity
from services.customer.activities.store import Activity
from services.customer.customers.actions.people import check_active, decider_of, superiors_of
from services.customer.customers.rules.describing import check_not_emptied
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerRow
from services.customer.events import ACTIVITY_CANCELLED, ACTIVITY_DONE, ACTIVITY_PLANNED, ACTIVITY_UPDATED
from services.customer.relationships.rules import UnknownCustomer

AFTERWARDS = frozenset({"outcome"})
"""What may still be said of an activity that is done."""


@dataclass(frozen=True, slots=True)
class _Eyes:
    """Somebody whose sight is asked for, without them asking."""

    binds: dict[str, object]


async def plan(tx: Writing, viewer: Viewer, typed: TypedActivity, *, today: date) -> Activity:
    """Plan an activity with a customer, or record one that is done already.

    The customer is locked: whoever takes it from its account manager for want of activity sees this one or comes first.
    """
    rules.check_days(typed.planned_on, typed.done_on, today)
    try:
        customer = await records.lock(tx, viewer, typed.customer_id)
    except NotVisible:
        raise UnknownCustomer from None
    decider = decider_of(viewer)
    owner_id = typed.owner_id or decider.authority
    await check_active(tx, owner_id, "/owner_id")
    await _check_about(tx, viewer, customer, typed.opportunity_id)
    rules.check_owner(decider, owner_id, await superiors_of(tx, owner_id, today))
    await _check_contacts(tx, customer.id, typed.contact_ids)
    if owner_id != decider.authority:
        await _check_owner_sees(tx, owner_id, customer.id, typed.opportunity_id)
    values = _values(tx, viewer.acts_as, typed, owner_id) | {"customer_id": customer.id}
    await store.add(tx, values, typed.contact_ids)
    return await _publish(tx, ACTIVITY_DONE if typed.done_on else ACTIVITY_PLANNED, values["id"])


async def plan_for(tx: Writing, typed: TypedActivity, planned_by: UUID | None) -> Activity:
    """Plan an activity that follows from what was approved before: nobody is asked again whether they may."""
    if typed.owner_id is None:
        raise ValueError("What is planned for somebody says for whom.")
    values = _values(tx, planned_by, typed, typed.owner_id)
    await store.add(tx, values, typed.contact_ids)
    return await _publish(tx, ACTIVITY_PLANNED, values["id"])


def _values(tx: Writing, planned_by: UUID | None, typed: TypedActivity, owner_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "version": 1,
        "customer_id": typed.customer_id,
        "opportunity_id": typed.opportunity_id,
        "kind": typed.kind.value,
        "subject": typed.subject,
        "planned_on": typed.planned_on,
        "done_on": typed.done_on,
        "cancelled_on": None,
        "cancel_reason": None,
        "outcome": typed.outcome,
        "owner_id": owner_id,
        "day": typed.done_on or typed.planned_on,
        "created_by": planned_by,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


async def change(
    tx: Writing, viewer: Viewer, activity_id: UUID, expected_version: int, fields: Mapping[str, Any], *, today: date
) -> Activity:
    """Lay a merge patch over an activity; of one that is done or cancelled only the outcome.

    Raises:
        ActivityClosed: what is to change of it lies in the past.
    """
    present, customer = await _lock_to_work(tx, viewer, activity_id, today=today)
    check_version(present.version, expected_version)
    check_not_emptied(fields, {"subject", "planned_on", "owner_id", "contact_ids"})
    if not present.is_open and fields.keys() - AFTERWARDS:
        raise rules.ActivityClosed
    owner_id = fields.get("owner_id", present.owner_id)
    if owner_id != present.owner_id:
        await check_active(tx, owner_id, "/owner_id")
        rules.check_owner(decider_of(viewer), owner_id, await superiors_of(tx, owner_id, today))
        await _check_owner_sees(tx, owner_id, customer.id, present.opportunity_id)
    await _check_contacts(tx, customer.id, fields.get("contact_ids", ()))
    await store.change(tx, present, fields)
    return await _publish(tx, ACTIVITY_UPDATED, activity_id)


async def complete(
    tx: Writing, viewer: Viewer, activity_id: UUID, done_on: date | None, outcome: str | None, *, today: date
) -> Activity:
    """Say that an activity was done, on a day that has come.

    Raises:
        ActivityClosed: it is done or cancelled already.
    """
    rules.check_days(None, done_on or today, today)
    present, _ = await _lock_to_work(tx, viewer, activity_id, today=today)
    if not present.is_open:
        raise rules.ActivityClosed
    await store.change(tx, present, {"done_on": done_on or today, "outcome": outcome or present.outcome})
    return await _publish(tx, ACTIVITY_DONE, activity_id)


async def cancel(tx: Writing, viewer: Viewer, activity_id: UUID, reason: str, *, today: date) -> Activity:
    """Say that an activity will not be done.

    Raises:
        ActivityClosed: it is done or cancelled already.
    """
    present, _ = await _lock_to_work(tx, viewer, activity_id, today=today)
    if not present.is_open:
        raise rules.ActivityClosed
    await store.change(tx, present, {"cancelled_on": today, "cancel_reason": reason})
    return await _publish(tx, ACTIVITY_CANCELLED, activity_id)


async def _lock_to_work(tx: Writing, viewer: Viewer, activity_id: UUID, *, today: date) -> tuple[Activity, CustomerRow]:
    """Lock the customer and then the activity: the order in which a new one comes to be."""
    seen = await store.get(tx, viewer, activity_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    present = await store.lock(tx, viewer, activity_id)
    superiors = await superiors_of(tx, present.owner_id, today)
    above = await superiors_of(tx, customer.responsible_id, today)
    rules.check_may_work(decider_of(viewer), present.owner_id, customer.responsible_id, superiors, above)
    return present, customer


async def _check_about(tx: Writing, viewer: Viewer, customer: CustomerRow, opportunity_id: UUID | None) -> None:
    if opportunity_id is None:
        return
    is_theirs = await store.is_of_customer(tx, opportunity_id, customer.id)
    if not is_theirs or not await store.sees_opportunity(tx, viewer, opportunity_id, customer.id):
        raise rules.UnknownOpportunity


async def _check_contacts(tx: Writing, customer_id: UUID, contact_ids: tuple[UUID, ...]) -> None:
    if not await store.has_contacts(tx, customer_id, contact_ids):
        raise rules.UnknownContact


async def _check_owner_sees(tx: Writing, owner_id: UUID, customer_id: UUID, opportunity_id: UUID | None) -> None:
    """An activity that its owner cannot see would be done by nobody."""
    owner = (await questions.people_of(tx, [owner_id]))[owner_id]
    eyes = _Eyes({"viewer_id": owner_id, "viewer_sees_all": not SEE_ALL.isdisjoint(owner.roles)})
    sees = await records.is_visible_to(tx, eyes, customer_id)
    if sees and opportunity_id is not None:
        sees = await store.sees_opportunity(tx, eyes, opportunity_id, customer_id)
    if not sees:
        raise rules.OwnerSeesNot


async def _publish(tx: Writing, event_type: str, activity_id: UUID) -> Activity:
    found = await store.read(tx, activity_id)
    tx.publish(event_type, activity_id, event_of(found))
    return found


def event_of(found: Activity) -> dict[str, Any]:
    """Return what other services learn of an activity: no text that people wrote."""
    names = ("id", "version", "customer_id", "opportunity_id", "kind", "planned_on", "done_on", "cancelled_on")
    return {name: getattr(found, name) for name in (*names, "owner_id")}
