"""Continuing what was imported before: new entries of a history, each written with its date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.opportunity import events
from services.opportunity.definitions.rules import Definition, Definitions, translated
from services.opportunity.entry import newcomers
from services.opportunity.entry.newcomers import Known
from services.opportunity.entry.over_time import named_by
from services.opportunity.entry.rules import HistoryOfNewerFunnel, PrincipalConflict, Told
from services.opportunity.entry.store import append_late_terms, terms_at
from services.opportunity.funnel.rules.imported import (
    Entry,
    HistoryOutOfOrder,
    Step,
    at_entry,
    check_open_stage,
    continue_walk,
)
from services.opportunity.funnel.rules.moves import check_contract
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import for_whom, kept_lines, write_terms
from services.opportunity.opportunities.store import Opportunity, terms_of
from services.opportunity.vocabulary import State


def check_entries(present: Opportunity, entries: Sequence[Entry], offset: int) -> None:
    """Refuse new entries before the beginning, and those that name another principal owner than is known.

    Only a superior of the present one replaces them: an entry may say who owns it by now, and nothing else.
    """
    for index, entry in enumerate(entries, start=offset):
        if entry.at < present.opened_at:
            raise HistoryOutOfOrder(f"This lies before its beginning at {present.opened_at.isoformat()}.", index)
        if entry.principal_id is None:
            continue
        if entry.principal_id != present.principal_id or entry.at < present.principal_since:
            with at_entry(index):
                raise PrincipalConflict(present.principal_id)


def as_told_now(
    present: Opportunity, entries: Sequence[Entry], told_in: int | None, definitions: Definitions, offset: int
) -> list[Entry]:
    """Return new entries in the stages of the version that the opportunity runs on, along the mappings to it.

    Raises:
        HistoryOfNewerFunnel: they are told in stages of a newer version; nothing leads back.
    """
    if told_in is None or told_in == present.funnel_version:
        return list(entries)
    if told_in > present.funnel_version:
        raise HistoryOfNewerFunnel(present.funnel_version, told_in)
    found: list[Entry] = []
    for index, entry in enumerate(entries, start=offset):
        stage = entry.to_stage
        if stage is not None:
            check_open_stage(definitions[told_in], stage, index)
            stage = translated(definitions, stage, told_in, present.funnel_version)
        found.append(replace(entry, to_stage=stage))
    return found


def steps_of(present: Opportunity, told: Told, funnel: Definition, offset: int, now: datetime) -> list[Step]:
    """Return the changes of stage or state that the new entries amount to."""
    last = Step(present.placed_since, None, present.stage, None, State(present.state))
    told_until = told.history[offset - 1].at if offset else None
    return continue_walk(funnel, last, told.history[offset:], offset, now, told_until=told_until)


def check_contract_after(
    present: Opportunity, steps: Sequence[Step], funnel: Definition, *, until: date | None, zone: ZoneInfo
) -> None:
    """Refuse a contract that does not fit what the steps lead to."""
    row = present
    for step in steps:
        row = newcomers.after_step(row, step, funnel, zone)
    if until != row.contract_until:
        check_contract(State(row.state), row.decided_on, until)


async def append(
    tx: Writing,
    viewer: Viewer,
    present: Opportunity,
    entries: Sequence[Entry],
    steps: Sequence[Step],
    *,
    known: Known,
    zone: ZoneInfo,
) -> Opportunity:
    """Write what the new entries tell, in their order."""
    row, left = present, list(reversed(steps))
    for entry in entries:
        if named_by(entry):
            row = await _agree(tx, viewer, row, entry, known)
        if left and left[-1].at == entry.at and (entry.to_stage or entry.outcome):
            row = await _move(tx, viewer, row, left.pop(), funnel=known.funnel, zone=zone)
    return row


async def _move(
    tx: Writing, viewer: Viewer, before: Opportunity, step: Step, *, funnel: Definition, zone: ZoneInfo
) -> Opportunity:
    after = replace(newcomers.after_step(before, step, funnel, zone), age_known=True)
    amount = step.amount
    if amount is None:
        is_late = step.at < before.terms_since
        amount = (await terms_at(tx, before.id, step.at)).amount if is_late else before.amount
    row = newcomers.step_row(tx, viewer, after, step, amount)
    version = await opportunities.append_stage_change(tx, row, after)
    after = replace(after, version=version)
    events.publish(tx, _event(before, after), after, at=step.at.isoformat())
    return after


def _event(before: Opportunity, after: Opportunity) -> str:
    if after.state == State.WON:
        return events.WON
    if after.state == State.LOST:
        return events.LOST
    return events.STAGE_CHANGED if before.state == State.OPEN else events.REOPENED


async def _agree(tx: Writing, viewer: Viewer, row: Opportunity, entry: Entry, known: Known) -> Opportunity:
    """Write the terms that an entry names, from its instant on."""
    if entry.at < row.terms_since:
        return await _agree_late(tx, viewer, row, entry, known)
    customer = known.customers[entry.customer_id] if entry.customer_id else None
    named = named_by(entry)
    if customer is not None:
        named["customer_id"] = for_whom(row, entry.customer_id, customer)
    present = terms_of(row)
    terms = replace(present, **named | {"lines": list(named.get("lines", present.lines))})
    return row if terms == present else await write_terms(tx, viewer, row, terms, customer, at=entry.at)


async def _agree_late(tx: Writing, viewer: Viewer, row: Opportunity, entry: Entry, known: Known) -> Opportunity:
    """Write terms that held before others that are known already: those stand, from their own instant on."""
    stood = await terms_at(tx, row.id, entry.at)
    named = named_by(entry)
    if entry.customer_id is not None:
        named["customer_id"] = known.customers[entry.customer_id].id
    if entry.lines is not None:
        named["lines"] = kept_lines(entry.lines, row.currency, stood.lines)
        named["product_ids"] = [line.product_id for line in entry.lines]
    changed = replace(stood, **named)
    if changed == stood:
        return row
    told = replace(
        changed, at=entry.at, recorded_at=tx.now, actor_id=viewer.person_id, on_behalf_of=viewer.on_behalf_of
    )
    version = await append_late_terms(tx, told)
    return replace(row, version=version)
