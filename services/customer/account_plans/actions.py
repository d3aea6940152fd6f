"""What people do with account plans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.questions import people_of
from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotAllowed, NotVisible
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.customer import events
from services.customer.account_plans import rules
from services.customer.account_plans.rules import Content, Done, Judgement, PlanDecision, PlanState
from services.customer.account_plans.store import plans, standings
from services.customer.account_plans.store.plans import Plan, PlanDetail
from services.customer.account_plans.store.standings import PlanYear
from services.customer.customers.actions.people import check_may_change, decider_of, superiors_of
from services.customer.customers.rules.approving import check_approval
from services.customer.customers.rules.refusals import UnknownPerson
from services.customer.customers.store import records
from services.customer.relationships.rules import UnknownCustomer


async def create(
    tx: Writing, viewer: Viewer, customer_id: UUID, year: int, content: Content, *, today: date
) -> PlanDetail:
    """Begin a plan for a customer and a year.

    Raises:
        PlanExists: there is one.
    """
    try:
        customer = await records.lock(tx, viewer, customer_id)
    except NotVisible:
        raise UnknownCustomer from None
    await check_may_change(tx, viewer, customer, today=today)
    await _check(tx, year, content)
    customer_id = customer.id
    if (made := await plans.find_of_year(tx, customer_id, year)) is not None:
        raise rules.PlanExists(made)
    plan_id = new_id()
    values: dict[str, Any] = {
        "id": plan_id,
        "version": 1,
        "customer_id": customer_id,
        "year": year,
        "state": PlanState.DRAFT.value,
        "content": plans.kept_content(content),
        "submission": 0,
        "submitted_by": None,
        "submitted_for": None,
        "in_force": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    if await tx.value(plans.INSERT_IF_NEW, **values) is None:
        raise rules.PlanExists(await plans.find_of_year(tx, customer_id, year))
    return await _told(tx, events.ACCOUNT_PLAN_CREATED, plan_id)


async def change(
    tx: Writing, viewer: Viewer, plan_id: UUID, expected_version: int, fields: Mapping[str, Any], *, today: date
) -> PlanDetail:
    """Lay changes over a plan; one that is approved stays in force until the changed one is approved."""
    present = await _lock_kept(tx, viewer, plan_id, today=today)
    check_version(present.version, expected_version)
    if present.state == PlanState.SUBMITTED:
        raise rules.PlanSubmitted
    content = replace(present.said, **fields)
    await _check(tx, present.year, content)
    state = PlanState.DRAFT.value if present.state == PlanState.APPROVED else present.state
    await plans.write(tx, present, state=state, content=plans.kept_content(content))
    return await _told(tx, events.ACCOUNT_PLAN_UPDATED, plan_id)


async def submit(tx: Writing, viewer: Viewer, plan_id: UUID, expected_version: int, *, today: date) -> PlanDetail:
    """Submit a plan to the superior, as it was read."""
    present = await _lock_kept(tx, viewer, plan_id, today=today)
    check_version(present.version, expected_version)
    rules.check_may_submit(present.state, present.said)
    number = present.submission + 1
    await plans.insert_submission(tx, present, number)
    await plans.write(
        tx,
        present,
        state=PlanState.SUBMITTED.value,
        submission=number,
        submitted_by=viewer.person_id,
        submitted_for=viewer.on_behalf_of,
    )
    return await _told(tx, events.ACCOUNT_PLAN_SUBMITTED, plan_id)


async def decide(tx: Writing, viewer: Viewer, plan_id: UUID, judgement: Judgement, *, today: date) -> PlanDetail:
    """Approve what was submitted, or return it with a comment."""
    present = await plans.lock(tx, viewer, plan_id)
    concerned = {present.account_manager_id, present.submitted_by, present.submitted_for} - {None}
    subject = present.account_manager_id or present.submitted_for or present.submitted_by
    check_approval(decider_of(viewer), [one for one in concerned if one], await superiors_of(tx, subject, today))
    rules.check_decidable(
        present.state, present.submission, judgement.submission, judgement.decision, judgement.comment
    )
    await plans.insert_decision(tx, present, judgement.decision.value, judgement.comment)
    if judgement.decision is PlanDecision.RETURNED:
        await plans.write(tx, present, state=PlanState.RETURNED.value)
        return await _told(tx, events.ACCOUNT_PLAN_RETURNED, plan_id)
    await plans.write(tx, present, state=PlanState.APPROVED.value, in_force=present.submission)
    await plans.put_in_force(tx, present)
    return await _told(tx, events.ACCOUNT_PLAN_APPROVED, plan_id)


async def finish_measure(
    tx: Writing, viewer: Viewer, plan_id: UUID, measure_id: UUID, done: Done, *, today: date
) -> PlanDetail:
    """Say that a measure of the plan in force is done."""
    present = await plans.lock(tx, viewer, plan_id)
    measure = await plans.lock_measure(tx, plan_id, measure_id)
    if measure is None:
        raise rules.MeasureNotVisible("measure", measure_id)
    keeps = await _keeps(tx, viewer, present, today=today)
    rules.check_may_finish(measure.owner_id, decider_of(viewer).authority, keeps_customer=keeps)
    if measure.done_on is not None or not measure.is_in_force:
        raise rules.MeasureDone
    if done.on > today:
        raise rules.DateAhead
    await plans.finish_measure(tx, plan_id, measure_id, done.on, done.note)
    await plans.write(tx, present)
    return await _told(tx, events.ACCOUNT_PLAN_UPDATED, plan_id)


async def set_year(tx: Writing, viewer: Viewer, year: int, due_on: date, tiers: Sequence[str]) -> PlanYear:
    """Say by when the plans of a year are due, and of customers of which tiers."""
    decider = decider_of(viewer)
    rules.check_may_set_years(decider.roles)
    await standings.append_year(tx, year, due_on, tiers)
    said = await standings.year_of(tx, year)
    assert said is not None  # noqa: S101 (narrowing: it was said a statement before)
    return said


async def _lock_kept(tx: Writing, viewer: Viewer, plan_id: UUID, *, today: date) -> Plan:
    seen = await plans.get(tx, viewer, plan_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    return await plans.lock(tx, viewer, plan_id)


async def _keeps(tx: Writing, viewer: Viewer, plan: Plan, *, today: date) -> bool:
    customer = await records.read(tx, plan.customer_id)
    try:
        await check_may_change(tx, viewer, customer, today=today)
    except NotAllowed:
        return False
    return True


async def _check(tx: Writing, year: int, content: Content) -> None:
    rules.check_content(year, content)
    known = await people_of(tx, list({measure.owner_id for measure in content.measures}))
    for place, measure in enumerate(content.measures):
        owner = known.get(measure.owner_id)
        if owner is None or not owner.active or owner.kind != "person":
            raise UnknownPerson(f"/measures/{place}/owner_id")


async def _told(tx: Writing, event_type: str, plan_id: UUID) -> PlanDetail:
    detail = await plans.read(tx, plan_id)
    told = ("id", "version", "customer_id", "account_manager_id", "year", "state", "submission", "in_force")
    tx.publish(event_type, plan_id, {name: getattr(detail.plan, name) for name in told})
    return detail
