"""The opportunities behind a part of a movement, those of them that the viewer may see now."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Date,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    text,
)

from orgchart.viewer import Viewer
from servicekit.data.lists import COUNTED_TO, Slice, SortKey, Window
from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Questions
from services.opportunity.movement.rules.kinds import Kind, facts_of
from services.opportunity.movement.store.ends import binds_in, moved_sql
from services.opportunity.movement.store.groups import Question, binds_of
from services.opportunity.opportunities.store.rows import may_see
from services.opportunity.opportunities.tables import opportunity
from services.opportunity.shapes import Shapes


@dataclass(frozen=True, slots=True)
class MovedOpportunity:
    """An opportunity at both ends; what is told of a time at which it did not exist yet is null."""

    id: UUID
    name: str
    created_at: datetime
    state: str
    existed: bool
    start_principal_id: UUID | None
    start_version: int | None
    start_stage: str | None
    start_state: str | None
    start_currency: str | None
    start_amount: Decimal | None
    start_expected_close: date | None
    end_principal_id: UUID
    end_version: int
    end_stage: str
    end_state: str
    end_currency: str
    end_amount: Decimal | None
    end_expected_close: date | None


_KINDS: dict[str, Any] = {
    "principal_id": Uuid(),
    "version": Integer(),
    "stage": Text(),
    "state": Text(),
    "currency": Text(),
    "worth": Numeric(),
    "expected_close": Date(),
}
_FACTS = (
    "concat(was_in::int, is_in::int, was_open::int, (start_branch IS NOT NULL)::int, "
    "(end_branch IS NOT NULL)::int, end_state, ' ', direction, ' ', step)"
)
_lists: Shapes[MovedOpportunity] = Shapes()
_counts: Shapes[Any] = Shapes()
SORTS = {"created_at": SortKey(opportunity.c.created_at)}


def sorting() -> tuple[dict[str, SortKey], Any, str]:
    """Return by what the list can be sorted: its keys, what breaks ties, and the default."""
    return SORTS, opportunity.c.id, "-created_at"


def _moved(form: str, *, period: bool) -> Any:
    query = f"{moved_sql(form, period=period)} SELECT moved.*, {_FACTS} AS facts FROM moved"  # noqa: S608
    columns = [column(f"{end}_{name}", kind) for end in ("start", "end") for name, kind in _KINDS.items()]
    return (
        text(query)
        .bindparams(*binds_in(query))
        .columns(column("id", Uuid()), column("existed", Boolean()), column("facts", Text()), *columns)
        .subquery("moved")
    )


def _seen(moved: Any) -> list[Any]:
    return [moved.c.facts == any_(bindparam("facts", type_=ARRAY(Text()))), may_see()]


def _listed(form: str, period: bool, window: Window) -> Statement[MovedOpportunity]:
    moved, o = _moved(form, period=period), opportunity.c
    told = [
        moved.c[f"{end}_{name}"].label(f"{end}_{'amount' if name == 'worth' else name}")
        for end in ("start", "end")
        for name in _KINDS
    ]
    query = (
        select(o.id, o.name, o.created_at, o.state, moved.c.existed, *told)
        .select_from(moved.join(opportunity, o.id == moved.c.id))
        .where(*_seen(moved))
    )
    if window.is_continued:
        query = query.where(window.order.after())
    return prepared(query.order_by(*window.order.by()).limit(bindparam("limit")), into=MovedOpportunity)


def _counted(form: str, period: bool) -> Statement[Any]:
    moved = _moved(form, period=period)
    query = select(opportunity.c.id).select_from(moved.join(opportunity, opportunity.c.id == moved.c.id))
    some = query.where(*_seen(moved)).limit(COUNTED_TO + 1).subquery()
    return prepared(select(func.count(literal_column("1"))).select_from(some))


async def list_moved(
    tx: Questions, viewer: Viewer, question: Question, kind: Kind, window: Window
) -> Slice[MovedOpportunity]:
    """Return a page of the opportunities behind a part."""
    shape = question.shape
    statement = _lists.statement((shape, window.shape), lambda: _listed(*shape, window))
    binds = await binds_of(tx, question) | {"facts": facts_of(kind)}
    rows = await tx.all(statement, viewer=viewer, **binds, **window.binds)
    total = None
    if window.with_total:
        total = await tx.value(_counts.statement(shape, lambda: _counted(*shape)), viewer=viewer, **binds)
    return window.slice(rows, total)
