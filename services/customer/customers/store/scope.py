"""Who sees a customer: the account manager and their superiors, and who takes part in an opportunity of it.

A customer that nobody looks after is seen by whoever entered it, and their superiors, too.
"""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, CompoundSelect, Uuid, and_, any_, bindparam, exists, or_, select, union_all

from orgchart.scope import VIEWER_ID, VIEWER_SEES_ALL, viewers_path
from orgchart.tables import person
from services.customer.customers.store.identity import group_array
from services.customer.customers.tables import customer, opportunity_team

_c = customer.c
_team = opportunity_team.c
_merged = customer.alias("merged")

PEOPLE = bindparam("viewer_people", type_=ARRAY(Uuid()))
"""The viewer and everybody below them: lists compare with ids, for which indexes are at hand."""


def is_below_viewer(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """For a single row found by key: one look by key, where `in_subtree` would list the whole subtree."""
    return exists().where(person.c.id == owner, person.c.path.op("<@", is_comparison=True)(viewers_path()))


def is_visible() -> ColumnElement[bool]:
    """Whether the viewer may see a customer. For single rows found by key: a list asks for each leg apart."""
    return or_(is_looked_after(), viewer_takes_part(_team.customer_id == any_(group_array(_c.id))))


def is_looked_after() -> ColumnElement[bool]:
    """Whether the viewer looks after a customer, or stands above who does: they see all that anybody does for it.

    For single rows found by key. Who only takes part in an opportunity sees the customer, and not what is planned.
    """
    return or_(
        VIEWER_SEES_ALL,
        is_below_viewer(_c.account_manager_id),
        and_(_c.account_manager_id.is_(None), is_below_viewer(_c.created_by)),
    )


def viewer_takes_part(of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the viewer, or as principal owner somebody below them, is in one of these teams; for a single row."""
    return exists().where(
        of, or_(_team.person_id == VIEWER_ID, and_(_team.is_principal, is_below_viewer(_team.person_id)))
    )


def takes_part() -> ColumnElement[bool]:
    """Whether the viewer, or as principal owner somebody below them, takes part in an opportunity of the customer.

    Opportunities name the customer that they were made for, which may stand for another one since.
    """
    named = parts_of_viewer(_team.customer_id).cte("taking_part")
    merged = select(_merged.c.merged_into_id).join(named, named.c.customer_id == _merged.c.id)
    return _c.id.in_(union_all(select(named.c.customer_id), merged.where(_merged.c.merged_into_id.isnot(None))))


def parts_of_viewer(column: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Return the query of the customers, or the opportunities, that the viewer sees by taking part; for lists."""
    return union_all(
        select(column).where(_team.person_id == VIEWER_ID),
        select(column).where(_team.is_principal, _team.person_id == any_(PEOPLE)),
    )


def legs() -> list[ColumnElement[bool]]:
    """Return the ways in which somebody who does not see everything may see a customer, for a list to unite."""
    return [
        _c.account_manager_id == any_(PEOPLE),
        and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE)),
        takes_part(),
    ]
