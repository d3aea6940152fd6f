"""What is done with an opportunity's terms: name, customer, amount, expected close and product lines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import Stale
from servicekit.values.ids import new_id
from services.opportunity import events
from services.opportunity.customers import store as customers
from services.opportunity.customers.rules import check_classified
from services.opportunity.customers.store import CustomerCopy
from services.opportunity.likelihood import Cause
from services.opportunity.opportunities import rules, store
from services.opportunity.opportunities.rules import Line, Terms
from services.opportunity.opportunities.rules.standing import Somebody, Standing, check_may_edit, standings_of
from services.opportunity.opportunities.store import Opportunity, Seen, terms_of
from services.opportunity.opportunities.store.appending import TermsRow
from services.opportunity.opportunities.store.probabilities import ProbabilityRow
from services.opportunity.products import store as products
from services.opportunity.products.rules import Goods
from services.opportunity.refusals import UnknownCustomer
from services.opportunity.vocabulary import State


async def keep_customers(tx: Writing, copies: Sequence[CustomerCopy]) -> None:
    """Keep what a peer has just told of customers that no event told of yet.

    Only what is news is written, in the order of ids: two imports of the same customers would else wait for each other.
    """
    present = await customers.customers_of(tx, [copy.id for copy in copies])
    news = [copy for copy in copies if copy.id not in present or present[copy.id].version < copy.version]
    for copy in sorted(news, key=lambda each: each.id):
        if await customers.keep_customer(tx, copy):
            await _follow_manager(tx, copy.id)


async def _follow_manager(tx: Writing, customer_id: UUID) -> None:
    """Let those who look after a customer see the opportunities of whoever stands for it, too."""
    survivor = (await customers.survivors_of(tx, [customer_id]))[customer_id]
    await store.follow_manager(tx, await customers.group_of(tx, customer_id), survivor.account_manager_id)


def may_operate(viewer: Viewer) -> bool:
    """Whether they keep the data of the whole house in order."""
    return viewer.has_role(SALES_OPERATIONS, ADMIN)


def standings(viewer: Viewer, seen: Seen) -> set[Standing]:
    """Return how the viewer stands to an opportunity."""
    somebody = Somebody(viewer.person_id, viewer.acts_as, may_operate(viewer))
    return standings_of(somebody, seen.principal_id, seen.principal_path, seen.team_roles)


async def end_manual_probability(
    tx: Writing, viewer: Viewer, after: Opportunity, cause: Cause, reason: str | None
) -> Opportunity:
    """Return the opportunity without what a person said of the chance to win, ended with another change of it."""
    if after.manual_probability_since is None:
        return after
    at = max(after.stage_since, after.manual_probability_since)
    row = probability_row(tx, viewer, after.id, None, at=at, cause=cause, reason=reason)
    await store.append_probability(tx, row, with_another=True)
    return with_probability(after, row)


def probability_row(
    tx: Writing,
    viewer: Viewer,
    opportunity_id: UUID,
    probability: Decimal | None,
    *,
    at: datetime,
    cause: Cause,
    reason: str | None,
) -> ProbabilityRow:
    """Return what somebody says of the chance to win as it is kept; None ends what was said before."""
    return ProbabilityRow(
        opportunity_id, at, tx.now, probability, cause.value, reason, viewer.person_id, viewer.on_behalf_of
    )


def with_probability(opportunity: Opportunity, row: ProbabilityRow) -> Opportunity:
    """Return the opportunity after what somebody said of the chance to win it."""
    said = row.probability is not None
    return replace(
        opportunity,
        manual_probability=row.probability,
        manual_probability_since=row.at if said else None,
        manual_probability_by=row.actor_id if said else None,
    )


def kept_lines(lines: Sequence[Line], currency: str, before: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return lines as they are kept and published; a line at the same place for the same product keeps its id."""
    ids = {(place, line["product_id"]): line["id"] for place, line in enumerate(before)}
    return [
        {
            "id": ids.get((place, str(line.product_id))) or str(new_id()),
            "product_id": str(line.product_id),
            "quantity": _text(line.quantity),
            "unit_price": _text(line.unit_price),
            "amount": _text(rules.line_amount(line, currency)),
            "delivery_date": line.delivery_date.isoformat() if line.delivery_date else None,
            "place": line.delivery_place,
        }
        for place, line in enumerate(lines)
    ]


def check_terms(terms: Terms, catalogue: dict[UUID, Goods], today: date) -> None:
    """Refuse terms that cannot be."""
    rules.check_lines(terms.lines, catalogue)
    rules.check_expected_close(terms.expected_close, today)


async def change_terms(
    tx: Writing,
    viewer: Viewer,
    opportunity_id: UUID,
    version: int,
    *,
    changed: Terms,
    today: date,
    blocks_unclassified: bool = False,
) -> Opportunity:
    """Change what an opportunity is about, and keep what reports look back on with its date."""
    customer = await known_customer(tx, changed.customer_id)
    seen = await store.lock(tx, viewer, opportunity_id)
    check_may_edit(standings(viewer, seen))
    if seen.version != version:
        raise Stale(seen.version)
    changed = replace(changed, customer_id=for_whom(seen, changed.customer_id, customer))
    if terms_of(seen) == changed:
        return seen
    if seen.state != State.OPEN and terms_of(replace(seen, name=changed.name)) != changed:
        raise rules.TermsClosed(seen.state)
    if blocks_unclassified and customer is not None and changed.customer_id != seen.customer_id:
        check_classified(customer.kind, customer.account_manager_id, customer.tier)
    catalogue = await products.catalogue_of(tx, [line.product_id for line in changed.lines])
    check_terms(changed, catalogue, today)
    return await write_terms(tx, viewer, seen, changed, customer)


def for_whom(before: Opportunity, named: UUID | None, customer: CustomerCopy | None) -> UUID | None:
    """Return whom the terms name: the survivor, or still the one they named before, if that one stands for it."""
    if customer is None:
        return named
    return before.customer_id if before.current_customer_id == customer.id else customer.id


async def known_customer(tx: Writing, customer_id: UUID | None) -> CustomerCopy | None:
    """Return the copy of the customer that an opportunity is to be for: the survivor of the one that was named."""
    if customer_id is None:
        return None
    customer = (await customers.hold_survivors(tx, [customer_id])).get(customer_id)
    if customer is None:
        raise UnknownCustomer
    return customer


async def write_terms(
    tx: Writing,
    viewer: Viewer,
    before: Opportunity,
    terms: Terms,
    customer: CustomerCopy | None,
    *,
    at: datetime | None = None,
) -> Opportunity:
    """Write changed terms, with their history and their event.

    Args:
        tx: the transaction, in which the opportunity is locked.
        viewer: who changes them.
        before: the opportunity as it is.
        terms: as they are to be.
        customer: whom they name; not looked at where that is the same as before.
        at: since when they hold, not before the last change of terms; now unless given.
    """
    search_name = rules.search_form(terms.name)
    if terms_of(replace(before, name=terms.name)) == terms:
        version = await store.rename(tx, before.id, terms.name, search_name)
        after = replace(before, name=terms.name, version=version)
        events.publish(tx, events.UPDATED, after)
        return after
    lines = kept_lines(terms.lines, terms.currency, before.lines)
    after = replace(
        before if terms.customer_id == before.customer_id else _for_customer(before, customer),
        name=terms.name,
        customer_id=terms.customer_id,
        currency=terms.currency,
        amount=terms.amount,
        amount_is_estimate=terms.amount_is_estimate,
        expected_close=terms.expected_close,
        lines=lines,
        product_ids=[line.product_id for line in terms.lines],
        terms_since=at or max(tx.now, before.terms_since),
    )
    version = await store.append_terms(tx, terms_row(tx, viewer, after), after, search_name)
    after = replace(after, version=version)
    events.publish(tx, events.UPDATED, after)
    return after


def _for_customer(opportunity: Opportunity, customer: CustomerCopy | None) -> Opportunity:
    return replace(
        opportunity,
        current_customer_id=customer.id if customer else None,
        customer_name=customer.name if customer else None,
        customer_tier=customer.tier if customer else None,
        account_manager_id=customer.account_manager_id if customer else None,
    )


def terms_row(tx: Writing, viewer: Viewer, opportunity: Opportunity) -> TermsRow:
    """Return the terms of an opportunity as they are kept from `terms_since` on."""
    return TermsRow(
        opportunity.id,
        opportunity.terms_since,
        tx.now,
        opportunity.currency,
        opportunity.amount,
        opportunity.amount_is_estimate,
        opportunity.expected_close,
        opportunity.customer_id,
        opportunity.lines,
        opportunity.product_ids,
        viewer.person_id,
        viewer.on_behalf_of,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
