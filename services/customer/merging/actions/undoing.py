"""Undoing a merge: what came from the duplicate returns, what was added to the survivor since stays with it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions.people import decider_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules.hierarchy import HierarchyCycle
from services.customer.customers.store import hierarchy, identity, records, writes
from services.customer.events import CUSTOMER_MERGE_UNDONE, CUSTOMER_UPDATED
from services.customer.merging import rules
from services.customer.merging.actions.merging import responsible_of, write_decisions
from services.customer.merging.store import contacts, merges
from services.customer.merging.store.merges import Merge


async def undo(tx: Writing, viewer: Viewer, customer_id: UUID, merge_id: UUID, reason: str, *, today: date) -> Merge:
    """Let the duplicate, and whoever was merged into it, stand apart from the survivor again.

    Raises:
        HierarchyCycle: the duplicate returns under its parent, which was put below the duplicate's own group since.
    """
    await hierarchy.lock_hierarchy(tx)
    present = await records.lock(tx, viewer, customer_id)
    group = sorted(await identity.group_of(tx, present.id))
    made = await merges.lock(tx, merge_id, group)
    apart = await merges.own(tx, made.merged_id)
    both = [await responsible_of(tx, each, today) for each in (present, apart)]
    rules.check_may_merge(decider_of(viewer), both)
    rules.check_may_be_undone(made.at, made.undone_at, tx.now)
    await merges.mark_undone(tx, made.id, reason)
    moved = await _part_customers(tx, group, made)
    await _part_contacts(tx, group, moved)
    await _check_line(tx, viewer, made.merged_id)
    await _restore_survivor(tx, made, reason)
    if present.id != made.survivor_id:
        await tx.execute(writes.TOUCH_CUSTOMER, the_id=present.id, now=tx.now)
    for each in moved:
        await publish(tx, CUSTOMER_MERGE_UNDONE, each, merge_id=made.id)
    for each in sorted({made.survivor_id, present.id}):
        await publish(tx, CUSTOMER_UPDATED, each, merge_id=made.id)
    return await merges.lock(tx, merge_id, group)


async def _part_customers(tx: Writing, group: Sequence[UUID], made: Merge) -> list[UUID]:
    """Point those that stood for the duplicate to it again, and the duplicate to itself; return all of them."""
    last = rules.survivors(group, await merges.steps_of(tx, group))
    moved = [each for each in group if last[each] == made.merged_id]
    for each in moved:
        await merges.point(tx, each, None if each == made.merged_id else made.merged_id)
    return moved


async def _part_contacts(tx: Writing, group: Sequence[UUID], moved: Sequence[UUID]) -> None:
    """Let contacts of two customers stand for each other no more, nor report to each other."""
    left = [each for each in group if each not in moved]
    steps = await contacts.steps_of(tx, group)
    broken = [each for each in steps if (each.merged_of in moved) != (each.survivor_of in moved)]
    await contacts.forget_steps(tx, broken)
    kept = {each.merged_id: each.survivor_id for each in steps if each not in broken}
    before = await contacts.standing_of(tx, group)
    after = rules.survivors(before, kept)
    await contacts.point(tx, _changed(before, after))
    await contacts.part(tx, moved, left)


def _changed(before: Mapping[UUID, UUID], after: Mapping[UUID, UUID]) -> dict[UUID, UUID | None]:
    return {
        each: None if after[each] == each else after[each] for each in sorted(before) if after[each] != before[each]
    }


async def _check_line(tx: Writing, viewer: Viewer, customer_id: UUID) -> None:
    line = await hierarchy.line_from(tx, customer_id)
    if customer_id in line[1:]:
        path = line[1 : line.index(customer_id, 1) + 1]
        shown = await records.seen_of(tx, viewer, path)
        raise HierarchyCycle([each for each in path if each in shown])


async def _restore_survivor(tx: Writing, made: Merge, reason: str) -> None:
    """Give the survivor back what the merge changed of it, unless that was decided anew since."""
    survivor = await merges.own(tx, made.survivor_id)
    back: dict[str, Any] = {name: [after, before] for name, (before, after) in made.settled.items()}
    await write_decisions(tx, survivor.id, survivor.version, back, reason)
    last = (await identity.survivors_of(tx, [made.survivor_id]))[made.survivor_id]
    for each in sorted({made.survivor_id, made.merged_id, last}):
        detail = await records.read(tx, each)
        await writes.refresh_search_text(tx, each, detail.legal_name)
