"""What a viewer may see, as conditions of a query (binds: `Viewer.binds`)."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Uuid, bindparam, or_, select

from orgchart.tables import person
from servicekit.data.types import Ltree

VIEWER_ID = bindparam("viewer_id", type_=Uuid())
VIEWER_PATH = bindparam("viewer_path", type_=Ltree())
VIEWER_SEES_ALL = bindparam("viewer_sees_all", type_=Boolean())


def subtree_of_viewer() -> Any:
    """Return the query of the ids of the viewer and everybody below them."""
    return select(person.c.id).where(person.c.path.op("<@", is_comparison=True)(VIEWER_PATH))


def in_subtree(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the owner is the viewer or reports to them, directly or not."""
    return owner.in_(subtree_of_viewer())


def in_scope(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer sees everything, or the owner is in their subtree.

    For single rows found by key. A list asks for each leg apart: an OR across legs uses no index.
    """
    return or_(VIEWER_SEES_ALL, in_subtree(owner))
