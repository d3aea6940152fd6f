"""Merging a duplicate into the customer that survives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer.customers.actions.people import decider_of, superiors_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.store import hierarchy, identity, records, writes
from services.customer.customers.store.records import CustomerRow
from services.customer.events import CUSTOMER_ASSIGNED, CUSTOMER_MERGED, CUSTOMER_UPDATED
from services.customer.merging import rules
from services.customer.merging.rules import Responsible
from services.customer.merging.store import contacts, merges
from services.customer.merging.store.merges import Merge, Own


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be merged, in which state both were seen, what was decided where they differ, and why."""

    merged_id: UUID
    survivor_version: int
    merged_version: int
    chosen: Mapping[str, Any]
    reason: str


async def merge(tx: Writing, viewer: Viewer, customer_id: UUID, wanted: Wanted, *, today: date) -> Merge:
    """Let the duplicate, and whoever stands for it, stand for the survivor from now on.

    Whoever changes a parent or merges waits for the same row, so that no two close a circle which neither sees.
    """
    await hierarchy.lock_hierarchy(tx)
    survivor, merged = await _lock_both(tx, viewer, customer_id, wanted.merged_id)
    both = [await responsible_of(tx, each, today) for each in (survivor, merged)]
    rules.check_may_merge(decider_of(viewer), both)
    check_version(survivor.version, wanted.survivor_version)
    check_version(merged.version, wanted.merged_version)
    parent = await parent_of_merged(tx, survivor, merged)
    chosen = await _with_survivors(tx, wanted.chosen)
    settled = rules.settle(decided_of(survivor), decided_of(merged) | {"parent_id": parent}, chosen)
    made = Merge(
        id=new_id(),
        merged_id=merged.id,
        survivor_id=survivor.id,
        settled=changes(survivor, settled),
        reason=wanted.reason,
        at=tx.now,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    await merges.append(tx, made)
    moved = await _move(tx, made)
    await write_decisions(tx, survivor.id, survivor.version, made.settled, wanted.reason)
    await writes.refresh_search_text(tx, survivor.id, survivor.legal_name)
    for each in moved:
        await publish(tx, CUSTOMER_MERGED, each, merge_id=made.id)
    await publish(tx, CUSTOMER_UPDATED, survivor.id, merge_id=made.id)
    if "account_manager_id" in made.settled:
        await publish(tx, CUSTOMER_ASSIGNED, survivor.id, previous_account_manager_id=survivor.account_manager_id)
    return made


async def _lock_both(
    tx: Writing, viewer: Viewer, customer_id: UUID, merged_id: UUID
) -> tuple[CustomerRow, CustomerRow]:
    await records.check_visible(tx, viewer, customer_id)
    if not await records.visible_of(tx, viewer, [merged_id]):
        raise rules.UnknownDuplicate
    found = await identity.survivors_of(tx, [customer_id, merged_id])
    ids = (found[customer_id], found[merged_id])
    if ids[0] == ids[1]:
        raise rules.SameCustomer
    locked = {each: await records.lock(tx, viewer, each) for each in sorted(ids)}
    survivor, merged = locked[ids[0]], locked[ids[1]]
    if survivor.kind != merged.kind:
        raise rules.KindsDiffer
    return survivor, merged


async def responsible_of(tx: Questions, row: CustomerRow | Own, today: date) -> Responsible:
    """Return who keeps a customer up, with who stands above them today."""
    superiors = await superiors_of(tx, row.responsible_id, today)
    return Responsible(row.account_manager_id, row.responsible_id, superiors)


async def parent_of_merged(tx: Questions, survivor: CustomerRow, merged: CustomerRow) -> UUID | None:
    """Return the parent that the duplicate brings along; none where it stands below the survivor.

    Raises:
        SurvivorBelow: the survivor stands below the duplicate.
    """
    if merged.id in await hierarchy.line_from(tx, survivor.id):
        raise rules.SurvivorBelow
    return None if survivor.id in await hierarchy.line_from(tx, merged.id) else merged.parent_id


def decided_of(row: CustomerRow) -> dict[str, Any]:
    """Return what is a decision about a customer."""
    return {name: getattr(row, name) for name in rules.DECIDED}


def changes(row: CustomerRow, settled: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each decision that the merge changes, the values before and after, as they are kept."""
    before = decided_of(row) | {"parent_id": row.own_parent_id}
    return {
        name: [_kept(before[name]), _kept(value)] for name, value in settled.items() if value != decided_of(row)[name]
    }


def _kept(value: Any) -> str | None:
    return None if value is None else str(value)


async def _with_survivors(tx: Questions, chosen: Mapping[str, Any]) -> dict[str, Any]:
    parent = chosen.get("parent_id")
    told = await identity.survivors_of(tx, [parent] if parent else [])
    return {**chosen, "parent_id": told[parent]} if parent else dict(chosen)


async def _move(tx: Writing, made: Merge) -> list[UUID]:
    """Point the duplicate's group to the survivor, and contacts of one e-mail address to the survivor's."""
    moved = sorted(await identity.group_of(tx, made.merged_id))
    group = await identity.group_of(tx, made.survivor_id)
    await contacts.merge_pairs(tx, made.id, await contacts.pairs_of(tx, group, moved))
    for each in moved:
        await merges.point(tx, each, made.survivor_id)
    return moved


async def write_decisions(
    tx: Writing, customer_id: UUID, version: int, settled: Mapping[str, Any], reason: str
) -> None:
    """Write what changes of a customer's account manager, tier and parent, with its history.

    `settled` has the values before and after; where the row holds another one than before, it was decided since.
    """
    row = await merges.own(tx, customer_id)
    present: dict[str, Any] = {name: getattr(row, name) for name in rules.DECIDED}
    changed: dict[str, Any] = {
        name: after if after is None or name == "tier" else UUID(after)
        for name, (before, after) in settled.items()
        if _kept(present[name]) == before
    }
    await merges.write_settled(tx, customer_id, present | changed)
    made = writes.Made(customer_id, version + 1)
    if "account_manager_id" in changed:
        new, former = changed["account_manager_id"], row.account_manager_id
        await tx.execute(writes.INSERT_ASSIGNMENT, **writes.assignment_values(tx, made, new, former, reason))
    if "tier" in changed:
        change = writes.tier_change_values(tx, made, changed["tier"], row.tier, reason)
        await tx.execute(writes.INSERT_TIER_CHANGE, **change)
