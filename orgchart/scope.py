"""What a viewer may see, as conditions of a query (binds: `Viewer.binds`).

Where the viewer stands is looked up in the same statement as those whom they see: the reporting line may be made anew
between a request's start and its question, and the place of before among the lines of after hides one's own from one.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Uuid, bindparam, or_, select

from orgchart.tables import person

VIEWER_ID = bindparam("viewer_id", type_=Uuid())
VIEWER_SEES_ALL = bindparam("viewer_sees_all", type_=Boolean())


_viewer = person.alias("viewer")


def viewers_path() -> Any:
    """Return the reporting line down to whom the viewer acts as; nothing where a service acts by itself."""
    return select(_viewer.c.path).where(_viewer.c.id == VIEWER_ID).scalar_subquery()


def subtree_of_viewer() -> Any:
    """Return the query of the ids of the viewer and everybody below them."""
    return select(person.c.id).where(person.c.path.op("<@", is_comparison=True)(viewers_path()))


def in_subtree(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the owner is the viewer or reports to them, directly or not."""
    return owner.in_(subtree_of_viewer())


def in_scope(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer sees everything, or the owner is in their subtree.

    For single rows found by key. A list asks for each leg apart: an OR across legs uses no index.
    """
    return or_(VIEWER_SEES_ALL, in_subtree(owner))
