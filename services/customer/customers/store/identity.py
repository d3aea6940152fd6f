"""Whom an id stands for: a customer's own, or, once it was merged, its survivor's.

A merged customer stays as it is, with its names, identifiers, addresses, contacts and all that refers to it; it only
points to its survivor (`merged_into_id`, the last of a chain). What is asked of a survivor is asked of its whole group:
itself and every customer that stands for it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, ScalarSelect, Select, Uuid, any_, bindparam, func, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.customers.tables import customer

_one = customer.alias("one")
member = customer.alias("member")
named = customer.alias("named")


def survivor(row: Any = customer) -> ColumnElement[UUID]:
    """Return whom a row of `customer` (or of an alias of it) stands for; there is an index on this expression."""
    return func.coalesce(row.c.merged_into_id, row.c.id)


def survivor_of(customer_id: Any) -> ScalarSelect[Any]:
    """Return whom an id stands for, as a part of a statement; null where there is no such customer."""
    return select(survivor(_one)).where(_one.c.id == customer_id).correlate_except(_one).scalar_subquery()


def members_of(customer_id: Any) -> Select[Any]:
    """Return the ids of all that stand for a survivor, its own included."""
    return select(member.c.id).where(survivor(member) == customer_id).correlate_except(member)


def group_array(customer_id: Any) -> ColumnElement[Any]:
    """Return the ids of a group as an array; of a merged customer its own id alone."""
    return func.array_append(func.array(members_of(customer_id).scalar_subquery(), type_=ARRAY(Uuid())), customer_id)


def is_of(column: Any, customer_id: Any) -> ColumnElement[bool]:
    """Whether a column names a customer, by any of the ids that mean it; for what a list is filtered by."""
    group = members_of(survivor_of(customer_id)).scalar_subquery()
    means: ColumnElement[bool] = column == any_(func.array(group, type_=ARRAY(Uuid())))
    return means


def columns_of(rows: Any, names: Iterable[str]) -> tuple[ColumnElement[Any], ...]:
    """Return columns of what names a customer; its `customer_id` is whom that one stands for."""
    return tuple(survivor_of(rows.c[name]).label(name) if name == "customer_id" else rows.c[name] for name in names)


def of_survivor(query: Select[Any], named_id: Any) -> Select[Any]:
    """Return a query of what names a customer, joined with the `customer` whom that one stands for."""
    return query.join(named, named.c.id == named_id).join(customer, customer.c.id == survivor(named))


def with_survivor(rows: FromClause, named_id: Any) -> FromClause:
    """Return rows that may name a customer, joined with the `customer` whom that one stands for, if they do."""
    return rows.outerjoin(named, named.c.id == named_id).outerjoin(customer, customer.c.id == survivor(named))


_ID = bindparam("the_id", type_=Uuid())
GROUP = prepared(members_of(survivor_of(_ID)))
SURVIVORS = prepared(
    select(customer.c.id, survivor()).where(customer.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
)


async def group_of(tx: Questions, customer_id: UUID) -> list[UUID]:
    """Return every id that means the same customer as this one; this one alone if there is no such customer."""
    return [row[0] for row in await tx.all(GROUP, the_id=customer_id)] or [customer_id]


async def survivors_of(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return whom each of the ids stands for; those that there are not stand for themselves."""
    known = {row[0]: row[1] for row in await tx.all(SURVIVORS, ids=list(ids))} if ids else {}
    return {each: known.get(each, each) for each in ids}
