"""Asking for resources, and deciding on it up the reporting line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import ADMIN, Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.opportunity.currencies.store import rates_into
from services.opportunity.definitions.store import definition_of
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import standings
from services.opportunity.opportunities.rules import PrincipalMoved
from services.opportunity.opportunities.rules.standing import check_may_edit
from services.opportunity.resources import rules, store
from services.opportunity.resources.rules import Decider, Matter, RequestState, RequestStep, Wanted
from services.opportunity.resources.store import ResourceRequest, Step
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class Line:
    """Who stands above somebody at this moment, the direct superior first, by which version of the org chart."""

    of_id: UUID
    superiors: Sequence[UUID]
    chart_version: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much each level decides on alone, in the reporting currency; `today` dates the rates."""

    amounts: Sequence[Decimal]
    currency: str
    today: date


async def requester_of(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> UUID:
    """Return in whose name resources are asked for, whose superiors decide on it."""
    await opportunities.get(tx, viewer, opportunity_id)
    if viewer.acts_as is None or viewer.is_machine:
        raise rules.RequesterUnknown
    return viewer.acts_as


async def request_resources(
    tx: Writing, viewer: Viewer, opportunity_id: UUID, wanted: Wanted, *, line: Line, today: date
) -> ResourceRequest:
    """Ask for resources; the superiors of who asks decide."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_edit(standings(viewer, seen))
    rules.check_request(State(seen.state), wanted, today)
    begins = rules.line_begins(line.of_id, seen.principal_id, line.superiors)
    made = ResourceRequest(
        id=new_id(),
        version=1,
        opportunity_id=opportunity_id,
        opportunity_name=seen.name,
        principal_id=seen.principal_id,
        opportunity_state=seen.state,
        funnel_version=seen.funnel_version,
        state=RequestState.REQUESTED.value,
        requested_by=line.of_id,
        requested_at=tx.now,
        filed_by=viewer.person_id or line.of_id,
        line_from_id=begins,
        waits_below_id=begins,
        decided_at=None,
        **_fields(wanted),
    )
    await store.add(tx, made, _step(tx, viewer, made, RequestStep.REQUESTED, line=line, wanted=wanted))
    _publish(tx, made, RequestStep.REQUESTED)
    return made


async def ask_again(
    tx: Writing, viewer: Viewer, request_id: UUID, wanted: Wanted, *, line: Line, today: date
) -> ResourceRequest:
    """Ask again for what was returned, changed or not; the line is asked from its beginning."""
    seen = await store.lock(tx, viewer, request_id)
    _check_requester(viewer, seen)
    rules.check_back_with_requester(seen.state)
    rules.check_request(State(seen.opportunity_state), wanted, today)
    begins = rules.line_begins(line.of_id, seen.principal_id, line.superiors)
    again = replace(
        seen,
        state=RequestState.REQUESTED.value,
        requested_at=tx.now,
        filed_by=viewer.person_id or seen.filed_by,
        line_from_id=begins,
        waits_below_id=begins,
        **_fields(wanted),
    )
    return await _keep(tx, viewer, again, RequestStep.REQUESTED, None, line=line, wanted=wanted)


async def withdraw(tx: Writing, viewer: Viewer, request_id: UUID, comment: str | None) -> ResourceRequest:
    """Take back what was asked for."""
    seen = await store.lock(tx, viewer, request_id)
    _check_requester(viewer, seen)
    rules.check_may_end(seen.state)
    ended = replace(seen, state=RequestState.WITHDRAWN.value, waits_below_id=None, decided_at=tx.now)
    return await _keep(tx, viewer, ended, RequestStep.WITHDRAWN, comment)


async def approve(
    tx: Writing, viewer: Viewer, request_id: UUID, comment: str | None, *, line: Line, limits: Limits
) -> ResourceRequest:
    """Approve a request: for good where the level suffices, else it waits for the next one up the line."""
    seen, level = await _to_decide(tx, viewer, request_id, line, RequestStep.APPROVED)
    if rules.suffices(level, line.superiors, await _in_money_of_the_house(tx, seen, limits), limits.amounts):
        by_request = (await definition_of(tx, seen.funnel_version)).done_by_request
        await opportunities.settle_duties(tx, seen.opportunity_id, by_request, is_done=True)
        approved = replace(seen, state=RequestState.APPROVED.value, waits_below_id=None, decided_at=tx.now)
        return await _keep(tx, viewer, approved, RequestStep.APPROVED, comment, line=line)
    passed_up = replace(seen, waits_below_id=viewer.acts_as)
    return await _keep(tx, viewer, passed_up, RequestStep.PASSED_UP, comment, line=line)


async def send_back(
    tx: Writing, viewer: Viewer, request_id: UUID, comment: str, *, line: Line, step: RequestStep
) -> ResourceRequest:
    """Return a request to be asked for otherwise, or reject it."""
    seen, _ = await _to_decide(tx, viewer, request_id, line, step)
    decided: datetime | None = tx.now if step is RequestStep.REJECTED else None
    back = replace(seen, state=step.value, waits_below_id=None, decided_at=decided)
    return await _keep(tx, viewer, back, step, comment, line=line)


async def _to_decide(
    tx: Writing, viewer: Viewer, request_id: UUID, line: Line, step: RequestStep
) -> tuple[ResourceRequest, int | None]:
    """Return the request, locked, and at which level who decides stands above whom it concerns."""
    seen = await store.lock(tx, viewer, request_id)
    if seen.line_from_id != line.of_id:
        raise PrincipalMoved
    level = rules.level_of(_decider(viewer), _matter(seen, line), step.value)
    rules.check_waiting(seen.state)
    return seen, level


def _decider(viewer: Viewer) -> Decider:
    if viewer.person_id is None:
        raise rules.RequesterUnknown
    return Decider(viewer.person_id, viewer.on_behalf_of, viewer.has_role(ADMIN))


def _matter(seen: ResourceRequest, line: Line) -> Matter:
    concerned = {seen.requested_by, seen.filed_by, seen.principal_id}
    return Matter(seen.opportunity_id, concerned, line.superiors, seen.waits_below_id or seen.line_from_id)


def _check_requester(viewer: Viewer, seen: ResourceRequest) -> None:
    if not {viewer.person_id, viewer.acts_as} & {seen.requested_by, seen.principal_id}:
        raise rules.RequestNotYours


async def _in_money_of_the_house(tx: Questions, seen: ResourceRequest, limits: Limits) -> Decimal | None:
    if seen.amount is None or seen.currency is None or not limits.amounts:
        return None
    rates = await rates_into(tx, limits.currency, [seen.currency], limits.today)
    rate = rates.get(seen.currency)
    return Decimal("Infinity") if rate is None else seen.amount * rate.factor


def _fields(wanted: Wanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}


def _told(wanted: Wanted) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in _fields(wanted).items()}


def _step(
    tx: Writing,
    viewer: Viewer,
    request: ResourceRequest,
    step: RequestStep,
    *,
    comment: str | None = None,
    line: Line | None = None,
    wanted: Wanted | None = None,
) -> Step:
    return Step(
        request.id,
        tx.now,
        step.value,
        viewer.person_id or request.filed_by,
        viewer.on_behalf_of,
        comment,
        line.chart_version if line else None,
        _told(wanted) if wanted else None,
    )


async def _keep(
    tx: Writing,
    viewer: Viewer,
    request: ResourceRequest,
    step: RequestStep,
    comment: str | None,
    *,
    line: Line | None = None,
    wanted: Wanted | None = None,
) -> ResourceRequest:
    version = await store.change(
        tx, request, _step(tx, viewer, request, step, comment=comment, line=line, wanted=wanted)
    )
    kept = replace(request, version=version)
    _publish(tx, kept, step)
    return kept


def _publish(tx: Writing, request: ResourceRequest, step: RequestStep) -> None:
    """Tell what became of a request: to whom it is of use, the owner and the superiors, follows from the state."""
    waiting = str(request.waits_below_id) if request.waits_below_id else None
    tx.publish(
        f"resource_request.{step.value}",
        request.id,
        {
            "id": str(request.id),
            "version": request.version,
            "opportunity_id": str(request.opportunity_id),
            "state": request.state,
            "requested_by": str(request.requested_by),
            "waits_below_id": waiting,
        },
    )
