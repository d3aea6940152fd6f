"""Planning who covers whom, and ending it; those who keep up the customer do."""

from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from services.customer.activities.rules import UnknownContact
from services.customer.coverage import rules, store
from services.customer.coverage.store import Coverage
from services.customer.customers.actions.people import check_active, check_may_change
from services.customer.customers.store import records
from services.customer.events import COVERAGE_ENDED, COVERAGE_PLANNED
from services.customer.relationships import store as contacts


async def plan(
    tx: Writing, viewer: Viewer, contact_id: UUID, person_id: UUID, every_days: int, *, from_date: date, today: date
) -> Coverage:
    """Say who covers a contact, and how often.

    Raises:
        CoverageExists: this person covers them already.
    """
    try:
        contact = await contacts.get(tx, viewer, contact_id)
    except NotVisible:
        raise UnknownContact("/contact_id") from None
    present = await records.lock(tx, viewer, contact.customer_id)
    await check_may_change(tx, viewer, present, today=today)
    await check_active(tx, person_id, "/person_id")
    coverage_id = new_id()
    values = {"id": coverage_id, "version": 1, "customer_id": present.id, "contact_id": contact_id}
    values |= {"person_id": person_id, "every_days": every_days, "from_date": from_date, "until_date": None}
    await store.add(tx, values | {"created_by": viewer.acts_as, "created_at": tx.now})
    return await _tell(tx, COVERAGE_PLANNED, await store.get(tx, viewer, coverage_id))


async def end(tx: Writing, viewer: Viewer, coverage_id: UUID, until_date: date, *, today: date) -> Coverage:
    """Let a person cover a contact no more from a day on."""
    seen = await store.get(tx, viewer, coverage_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    present = await store.lock(tx, viewer, coverage_id)
    rules.check_end(present.from_date, present.until_date, until_date)
    await store.end(tx, coverage_id, until_date)
    return await _tell(tx, COVERAGE_ENDED, await store.get(tx, viewer, coverage_id))


async def _tell(tx: Writing, event: str, line: Coverage) -> Coverage:
    names = ("id", "version", "customer_id", "contact_id", "person_id", "every_days", "from_date", "until_date")
    tx.publish(event, line.id, {name: getattr(line, name) for name in names})
    return line
