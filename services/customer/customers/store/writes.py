"""Writing customers, and finding whom a new one would double."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.customers.rules.describing import Key, search_text
from services.customer.customers.rules.refusals import CustomerExists, ReferenceTaken
from services.customer.customers.rules.values import Reference
from services.customer.customers.store.identity import group_array, survivor, survivor_of
from services.customer.customers.store.records import BY_KEY, IS_VISIBLE, find_by_reference
from services.customer.customers.tables import (
    assignment,
    customer,
    customer_address,
    customer_identifier,
    customer_name,
    tier_change,
)
from services.customer.matching.rules.identifiers import Identifier
from services.customer.rulings.rules import Ruling

Values = dict[str, Any]

MUTABLE = (
    *("kind", "legal_name", "name_key", "country", "city", "city_key", "phone", "website", "industry"),
    *("annual_revenue", "annual_revenue_currency", "employees", "founded", "attributes"),
    *("parent_id", "account_manager_id", "tier", "external_system", "external_id"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """Which version of which customer a decision made."""

    customer_id: UUID
    version: int = 1


_made = {column.name: bindparam(column.name, type_=column.type) for column in customer.c}
_insertion = insert(customer).values(_made | {"parent_id": survivor_of(bindparam("parent_id", type_=Uuid()))})
INSERT_CUSTOMER = prepared(_insertion.returning(customer.c.id))
INSERT_CUSTOMER_IF_NEW = prepared(_insertion.on_conflict_do_nothing().returning(customer.c.id))
INSERT_NAME = prepared(insert(customer_name))
INSERT_NAME_IF_NEW = prepared(insert(customer_name).on_conflict_do_nothing())
INSERT_IDENTIFIER = prepared(insert(customer_identifier))
INSERT_IDENTIFIER_IF_NEW = prepared(insert(customer_identifier).on_conflict_do_nothing())
INSERT_ADDRESS = prepared(insert(customer_address))
INSERT_ASSIGNMENT = prepared(insert(assignment))
INSERT_TIER_CHANGE = prepared(insert(tier_change))

_ID = bindparam("the_id", type_=Uuid())

UPDATE_CUSTOMER = prepared(
    update(customer)
    .where(customer.c.id == _ID)
    .values(
        {name: bindparam(name, type_=customer.c[name].type) for name in MUTABLE}
        | {"version": customer.c.version + 1, "updated_at": bindparam("now", type_=customer.c.updated_at.type)}
    )
)
TOUCH_CUSTOMER = prepared(
    update(customer)
    .where(customer.c.id == _ID)
    .values(version=customer.c.version + 1, updated_at=bindparam("now", type_=customer.c.updated_at.type))
)
SET_MANAGER = prepared(
    update(customer)
    .where(customer.c.id == _ID)
    .values(
        version=customer.c.version + 1,
        updated_at=bindparam("now", type_=customer.c.updated_at.type),
        account_manager_id=bindparam("manager", type_=Uuid()),
    )
)
SET_TIER = prepared(
    update(customer)
    .where(customer.c.id == _ID)
    .values(
        version=customer.c.version + 1,
        updated_at=bindparam("now", type_=customer.c.updated_at.type),
        tier=bindparam("tier", type_=Text()),
    )
)
SET_SEARCH_TEXT = prepared(
    update(customer).where(customer.c.id == _ID).values(search_text=bindparam("text", type_=Text()))
)
_GROUP = group_array(_ID)
NAMES_OF = prepared(
    select(customer_name.c.name)
    .where(customer_name.c.customer_id == any_(_GROUP))
    .union_all(select(customer.c.legal_name).where(survivor() == _ID, customer.c.id != _ID))
)
VALUES_OF = prepared(select(customer_identifier.c.value).where(customer_identifier.c.customer_id == any_(_GROUP)))
HOLDER_OF = prepared(
    select(survivor())
    .join(customer_identifier, customer_identifier.c.customer_id == customer.c.id)
    .where(
        customer_identifier.c.scheme == bindparam("scheme", type_=Text()),
        customer_identifier.c.value == bindparam("value", type_=Text()),
        customer_identifier.c.verified,
        customer_identifier.c.ended_on.is_(None),
        survivor() != _ID,
    )
)
END_IDENTIFIER = prepared(
    update(customer_identifier)
    .where(
        customer_identifier.c.id == bindparam("part_id", type_=Uuid()),
        customer_identifier.c.customer_id == any_(_GROUP),
    )
    .where(customer_identifier.c.ended_on.is_(None))
    .values(ended_on=bindparam("on", type_=customer_identifier.c.ended_on.type))
)
END_ADDRESS = prepared(
    update(customer_address)
    .where(customer_address.c.id == bindparam("part_id", type_=Uuid()), customer_address.c.customer_id == any_(_GROUP))
    .where(customer_address.c.ended_on.is_(None))
    .values(ended_on=bindparam("on", type_=customer_address.c.ended_on.type))
)
END_NAME = prepared(
    update(customer_name)
    .where(customer_name.c.id == bindparam("part_id", type_=Uuid()), customer_name.c.customer_id == any_(_GROUP))
    .values(until_date=bindparam("on", type_=customer_name.c.until_date.type))
)


async def find_by_key(tx: Questions, key: Key) -> UUID | None:
    """Return the customer that has this name in this place, seen or not."""
    found: UUID | None = await tx.value(BY_KEY, name_key=key.name_key, country=key.country, city_key=key.city_key)
    return found


async def find_holder(tx: Questions, identifier: Identifier, apart_from: UUID) -> UUID | None:
    """Return another customer that has this verified identifier, seen or not."""
    found: UUID | None = await tx.value(
        HOLDER_OF, scheme=identifier.scheme.value, value=identifier.value, the_id=apart_from
    )
    return found


async def exists_already(tx: Questions, viewer: Viewer, customer_id: UUID | None, agreed_on: str) -> CustomerExists:
    """Return the refusal that names the existing customer to those who may see it."""
    visible = None if customer_id is None else await tx.value(IS_VISIBLE, viewer=viewer, id=customer_id)
    return CustomerExists(visible, agreed_on)


async def insert_new(tx: Writing, viewer: Viewer, values: Values, key: Key, reference: Reference | None) -> None:
    """Insert a customer, or raise what stands against it: its key, or its reference, is taken."""
    if await tx.value(INSERT_CUSTOMER_IF_NEW, **values) is not None:
        return
    if reference is not None and await find_by_reference(tx, reference):
        raise ReferenceTaken
    raise await exists_already(tx, viewer, await find_by_key(tx, key), "name_country_and_city")


async def insert_identifier(tx: Writing, viewer: Viewer, customer_id: UUID, identifier: Identifier) -> bool:
    """Insert an identifier unless the customer has it; raise `CustomerExists` if another has it."""
    values = identifier_values(customer_id, identifier)
    if await tx.execute(INSERT_IDENTIFIER_IF_NEW, **values):
        return True
    holder = await find_holder(tx, identifier, customer_id) if identifier.verified else None
    if holder is not None:
        raise await exists_already(tx, viewer, holder, identifier.scheme.value)
    return False


async def refresh_search_text(tx: Writing, customer_id: UUID, legal_name: str) -> None:
    """Work out again what the customer is found by, after a name or an identifier has changed."""
    names = [row[0] for row in await tx.all(NAMES_OF, the_id=customer_id)]
    values = [row[0] for row in await tx.all(VALUES_OF, the_id=customer_id)]
    await tx.execute(SET_SEARCH_TEXT, the_id=customer_id, text=search_text([legal_name, *names], values))


def name_values(customer_id: UUID, kind: str, name: str, name_key: str, span: Sequence[date | None]) -> Values:
    """Return the row of another name."""
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "kind": kind,
        "name": name,
        "name_key": name_key,
        "from_date": span[0],
        "until_date": span[1],
    }


def identifier_values(customer_id: UUID, identifier: Identifier) -> Values:
    """Return the row of an identifier."""
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "scheme": identifier.scheme.value,
        "value": identifier.value,
        "verified": identifier.verified,
        "ended_on": None,
    }


def assignment_values(
    tx: Writing,
    made: Made,
    new: UUID | None,
    previous: UUID | None,
    reason: str | None,
    *,
    ruling: Ruling | None = None,
) -> Values:
    """Return the row that says who looks after a customer from now on, and by which rule if one decided."""
    rule = {"rules_number": ruling.number if ruling else None, "rule_name": ruling.rule_name if ruling else None}
    return _decision(tx, made, reason) | {"account_manager_id": new, "previous_id": previous} | rule


def tier_change_values(tx: Writing, made: Made, new: str | None, previous: str | None, reason: str | None) -> Values:
    """Return the row that says a customer's tier from now on."""
    return _decision(tx, made, reason) | {"tier": new, "previous": previous}


def _decision(tx: Writing, made: Made, reason: str | None) -> Values:
    return {
        "id": new_id(),
        "customer_id": made.customer_id,
        "version": made.version,
        "reason": reason,
        "at": tx.now,
        "decided_by": tx.actor_id,
        "on_behalf_of": tx.actor.on_behalf_of,
    }
