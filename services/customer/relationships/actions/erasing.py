"""Giving out and erasing the personal data of a contact, as those may ask whom the data are of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

import orjson

from orgchart.viewer import Viewer
from servicekit.data import idempotency
from servicekit.data.transactions import Questions, Writing
from servicekit.jobs.forgetting import forget_what_was_held
from services.customer.customers.actions.people import decider_of, superiors_of
from services.customer.customers.store import records
from services.customer.events import CONTACT_ERASED
from services.customer.relationships import rules, store
from services.customer.relationships.actions.contacts import check_belongs, event_of_contact
from services.customer.relationships.store import Contact, Processing

JOBS_WITH_CONTACTS = ("list_contacts", "upsert_contacts")
"""Operations whose jobs hold contacts: exports of their list, imports."""
LEAST_TELLING = 5
"""Characters that a value must have to be looked for in answers that do not name the contact: "Li" is in many."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All that is known of a contact, and who wrote it when."""

    contact: Contact
    merged_contacts: list[Contact]
    customer_name: str
    processing: list[Processing]


async def personal_data(tx: Questions, viewer: Viewer, contact_id: UUID, *, today: date) -> PersonalData:
    """Return what is known of a contact."""
    found = await store.get(tx, viewer, contact_id)
    customer = await records.get(tx, viewer, found.customer_id)
    superiors = await superiors_of(tx, customer.account_manager_id, today)
    rules.check_erasure(decider_of(viewer), customer.account_manager_id, superiors)
    merged = await store.merged_of(tx, found.id)
    processing = await store.processing_of(tx, [found.id, *(each.id for each in merged)])
    return PersonalData(found, merged, customer.legal_name, processing)


async def erase(tx: Writing, viewer: Viewer, contact_id: UUID, *, today: date) -> Contact:
    """Erase the personal data of a contact everywhere; the contact stays, so that what refers to it holds.

    Those that stand for the contact since a merge are the same person: they are erased with it.
    Idempotent: what is erased stays as it is.
    """
    seen = await store.get(tx, viewer, contact_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    present = await store.lock(tx, viewer, contact_id)
    check_belongs(present, customer)
    superiors = await superiors_of(tx, customer.account_manager_id, today)
    rules.check_erasure(decider_of(viewer), customer.account_manager_id, superiors)
    person = [each for each in (present, *await store.merged_of(tx, present.id)) if each.erased_at is None]
    for each in person:
        await store.erase(tx, each.id)
        await _erase_elsewhere(tx, each)
        tx.publish(CONTACT_ERASED, each.id, event_of_contact(replace(each, version=each.version + 1)))
    return await store.get(tx, viewer, present.id)


async def _erase_elsewhere(tx: Writing, contact: Contact) -> None:
    """Answers are kept for days in case a request comes again: it then gets the contact as it is now. So are files."""
    values = [value for value in (contact.name, contact.email, contact.phone) if value and len(value) >= LEAST_TELLING]
    needles = [str(contact.id).encode(), *(orjson.dumps(value)[1:-1] for value in values)]
    rewrite = partial(_rewritten, contact=str(contact.id), values=values)
    connection = await tx.raw_connection()
    await idempotency.rewrite_answers(connection, needles, rewrite)
    await forget_what_was_held(connection, JOBS_WITH_CONTACTS, values)


def _rewritten(body: bytes, contact: str, values: Sequence[str]) -> bytes:
    return orjson.dumps(rules.without_values(orjson.loads(body), contact, values))
