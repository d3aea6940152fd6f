"""Announcing that neglected customers go back to the queue, withdrawing it, and doing it on the day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions.people import superiors_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.store import unassigned, writes
from services.customer.events import (
    CUSTOMER_ASSIGNED,
    CUSTOMER_RECLAIM_ANNOUNCED,
    CUSTOMER_RECLAIM_WITHDRAWN,
    CUSTOMER_RECLAIMED,
)
from services.customer.reclaiming import rules, store
from services.customer.reclaiming.rules import Facts, Notice, NoticeState, ReclaimRules, Step
from services.customer.reclaiming.store import RulesRow


async def decide_rules(
    tx: Writing, viewer: Viewer, decided: ReclaimRules, from_date: date, reason: str, *, today: date
) -> RulesRow:
    """Say how long customers may be neglected from a day on."""
    rules.check_may_decide(viewer.roles)
    rules.check_reclaim_rules(decided, from_date, today)
    names = ("is_on", "never_won_days", "after_contract_days", "notice_days")
    values = {name: getattr(decided, name) for name in names} | {"from_date": from_date, "reason": reason}
    values |= {"decided_by": tx.actor_id, "on_behalf_of": tx.actor.on_behalf_of, "decided_at": tx.now}
    return await store.add_rules(tx, values)


async def look_after(tx: Writing, ids: Sequence[UUID], in_force: ReclaimRules, zone: str, *, today: date) -> int:
    """Do what is due today about these customers; return about how many something was done.

    They are locked first, and judged by what is so then: whoever does something for one of them at the same moment
    either comes first and is counted, or finds it reclaimed. Done twice, it changes nothing the second time.
    """
    done = 0
    known = await store.lock_facts(tx, ids, zone)
    notices = await store.open_notices(tx, ids)
    for facts in known:
        notice = notices.pop(facts.id, None)
        step = rules.step_of(facts, notice, in_force, today)
        if step is Step.ANNOUNCE:
            await _announce(tx, facts, in_force, today)
        elif step is Step.WITHDRAW and notice:
            await _withdraw(tx, notice)
        elif step is Step.RECLAIM and notice:
            await _reclaim(tx, facts, notice, in_force)
        done += step is not Step.NOTHING
    for notice in notices.values():  # nobody looks after the customer any more
        await _withdraw(tx, notice)
    return done + len(notices)


async def _announce(tx: Writing, facts: Facts, in_force: ReclaimRules, today: date) -> None:
    due = rules.due_of(facts, in_force)
    due_on = rules.announced_for(due, in_force, today)
    if await store.announce(tx, facts, due, due_on, in_force):
        above = await superiors_of(tx, facts.account_manager_id, today)
        told = _told(facts.id, facts.account_manager_id, due_on)
        more = {"why": due.why.value, "last_day": due.last_day, "superior_id": above[0] if above else None}
        tx.publish(CUSTOMER_RECLAIM_ANNOUNCED, facts.id, told | more)


async def _withdraw(tx: Writing, notice: Notice) -> None:
    if await store.end_notice(tx, notice, NoticeState.WITHDRAWN):
        told = _told(notice.customer_id, notice.account_manager_id, notice.due_on)
        tx.publish(CUSTOMER_RECLAIM_WITHDRAWN, notice.customer_id, told)


async def _reclaim(tx: Writing, facts: Facts, notice: Notice, in_force: ReclaimRules) -> None:
    if not await store.end_notice(tx, notice, NoticeState.RECLAIMED):
        return
    former, reason = facts.account_manager_id, rules.reason_of(rules.due_of(facts, in_force))
    await tx.execute(writes.SET_MANAGER, the_id=facts.id, now=tx.now, manager=None)
    row = writes.assignment_values(tx, writes.Made(facts.id, facts.version + 1), None, former, reason)
    await tx.execute(writes.INSERT_ASSIGNMENT, **row)
    await unassigned.say_why(tx, facts.id, "reclaimed", reason=reason)
    await publish(tx, CUSTOMER_ASSIGNED, facts.id, previous_account_manager_id=former)
    tx.publish(CUSTOMER_RECLAIMED, facts.id, _told(facts.id, former, notice.due_on))


def _told(customer_id: UUID, manager: UUID, due_on: date) -> dict[str, Any]:
    return {"customer_id": customer_id, "account_manager_id": manager, "due_on": due_on}
