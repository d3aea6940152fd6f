"""Names, identifiers and addresses of a customer: each is added, and ended, never rewritten."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.statements import Statement
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible
from services.customer.customers.actions.creating import address_values
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules import describing
from services.customer.customers.rules.refusals import IdentifierTaken
from services.customer.customers.rules.values import TypedAddress, TypedIdentifier, TypedName
from services.customer.customers.store import records, writes
from services.customer.customers.store.records import CustomerDetail, CustomerRow
from services.customer.events import CUSTOMER_UPDATED
from services.customer.matching.rules.names import normalise_name


@dataclass(frozen=True, slots=True)
class Part:
    """A name, identifier or address of a customer."""

    kind: str
    customer_id: UUID
    id: UUID


async def add_name(tx: Writing, viewer: Viewer, customer_id: UUID, typed: TypedName, *, today: date) -> CustomerDetail:
    """Add another name."""
    present = await _lock_to_change(tx, viewer, customer_id, today=today)
    describing.check_span(typed.from_date, typed.until_date)
    span = (typed.from_date, typed.until_date)
    row = writes.name_values(present.id, typed.kind.value, typed.name, normalise_name(typed.name), span)
    await tx.execute(writes.INSERT_NAME, **row)
    return await _finish(tx, present, is_found_by=True)


async def add_identifier(
    tx: Writing, viewer: Viewer, customer_id: UUID, typed: TypedIdentifier, *, today: date
) -> CustomerDetail:
    """Add an identifier, checked.

    Raises:
        CustomerExists: another customer has it.
        IdentifierTaken: this one has it already.
    """
    present = await _lock_to_change(tx, viewer, customer_id, today=today)
    (identifier,) = describing.checked_identifiers([typed], present.country, keeps_unverified=False)
    if not await writes.insert_identifier(tx, viewer, present.id, identifier):
        raise IdentifierTaken
    return await _finish(tx, present, is_found_by=True)


async def add_address(
    tx: Writing, viewer: Viewer, customer_id: UUID, typed: TypedAddress, *, today: date
) -> CustomerDetail:
    """Add an address."""
    present = await _lock_to_change(tx, viewer, customer_id, today=today)
    await tx.execute(writes.INSERT_ADDRESS, **address_values(present.id, typed))
    return await _finish(tx, present, is_found_by=False)


async def end_name(
    tx: Writing, viewer: Viewer, customer_id: UUID, name_id: UUID, on: date | None, *, today: date
) -> CustomerDetail:
    """Say until when a name was used (not including that day); it stays found by it."""
    return await _end(tx, viewer, Part("name", customer_id, name_id), writes.END_NAME, on=on or today, today=today)


async def end_identifier(
    tx: Writing, viewer: Viewer, customer_id: UUID, identifier_id: UUID, on: date | None, *, today: date
) -> CustomerDetail:
    """Say from when an identifier is the customer's no more: another may have it then."""
    return await _end(
        tx, viewer, Part("identifier", customer_id, identifier_id), writes.END_IDENTIFIER, on=on or today, today=today
    )


async def end_address(
    tx: Writing, viewer: Viewer, customer_id: UUID, address_id: UUID, on: date | None, *, today: date
) -> CustomerDetail:
    """Say from when an address is used no more."""
    return await _end(
        tx, viewer, Part("address", customer_id, address_id), writes.END_ADDRESS, on=on or today, today=today
    )


async def _end(
    tx: Writing, viewer: Viewer, part: Part, statement: Statement[object], *, on: date, today: date
) -> CustomerDetail:
    present = await _lock_to_change(tx, viewer, part.customer_id, today=today)
    if not await tx.execute(statement, the_id=present.id, part_id=part.id, on=on):
        raise NotVisible(part.kind, part.id)
    return await _finish(tx, present, is_found_by=False)


async def _lock_to_change(tx: Writing, viewer: Viewer, customer_id: UUID, *, today: date) -> CustomerRow:
    present = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, present, today=today)
    return present


async def _finish(tx: Writing, present: CustomerRow, *, is_found_by: bool) -> CustomerDetail:
    await tx.execute(writes.TOUCH_CUSTOMER, the_id=present.id, now=tx.now)
    if is_found_by:
        await writes.refresh_search_text(tx, present.id, present.legal_name)
    return await publish(tx, CUSTOMER_UPDATED, present.id)
