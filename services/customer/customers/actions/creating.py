"""Making a customer: one for each company, however many try at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.customer.customers.actions import assigning
from services.customer.customers.actions.people import check_active, decider_of, superiors_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules import deciding, describing
from services.customer.customers.rules.describing import Key
from services.customer.customers.rules.refusals import UnknownParent
from services.customer.customers.rules.values import TypedAddress, TypedCustomer
from services.customer.customers.store import records, unassigned, writes
from services.customer.customers.store.records import CustomerDetail
from services.customer.events import CUSTOMER_CREATED
from services.customer.matching.rules.identifiers import Identifier
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_country
from services.customer.rulings.rules import Ruling
from services.customer.uniqueness.rules import words_of
from services.customer.uniqueness.store import wait_for_turn


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a customer comes to be that nobody typed as one.

    `discriminator` is what tells it from another company of its name in its place, as a review decided; `entered_by`
    is who told of it, where that is not who acts; `source` is where it was heard of.
    """

    discriminator: str = ""
    entered_by: UUID | None = None
    source: str | None = None


TYPED = Beginning()


@dataclass(frozen=True, slots=True)
class Described:
    """What is worked out of what was typed."""

    id: UUID
    key: Key
    manager: UUID | None
    identifiers: tuple[Identifier, ...]
    beginning: Beginning = TYPED


async def enter(tx: Writing, viewer: Viewer, typed: TypedCustomer, *, today: date) -> CustomerDetail:
    """Make a customer that somebody types, after whoever is at the same company at this moment.

    Raises:
        CustomerExists: its name in its place, or one of its verified identifiers, is another customer's.
        Busy: somebody was at the same company for too long.
    """
    key = describing.key_of(typed.legal_name, typed.country, typed.city)
    identifiers = describing.checked_identifiers(typed.identifiers, key.country, keeps_unverified=False)
    names = {key.name_key, *(normalise_name(each.name) for each in typed.other_names)}
    await wait_for_turn(tx, words_of(identifiers, names, key.country, key.city_key))
    return await create(tx, viewer, typed, today=today)


async def create(
    tx: Writing,
    viewer: Viewer,
    typed: TypedCustomer,
    *,
    today: date,
    keeps_unverified: bool = False,
    beginning: Beginning = TYPED,
) -> CustomerDetail:
    """Make a customer, or refuse it because the base has the company already.

    Raises:
        CustomerExists: its name in its place, or one of its verified identifiers, is another customer's.
    """
    decider = decider_of(viewer)
    fallback = deciding.first_manager(
        decider, given=typed.manager_given, named=typed.account_manager_id, is_machine=viewer.is_machine
    )
    manager = await assigning.manager_by(tx, typed.ruling) if typed.ruling else fallback
    key = describing.key_of(typed.legal_name, typed.country, typed.city)
    identifiers = describing.checked_identifiers(typed.identifiers, key.country, keeps_unverified=keeps_unverified)
    await check_named(tx, viewer, typed, manager, today=today)
    customer_id = new_id()
    described = Described(customer_id, key, manager, identifiers, beginning)
    values = customer_values(tx, viewer, typed, described)
    await writes.insert_new(tx, viewer, values, key, typed.reference)
    for identifier in identifiers:
        await writes.insert_identifier(tx, viewer, customer_id, identifier)
    await tx.execute_many(writes.INSERT_NAME, name_rows(customer_id, typed))
    await tx.execute_many(writes.INSERT_ADDRESS, [address_values(customer_id, one) for one in typed.addresses])
    await tx.execute_many(writes.INSERT_ASSIGNMENT, assignment_rows(tx, customer_id, manager, typed.ruling))
    if typed.ruling and manager is None:
        await assigning.note_unruled(tx, customer_id, typed.ruling, fallback)
    if beginning.source is not None and manager is None:
        await unassigned.note_source(tx, customer_id, beginning.source)
    await tx.execute_many(writes.INSERT_TIER_CHANGE, tier_rows(tx, customer_id, typed))
    return await publish(tx, CUSTOMER_CREATED, customer_id)


async def check_named(tx: Writing, viewer: Viewer, typed: TypedCustomer, manager: UUID | None, *, today: date) -> None:
    """Refuse people and companies that the caller may not name for a new customer."""
    decider = decider_of(viewer)
    await check_active(tx, manager)
    above = decider.has_any(deciding.ASSIGNING_ROLES) or manager in (None, decider.authority) or typed.ruling
    superiors = [] if above else await superiors_of(tx, manager, today)
    if typed.ruling is None:
        deciding.check_first_assignment(decider, manager, superiors)
    if typed.tier is not None:
        if manager is not None and not superiors and not decider.has_any(deciding.ASSIGNING_ROLES):
            superiors = await superiors_of(tx, manager, today)
        deciding.check_classification(decider, None, typed.tier, manager, superiors)
    if typed.parent_id is not None and not await records.visible_of(tx, viewer, [typed.parent_id]):
        raise UnknownParent


def customer_values(tx: Writing, viewer: Viewer, typed: TypedCustomer, described: Described) -> dict[str, Any]:
    """Return the row of a new customer."""
    revenue, key = typed.annual_revenue, described.key
    identifiers = [identifier.value for identifier in described.identifiers]
    names = (typed.legal_name, *[other.name for other in typed.other_names])
    return {
        "id": described.id,
        "version": 1,
        "kind": typed.kind.value,
        "legal_name": typed.legal_name,
        "name_key": key.name_key,
        "country": key.country,
        "city": typed.city,
        "city_key": key.city_key,
        "discriminator": described.beginning.discriminator,
        "phone": typed.phone,
        "website": typed.website,
        "industry": typed.industry,
        "annual_revenue": revenue.amount if revenue else None,
        "annual_revenue_currency": revenue.currency if revenue else None,
        "employees": typed.employees,
        "founded": typed.founded,
        "parent_id": typed.parent_id,
        "merged_into_id": None,
        "account_manager_id": described.manager,
        "tier": typed.tier.value if typed.tier else None,
        "origin": typed.origin.value,
        "attributes": dict(typed.attributes),
        "search_text": describing.search_text(names, identifiers),
        "external_system": typed.reference.system if typed.reference else None,
        "external_id": typed.reference.id if typed.reference else None,
        "created_by": described.beginning.entered_by or viewer.acts_as,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def name_rows(customer_id: UUID, typed: TypedCustomer) -> list[dict[str, Any]]:
    """Return the rows of a new customer's other names, each once."""
    distinct: Mapping[tuple[str, str], Any] = {(one.kind.value, one.name): one for one in typed.other_names}
    return [
        writes.name_values(customer_id, kind, name, normalise_name(name), (one.from_date, one.until_date))
        for (kind, name), one in distinct.items()
    ]


def address_values(customer_id: UUID, typed: TypedAddress) -> dict[str, Any]:
    """Return the row of an address."""
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "kind": typed.kind.value,
        "line_1": typed.line_1,
        "line_2": typed.line_2,
        "city": typed.city,
        "region": typed.region,
        "postal_code": typed.postal_code,
        "country": normalise_country(typed.country),
        "ended_on": None,
    }


def assignment_rows(
    tx: Writing, customer_id: UUID, manager: UUID | None, ruling: Ruling | None = None
) -> list[dict[str, Any]]:
    """Return the first row of who looks after a customer; none while nobody does."""
    made = writes.Made(customer_id)
    return [] if manager is None else [writes.assignment_values(tx, made, manager, None, None, ruling=ruling)]


def tier_rows(tx: Writing, customer_id: UUID, typed: TypedCustomer) -> list[dict[str, Any]]:
    """Return the first row of a customer's tier; none while it is not classified."""
    return (
        []
        if typed.tier is None
        else [writes.tier_change_values(tx, writes.Made(customer_id), typed.tier.value, None, None)]
    )
