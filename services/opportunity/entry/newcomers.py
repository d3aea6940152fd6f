"""An opportunity before it is kept: every row that it begins with."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.dates import business_date
from servicekit.values.ids import new_id
from services.opportunity.customers.rules import check_classified
from services.opportunity.customers.store import CustomerCopy
from services.opportunity.definitions.rules import Definition, find_stage
from services.opportunity.entry.over_time import AGREED, Agreed, Owned, principals_over_time, terms_over_time
from services.opportunity.entry.rules import Description, Told
from services.opportunity.funnel.rules.imported import Entry, Step, at_entry, walk
from services.opportunity.funnel.rules.moves import check_contract
from services.opportunity.opportunities import rules
from services.opportunity.opportunities.actions import kept_lines, terms_row
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.opportunities.store.appending import StageChangeRow, TermsRow
from services.opportunity.products.rules import Goods
from services.opportunity.refusals import UnknownCustomer
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class Known:
    """What this service knows of everything that descriptions refer to; customers are whom those named stand for."""

    customers: Mapping[UUID, CustomerCopy]
    catalogue: Mapping[UUID, Goods]
    people: Mapping[UUID, bool]
    """Everybody of the chart who is asked for, and whether they are at work."""
    funnel: Definition
    """The version of the funnel that the opportunity runs on: a new one on the current one unless told otherwise."""
    blocks_unclassified: bool
    calibrated: list[Any] | None
    """The calibration that counts now, as opportunities carry it."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An opportunity with the rows it begins with."""

    opportunity: Opportunity
    stages: Sequence[StageChangeRow]
    terms: Sequence[TermsRow]
    principals: Sequence[Owned]
    told: Told | None


def check_description(description: Description, known: Known, *, imported: bool) -> None:
    """Refuse what refers to nobody or nothing, or cannot be."""
    at_work = known.people.get(description.principal_id)
    if at_work is None or not (at_work or imported):
        raise rules.UnknownPerson
    if description.customer_id is not None and description.customer_id not in known.customers:
        raise UnknownCustomer
    if description.customer_id is not None and known.blocks_unclassified:
        customer = known.customers[description.customer_id]
        check_classified(customer.kind, customer.account_manager_id, customer.tier)
    rules.check_lines(description.lines, dict(known.catalogue))


def check_entries(entries: Sequence[Entry], known: Known, offset: int = 0) -> None:
    """Refuse entries of a history that refer to nobody or nothing; `offset` counts those before them."""
    for index, entry in enumerate(entries, start=offset):
        with at_entry(index):
            if entry.principal_id is not None and entry.principal_id not in known.people:
                raise rules.UnknownPerson
            if entry.customer_id is not None and entry.customer_id not in known.customers:
                raise UnknownCustomer
            if entry.lines:
                rules.check_lines(entry.lines, dict(known.catalogue))


def with_list_prices(description: Description, known: Known) -> Description:
    """Let list prices stand in for an amount that is not known, where that is asked for; it is an estimate then."""
    if not description.amount_from_list_price or description.amount is not None:
        return description
    amount = rules.list_price_amount(description.lines, dict(known.catalogue), description.currency)
    return replace(description, amount=amount, amount_is_estimate=True)


def first_row(tx: Writing, description: Description, known: Known, begun: datetime) -> Opportunity:
    """Return the opportunity as it begins, in the first stage."""
    customer = known.customers[description.customer_id] if description.customer_id else None
    return Opportunity(
        id=new_id(),
        version=1,
        name=description.name,
        customer_id=customer.id if customer else None,
        current_customer_id=customer.id if customer else None,
        customer_name=customer.name if customer else None,
        customer_tier=customer.tier if customer else None,
        account_manager_id=customer.account_manager_id if customer else None,
        principal_id=description.principal_id,
        principal_since=begun,
        funnel_version=known.funnel.version,
        stage=known.funnel.first.key,
        stage_probability=known.funnel.first.probability,
        calibrated=known.calibrated,
        state=State.OPEN.value,
        stage_since=begun,
        funnel_since=None,
        stood_in=None,
        age_known=True,
        opened_at=begun,
        decided_on=None,
        loss_reason=None,
        win_reason=None,
        competitor_id=None,
        currency=description.currency,
        amount=description.amount,
        amount_is_estimate=description.amount_is_estimate,
        expected_close=description.expected_close,
        lines=kept_lines(description.lines, description.currency),
        product_ids=[line.product_id for line in description.lines],
        contract_until=None,
        last_activity_on=None,
        assessment_id=None,
        assessed_at=None,
        score=None,
        score_most=None,
        assessed_value=None,
        opportunity_exists=None,
        we_can_compete=None,
        we_can_win=None,
        worth_winning=None,
        terms_since=begun,
        origin=description.origin.value,
        external_system=description.system,
        external_id=description.external_id,
        created_at=tx.now,
        manual_probability=None,
        manual_probability_since=None,
        manual_probability_by=None,
    )


def newcomer(tx: Writing, viewer: Viewer, told: Told, known: Known, zone: ZoneInfo) -> Newcomer:
    """Return the rows that an opportunity told by another system begins with, its history walked."""
    description = with_list_prices(told.description, known)
    steps = walk(known.funnel, told.history, told.opened_at, tx.now)
    begun = steps[0].at
    present = Agreed(description.amount, description.expected_close, description.customer_id, tuple(description.lines))
    principals = principals_over_time(told.history, begun, description.principal_id)
    row, terms = _agreed_over_time(tx, viewer, description, known, terms_over_time(told.history, begun, present))
    row = replace(
        row,
        principal_since=principals[-1].from_at,
        age_known=bool(told.history) or told.opened_at is not None,
    )
    since = [each.at for each in terms]
    stages = []
    for step in steps:
        row = after_step(row, step, known.funnel, zone)
        stages.append(step_row(tx, viewer, row, step, terms[bisect_right(since, step.at) - 1].amount))
    check_contract(State(row.state), row.decided_on, description.contract_until)
    row = replace(row, contract_until=description.contract_until)
    return Newcomer(row, stages, terms, principals, told)


def _agreed_over_time(
    tx: Writing,
    viewer: Viewer,
    description: Description,
    known: Known,
    over_time: Sequence[tuple[datetime, Agreed]],
) -> tuple[Opportunity, list[TermsRow]]:
    """Return the opportunity as it begins but with its last terms, and the rows of all its terms."""
    begun, last = over_time[0][0], over_time[-1][1]
    row = first_row(tx, replace(description, **{name: getattr(last, name) for name in AGREED}), known, begun)
    rows: list[TermsRow] = []
    lines: list[dict[str, Any]] = []
    for at, agreed in over_time:
        lines = kept_lines(agreed.lines, description.currency, lines)
        row = replace(
            row,
            terms_since=at,
            amount=agreed.amount,
            expected_close=agreed.expected_close,
            customer_id=known.customers[agreed.customer_id].id if agreed.customer_id else None,
            lines=lines,
            product_ids=[line.product_id for line in agreed.lines],
        )
        rows.append(terms_row(tx, viewer, row))
    return row, rows


def after_step(row: Opportunity, step: Step, funnel: Definition, zone: ZoneInfo) -> Opportunity:
    """Return the opportunity after a change of its history; `funnel` is the version that it runs on."""
    closed = step.to_state is not State.OPEN
    return replace(
        row,
        stage=step.to_stage,
        stage_probability=find_stage(funnel, step.to_stage).probability,
        state=step.to_state.value,
        stage_since=step.at,
        stood_in=step.from_stage if closed else None,
        decided_on=business_date(step.at, zone) if closed else None,
        loss_reason=step.loss_reason if closed else None,
        win_reason=step.win_reason if closed else None,
        contract_until=None,
    )


def step_row(tx: Writing, viewer: Viewer, row: Opportunity, step: Step, amount: Decimal | None) -> StageChangeRow:
    """Return a change of a history as it is kept, `row` being the opportunity after it."""
    return StageChangeRow(
        opportunity_id=row.id,
        at=step.at,
        recorded_at=tx.now,
        funnel_version=row.funnel_version,
        from_stage=step.from_stage,
        to_stage=step.to_stage,
        from_state=step.from_state.value if step.from_state else None,
        to_state=step.to_state.value,
        decided_on=row.decided_on,
        currency=row.currency,
        amount=amount,
        reason=step.reason,
        loss_reason=step.loss_reason,
        win_reason=step.win_reason,
        competitor_id=None,
        override_reason=None,
        passed_over=[],
        actor_id=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
    )


def entered(tx: Writing, viewer: Viewer, description: Description, known: Known) -> Newcomer:
    """Return the rows that an opportunity entered just now begins with."""
    row = first_row(tx, with_list_prices(description, known), known, tx.now)
    step = Step(tx.now, None, row.stage, None, State.OPEN, amount=row.amount)
    return Newcomer(
        row,
        [step_row(tx, viewer, row, step, row.amount)],
        [terms_row(tx, viewer, row)],
        [Owned(tx.now, row.principal_id)],
        told=None,
    )
